// SPDX-License-Identifier: Apache-2.0
#include "runtime/execution/storage.hpp"

#include <algorithm>

#include "runtime/base/error.hpp"
#include "runtime/data/random.hpp"

namespace warpstep::execution {
namespace {

using InitKind = workload::BufferInit::Kind;

// Elements generated at a time for a device whose memory the CPU cannot write.
constexpr std::int64_t initialised_at_once = 4 << 20;

double element(const plan::BufferPlan& plan, std::int64_t i) {
    const auto index = static_cast<std::uint64_t>(i);
    switch (plan.init) {
        case InitKind::zero:
            return 0;
        case InitKind::number:
            return plan.number;
        case InitKind::iota:
            return static_cast<double>(i);
        case InitKind::uniform:
            return data::random_uniform(plan.seed, index);
        case InitKind::normal:
            return data::random_normal(plan.seed, index);
        case InitKind::small_integers:
            return data::random_small_integer(plan.seed, index);
        case InitKind::file:
            break;
    }
    return 0;
}

device::Memory memory_of(workload::MemoryKind kind) {
    switch (kind) {
        case workload::MemoryKind::device:
            return device::Memory::device;
        case workload::MemoryKind::managed:
            return device::Memory::managed;
        case workload::MemoryKind::host:
            return device::Memory::host;
        case workload::MemoryKind::host_pinned:
            return device::Memory::host_pinned;
    }
    return device::Memory::device;
}

// Elements [begin, end) of the buffer's content to `to`, by the task's cores.
void generate(const plan::BufferPlan& plan, std::int64_t begin, std::int64_t end, void* to,
              const device::host::Cores& cores) {
    if (plan.file) return plan.file->read(begin, end, to);
    with_type(plan.dtype, [&](auto zero) {
        using T = decltype(zero);
        T* out = static_cast<T*>(to);
        cores.for_range(end - begin, [&](std::int64_t first, std::int64_t last) {
            for (std::int64_t i = first; i < last; ++i) {
                out[i] = static_cast<T>(element(plan, begin + i));
            }
        });
    });
}

}  // namespace

Storage::Storage(const Machine& machine, const std::vector<plan::BufferPlan>& plans)
    : machine_(machine) {
    for (const auto& plan : plans) {
        NamedBuffer buffer{plan, nullptr};
        // Several members of one thread cannot wait for each other in NCCL's own allocator.
        const bool together =
            machine.devices == 1 || machine.device.facts().kind == device::Kind::host;
        if (plan.collective && together) {
            buffer.memory = machine.communicator.allocate(plan.bytes());
        } else {
            buffer.memory = machine.device.allocate(plan.bytes(), memory_of(plan.memory));
        }
        buffers_.emplace(plan.name, std::move(buffer));
    }
}

const NamedBuffer& Storage::at(const std::string& name) const {
    const auto it = buffers_.find(name);
    if (it == buffers_.end()) fail<LogicError>("no buffer '{}'", name);
    return it->second;
}

void Storage::add_scratch(const std::string& name, const std::string& like) {
    if (has(name)) return;
    NamedBuffer buffer{at(like).plan, nullptr};
    buffer.plan.name = name;
    buffer.plan.collective = false;
    buffer.memory = machine_.device.allocate(buffer.plan.bytes(), device::Memory::device);
    buffers_.insert_or_assign(name, std::move(buffer));
}

void Storage::initialize(device::Stream& stream) const {
    for (const auto& [name, buffer] : buffers_) initialize(buffer, stream);
}

void Storage::initialize(const NamedBuffer& buffer, device::Stream& stream) const {
    const plan::BufferPlan& plan = buffer.plan;
    const bool reachable = machine_.device.facts().kind == device::Kind::host ||
                           (!plan.collective && plan.memory != workload::MemoryKind::device);
    if (reachable) {
        generate(plan, 0, plan.count, buffer.data(), machine_.cores);
        return;
    }
    const std::int64_t block = std::min(plan.count, initialised_at_once);
    const std::size_t size = size_of(plan.dtype);
    const auto staged = machine_.device.allocate(static_cast<std::size_t>(block) * size,
                                                 device::Memory::host_pinned);
    const bool alike = plan.init == InitKind::zero || plan.init == InitKind::number;
    if (alike) generate(plan, 0, block, staged->data(), machine_.cores);
    for (std::int64_t begin = 0; begin < plan.count; begin += block) {
        const std::int64_t end = std::min(plan.count, begin + block);
        if (!alike) {
            stream.synchronize();
            generate(plan, begin, end, staged->data(), machine_.cores);
        }
        machine_.device.copy(
            static_cast<char*>(buffer.data()) + static_cast<std::size_t>(begin) * size,
            staged->data(), static_cast<std::size_t>(end - begin) * size, stream);
    }
    stream.synchronize();
}

std::vector<char> Storage::read(const std::string& name, std::int64_t begin, std::int64_t count,
                                device::Stream& stream) const {
    const NamedBuffer& buffer = at(name);
    const std::size_t size = size_of(buffer.plan.dtype);
    std::vector<char> bytes(static_cast<std::size_t>(count) * size);
    machine_.device.copy(
        bytes.data(),
        static_cast<const char*>(buffer.data()) + static_cast<std::size_t>(begin) * size,
        bytes.size(), stream);
    stream.synchronize();
    return bytes;
}

void Storage::write(const std::string& name, const std::vector<char>& bytes,
                    device::Stream& stream) const {
    machine_.device.copy(at(name).data(), bytes.data(), bytes.size(), stream);
    stream.synchronize();
}

}  // namespace warpstep::execution
