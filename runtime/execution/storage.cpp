// SPDX-License-Identifier: Apache-2.0
#include "runtime/execution/storage.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <numeric>

#include "runtime/base/error.hpp"
#include "runtime/base/units.hpp"
#include "runtime/execution/random.hpp"

namespace warpstep::execution {
namespace {

using InitKind = workload::BufferInit::Kind;

// Elements generated at a time for a device whose memory the CPU cannot write.
constexpr std::int64_t initialised_at_once = 4 << 20;

std::vector<std::int64_t> shape_of(const workload::BufferSpec& spec, const RankScope& scope) {
    const std::int64_t limit =
        (std::int64_t{1} << 62) / static_cast<std::int64_t>(size_of(spec.dtype));
    std::vector<std::int64_t> shape;
    std::int64_t count = 1;
    for (const auto& extent : spec.shape) {
        const std::int64_t value = extent.evaluate_count(scope);
        if (value < 0) {
            fail<ConfigError>("{}: buffer '{}' has {} elements ({}); give a count of 0 or more",
                              show(spec.mark), spec.name, value, extent.text());
        }
        if (value != 0 && count > limit / value) {
            fail<ConfigError>(
                "{}: buffer '{}' is larger than any memory ({} elements); give a smaller count",
                show(spec.mark), spec.name, extent.text());
        }
        count *= value;
        shape.push_back(value);
    }
    return shape;
}

// Refuses first values that whole numbers of this type cannot hold.
void check_init(const BufferPlan& plan, const workload::BufferSpec& spec) {
    if (is_floating(plan.dtype)) return;
    double least = 0, most = 0;
    switch (plan.init) {
        case InitKind::zero:
            return;
        case InitKind::number:
            least = most = plan.number;
            break;
        case InitKind::iota:
            most = static_cast<double>(std::max<std::int64_t>(0, plan.count - 1));
            break;
        case InitKind::small_integers:
            least = -8;
            most = 8;
            break;
        case InitKind::file:
            return;
        case InitKind::uniform:
        case InitKind::normal:
            fail<ConfigError>(
                "{}: buffer '{}' is {} (uniform and normal make fractions); use small_integers or "
                "another dtype",
                show(spec.mark), plan.name, name_of(plan.dtype));
    }
    const bool fits = with_type(plan.dtype, [&](auto zero) {
        using Limits = std::numeric_limits<decltype(zero)>;
        return least >= static_cast<double>(Limits::lowest()) &&
               most < static_cast<double>(Limits::max()) + 1 && most == std::floor(most);
    });
    if (!fits) {
        fail<ConfigError>(
            "{}: buffer '{}' is {} (values from {} to {} do not fit); use another init or dtype",
            show(spec.mark), plan.name, name_of(plan.dtype), least, most);
    }
}

double element(const BufferPlan& plan, std::int64_t i) {
    const auto index = static_cast<std::uint64_t>(i);
    switch (plan.init) {
        case InitKind::zero:
            return 0;
        case InitKind::number:
            return plan.number;
        case InitKind::iota:
            return static_cast<double>(i);
        case InitKind::uniform:
            return random_uniform(plan.seed, index);
        case InitKind::normal:
            return random_normal(plan.seed, index);
        case InitKind::small_integers:
            return random_small_integer(plan.seed, index);
        case InitKind::file:
            break;
    }
    return 0;
}

std::shared_ptr<const BufferFile> open_file(const workload::BufferSpec& spec,
                                            const BufferPlan& plan, const RankScope& scope) {
    const std::int64_t offset = spec.init.offset ? spec.init.offset->evaluate_count(scope) : 0;
    try {
        return std::make_shared<const BufferFile>(spec.init.file, plan.dtype, plan.count, offset);
    } catch (const ConfigError& error) {
        fail<ConfigError>("{}: buffer '{}': {}", show(spec.mark), spec.name, error.what());
    }
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
void generate(const BufferPlan& plan, std::int64_t begin, std::int64_t end, void* to,
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

std::vector<BufferPlan> plan_buffers(const workload::Workload& workload, const RankScope& scope,
                                     const std::set<std::string>& collective) {
    std::vector<BufferPlan> plans;
    for (const auto& spec : workload.buffers) {
        BufferPlan plan;
        plan.name = spec.name;
        plan.dtype = spec.dtype;
        plan.shape = shape_of(spec, scope);
        plan.count = std::accumulate(plan.shape.begin(), plan.shape.end(), std::int64_t{1},
                                     std::multiplies<>());
        plan.memory = spec.memory;
        plan.init = spec.init.kind;
        if (spec.init.number) plan.number = spec.init.number->evaluate_number(scope);
        if (spec.init.seed) {
            plan.seed = static_cast<std::uint64_t>(spec.init.seed->evaluate_count(scope));
        }
        plan.collective = collective.count(spec.name) > 0;
        check_init(plan, spec);
        if (plan.init == InitKind::file) plan.file = open_file(spec, plan, scope);
        plans.push_back(plan);
    }
    return plans;
}

Storage::Storage(const Machine& machine, const std::vector<BufferPlan>& plans) : machine_(machine) {
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
    const BufferPlan& plan = buffer.plan;
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
