// SPDX-License-Identifier: Apache-2.0
#include "runtime/comm/task_members.hpp"

#include <cstring>
#include <functional>
#include <utility>

#include "runtime/base/error.hpp"
#include "runtime/comm/host/elementwise.hpp"

namespace warpstep::comm {
namespace {

/// What one member brings to an operation.
struct Part {
    const char* send = nullptr;
    char* recv = nullptr;
};

/// The members of one task: collects their parts and carries an operation out once all are there.
class Task {
  public:
    using Parts = std::vector<Part>;

    Task(std::unique_ptr<Communicator> tasks, int devices)
        : tasks_(std::move(tasks)), devices_(devices) {}

    void bring(Part part, const std::function<void(Parts&)>& carry_out) {
        parts_.push_back(part);
        if (static_cast<int>(parts_.size()) < devices_) return;
        Parts parts = std::exchange(parts_, {});
        carry_out(parts);
    }
    Communicator& tasks() const { return *tasks_; }
    int devices() const { return devices_; }
    bool is_waiting() const { return !parts_.empty(); }

  private:
    std::unique_ptr<Communicator> tasks_;
    int devices_;
    Parts parts_;
};

using Parts = Task::Parts;
using Bytes = std::vector<char>;

// The sum of the parts, in the order of the members.
Bytes folded(const Parts& parts, std::size_t count, DType dtype, ReduceOp op) {
    const ReduceOp within = op == ReduceOp::avg ? ReduceOp::sum : op;
    Bytes all(count * size_of(dtype));
    std::memcpy(all.data(), parts.front().send, all.size());
    for (std::size_t i = 1; i < parts.size(); ++i) {
        host::accumulate(dtype, within, all.data(), parts[i].send, count);
    }
    return all;
}

void give_to_all(const Parts& parts, const Bytes& bytes) {
    for (const Part& part : parts) std::memcpy(part.recv, bytes.data(), bytes.size());
}

// Every member's part in the order of the members.
Bytes joined(const Parts& parts, std::size_t bytes) {
    Bytes all(parts.size() * bytes);
    for (std::size_t i = 0; i < parts.size(); ++i) {
        std::memcpy(all.data() + i * bytes, parts[i].send, bytes);
    }
    return all;
}

void deal(const Parts& parts, const Bytes& all, std::size_t bytes) {
    for (std::size_t i = 0; i < parts.size(); ++i) {
        std::memcpy(parts[i].recv, all.data() + i * bytes, bytes);
    }
}

class TaskMember final : public Communicator {
  public:
    TaskMember(std::shared_ptr<Task> task, device::Device& device, int place)
        : task_(std::move(task)), device_(device), place_(place) {}

    int rank() const override { return tasks().rank() * task_->devices() + place_; }
    int size() const override { return tasks().size() * task_->devices(); }
    std::string backend() const override { return tasks().backend(); }

    // What crosses between tasks is the first member's.
    std::unique_ptr<device::Buffer> allocate(std::size_t bytes) override {
        if (place_ == 0) return tasks().allocate(bytes);
        return device_.allocate(bytes, device::Memory::device);
    }

    void all_reduce(const void* send, void* recv, std::size_t count, DType dtype, ReduceOp op,
                    device::Stream& stream) override {
        bring(send, recv, [&](Parts& parts) {
            Bytes all = reduced(parts, count, dtype, op, stream);
            give_to_all(parts, all);
        });
    }

    void broadcast(void* buffer, std::size_t count, DType dtype, int root,
                   device::Stream& stream) override {
        bring(buffer, buffer, [&](Parts& parts) {
            const int k = task_->devices();
            Bytes bytes(count * size_of(dtype));
            if (tasks().rank() == root / k) {
                std::memcpy(bytes.data(), parts[static_cast<std::size_t>(root % k)].send,
                            bytes.size());
            }
            tasks().broadcast(bytes.data(), count, dtype, root / k, stream);
            give_to_all(parts, bytes);
        });
    }

    void all_gather(const void* send, void* recv, std::size_t count, DType dtype,
                    device::Stream& stream) override {
        bring(send, recv, [&](Parts& parts) {
            const Bytes own = joined(parts, count * size_of(dtype));
            Bytes all(own.size() * static_cast<std::size_t>(tasks().size()));
            tasks().all_gather(own.data(), all.data(), count * parts.size(), dtype, stream);
            give_to_all(parts, all);
        });
    }

    void reduce(const void* send, void* recv, std::size_t count, DType dtype, ReduceOp op, int root,
                device::Stream& stream) override {
        bring(send, recv, [&](Parts& parts) {
            const Bytes all = reduced(parts, count, dtype, op, stream);
            if (Part* part = own(parts, root)) std::memcpy(part->recv, all.data(), all.size());
        });
    }

    void reduce_scatter(const void* send, void* recv, std::size_t count, DType dtype, ReduceOp op,
                        device::Stream& stream) override {
        bring(send, recv, [&](Parts& parts) {
            const std::size_t bytes = count * size_of(dtype);
            const Bytes all =
                reduced(parts, count * static_cast<std::size_t>(size()), dtype, op, stream);
            const auto first = static_cast<std::size_t>(tasks().rank()) * parts.size() * bytes;
            for (std::size_t i = 0; i < parts.size(); ++i) {
                std::memcpy(parts[i].recv, all.data() + first + i * bytes, bytes);
            }
        });
    }

    void all_to_all(const void* send, void* recv, std::size_t count, DType dtype,
                    device::Stream& stream) override {
        bring(send, recv, [&](Parts& parts) {
            const std::size_t bytes = count * size_of(dtype);
            const auto n = static_cast<std::size_t>(size());
            const Bytes own = joined(parts, n * bytes);
            Bytes all(own.size() * static_cast<std::size_t>(tasks().size()));
            tasks().all_gather(own.data(), all.data(), n * count * parts.size(), dtype, stream);
            const auto mine = static_cast<std::size_t>(tasks().rank()) * parts.size();
            for (std::size_t i = 0; i < parts.size(); ++i) {
                for (std::size_t from = 0; from < n; ++from) {
                    std::memcpy(parts[i].recv + from * bytes,
                                all.data() + (from * n + mine + i) * bytes, bytes);
                }
            }
        });
    }

    void gather(const void* send, void* recv, std::size_t count, DType dtype, int root,
                device::Stream& stream) override {
        bring(send, recv, [&](Parts& parts) {
            const Bytes own_parts = joined(parts, count * size_of(dtype));
            Bytes all(own_parts.size() * static_cast<std::size_t>(tasks().size()));
            tasks().gather(own_parts.data(), all.data(), count * parts.size(), dtype,
                           root / task_->devices(), stream);
            if (Part* part = own(parts, root)) std::memcpy(part->recv, all.data(), all.size());
        });
    }

    void scatter(const void* send, void* recv, std::size_t count, DType dtype, int root,
                 device::Stream& stream) override {
        bring(send, recv, [&](Parts& parts) {
            const std::size_t bytes = count * size_of(dtype);
            const Part* part = own(parts, root);
            Bytes dealt(parts.size() * bytes);
            tasks().scatter(part == nullptr ? nullptr : part->send, dealt.data(),
                            count * parts.size(), dtype, root / task_->devices(), stream);
            deal(parts, dealt, bytes);
        });
    }

    void send(const void*, std::size_t, DType, int, device::Stream&) override { refuse_messages(); }
    void recv(void*, std::size_t, DType, int, device::Stream&) override { refuse_messages(); }
    void group(const std::function<void()>& body) override { body(); }
    void barrier(device::Stream& stream) override {
        bring(nullptr, nullptr, [&](Parts&) { tasks().barrier(stream); });
    }
    std::unique_ptr<Communicator> split(int, int) override {
        fail<ConfigError>(
            "groups are made of tasks with one device each (this task has {}); use "
            "gpus_per_task: 1",
            task_->devices());
    }

    void wait(device::Stream& stream) override {
        if (task_->is_waiting())
            fail<LogicError>("a device of this task has not joined the others");
        tasks().wait(stream);
    }

  private:
    Communicator& tasks() const { return task_->tasks(); }

    void bring(const void* send, void* recv, const std::function<void(Parts&)>& carry_out) {
        task_->bring({static_cast<const char*>(send), static_cast<char*>(recv)}, carry_out);
    }

    Bytes reduced(const Parts& parts, std::size_t count, DType dtype, ReduceOp op,
                  device::Stream& stream) const {
        Bytes all = folded(parts, count, dtype, op);
        const ReduceOp between = op == ReduceOp::avg ? ReduceOp::sum : op;
        tasks().all_reduce(all.data(), all.data(), count, dtype, between, stream);
        if (op == ReduceOp::avg) host::divide(dtype, all.data(), count, size());
        return all;
    }

    // The part of the member with this rank, where it is one of this task.
    Part* own(Parts& parts, int member) const {
        if (member / task_->devices() != tasks().rank()) return nullptr;
        return &parts[static_cast<std::size_t>(member % task_->devices())];
    }

    [[noreturn]] void refuse_messages() const {
        fail<ConfigError>(
            "messages between ranks need tasks with one device each (this task has {}); use "
            "gpus_per_task: 1",
            task_->devices());
    }

    std::shared_ptr<Task> task_;
    device::Device& device_;
    int place_;
};

}  // namespace

std::vector<std::unique_ptr<Communicator>> task_members(
    std::unique_ptr<Communicator> tasks, const std::vector<device::Device*>& devices) {
    const auto task = std::make_shared<Task>(std::move(tasks), static_cast<int>(devices.size()));
    std::vector<std::unique_ptr<Communicator>> members;
    for (std::size_t i = 0; i < devices.size(); ++i) {
        members.push_back(std::make_unique<TaskMember>(task, *devices[i], static_cast<int>(i)));
    }
    return members;
}

}  // namespace warpstep::comm
