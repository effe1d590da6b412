// SPDX-License-Identifier: Apache-2.0
// Steps that communicate.
#include <array>

#include "runtime/base/error.hpp"
#include "runtime/execution/operation_kinds.hpp"

namespace warpstep::execution {
namespace {

using comm::Communicator;
using comm::ReduceOp;

ReduceOp reduce_op(const workload::Step& step) {
    constexpr std::array<std::pair<std::string_view, ReduceOp>, 5> ops{{{"sum", ReduceOp::sum},
                                                                        {"avg", ReduceOp::avg},
                                                                        {"min", ReduceOp::min},
                                                                        {"max", ReduceOp::max},
                                                                        {"prod", ReduceOp::prod}}};
    const auto it = step.with.find("op");
    if (it == step.with.end()) return ReduceOp::sum;
    for (const auto& [name, op] : ops) {
        if (it->second.value.root().text == name) return op;
    }
    fail<ConfigError>("op '{}' is unknown; use sum, avg, min, max or prod",
                      it->second.value.root().text);
}

class AllReduce final : public Operation {
  public:
    AllReduce(const NamedBuffer& from, const NamedBuffer& to, ReduceOp op,
              Communicator& communicator)
        : from_(from), to_(to), op_(op), communicator_(communicator) {
        if (from.plan.count != to.plan.count || from.plan.dtype != to.plan.dtype) {
            fail<ConfigError>(
                "'{}' is {} {} but '{}' is {} {} (all_reduce needs the same type and count); "
                "change one",
                from.plan.name, from.plan.count, name_of(from.plan.dtype), to.plan.name,
                to.plan.count, name_of(to.plan.dtype));
        }
    }
    void issue(device::Stream& stream) override {
        communicator_.all_reduce(from_.data(), to_.data(), static_cast<std::size_t>(to_.plan.count),
                                 to_.plan.dtype, op_, stream);
    }
    double message_bytes() const override { return static_cast<double>(to_.plan.bytes()); }
    // nccl-tests, doc/PERFORMANCE.md: each byte crosses 2 (n - 1) / n links.
    double bus_factor() const override {
        const double n = communicator_.size();
        return 2 * (n - 1) / n;
    }
    std::vector<std::string> writes() const override { return {to_.plan.name}; }
    std::vector<std::string> updates() const override {
        return &from_ == &to_ ? std::vector<std::string>{to_.plan.name}
                              : std::vector<std::string>{};
    }

  private:
    const NamedBuffer& from_;
    const NamedBuffer& to_;
    ReduceOp op_;
    Communicator& communicator_;
};

class Broadcast final : public Operation {
  public:
    Broadcast(const NamedBuffer& buffer, std::int64_t root, Communicator& communicator)
        : buffer_(buffer), root_(static_cast<int>(root)), communicator_(communicator) {
        if (root < 0 || root >= communicator.size()) {
            fail<ConfigError>("root {} is no rank (there are {}); use 0 to {}", root,
                              communicator.size(), communicator.size() - 1);
        }
    }
    void issue(device::Stream& stream) override {
        communicator_.broadcast(buffer_.data(), static_cast<std::size_t>(buffer_.plan.count),
                                buffer_.plan.dtype, root_, stream);
    }
    double message_bytes() const override { return static_cast<double>(buffer_.plan.bytes()); }
    double bus_factor() const override { return communicator_.size() > 1 ? 1 : 0; }
    std::vector<std::string> writes() const override { return {buffer_.plan.name}; }
    std::vector<std::string> updates() const override { return {buffer_.plan.name}; }

  private:
    const NamedBuffer& buffer_;
    int root_;
    Communicator& communicator_;
};

class AllGather final : public Operation {
  public:
    AllGather(const NamedBuffer& from, const NamedBuffer& to, Communicator& communicator)
        : from_(from), to_(to), communicator_(communicator) {
        if (to.plan.dtype != from.plan.dtype ||
            to.plan.count != from.plan.count * communicator.size()) {
            fail<ConfigError>(
                "'{}' is {} {} but '{}' is {} {} (it must hold {} times as many of one type); use "
                "count: "
                "{} * ranks",
                from.plan.name, from.plan.count, name_of(from.plan.dtype), to.plan.name,
                to.plan.count, name_of(to.plan.dtype), communicator.size(), from.plan.count);
        }
    }
    void issue(device::Stream& stream) override {
        communicator_.all_gather(from_.data(), to_.data(),
                                 static_cast<std::size_t>(from_.plan.count), from_.plan.dtype,
                                 stream);
    }
    double message_bytes() const override { return static_cast<double>(to_.plan.bytes()); }
    double bus_factor() const override {
        const double n = communicator_.size();
        return (n - 1) / n;
    }
    std::vector<std::string> writes() const override { return {to_.plan.name}; }

  private:
    const NamedBuffer& from_;
    const NamedBuffer& to_;
    Communicator& communicator_;
};

class Barrier final : public Operation {
  public:
    explicit Barrier(Communicator& communicator) : communicator_(communicator) {}
    void issue(device::Stream& stream) override { communicator_.barrier(stream); }

  private:
    Communicator& communicator_;
};

}  // namespace

std::unique_ptr<Operation> make_collective(const workload::Step& step, Bindings& bindings) {
    Communicator& communicator = bindings.machine.communicator;
    if (step.run == "barrier") return std::make_unique<Barrier>(communicator);
    if (step.run == "all_gather") {
        return std::make_unique<AllGather>(buffer_argument(step, "from", bindings),
                                           buffer_argument(step, "to", bindings), communicator);
    }
    if (step.run == "broadcast") {
        const auto root = step.with.find("root");
        return std::make_unique<Broadcast>(
            buffer_argument(step, "buffer", bindings),
            root == step.with.end() ? 0 : root->second.value.evaluate_count(bindings.scope),
            communicator);
    }
    const bool in_place = step.with.count("buffer") > 0;
    if (in_place == (step.with.count("from") > 0 || step.with.count("to") > 0)) {
        fail<ConfigError>(
            "all_reduce needs either 'buffer' (in place) or 'from' and 'to'; give one form");
    }
    return std::make_unique<AllReduce>(
        buffer_argument(step, in_place ? "buffer" : "from", bindings),
        buffer_argument(step, in_place ? "buffer" : "to", bindings), reduce_op(step), communicator);
}

}  // namespace warpstep::execution
