// SPDX-License-Identifier: Apache-2.0
// Steps that communicate. One line of `carriers` is one collective: how often a byte crosses a
// link, and the communicator's function.
#include <algorithm>
#include <array>

#include "runtime/base/error.hpp"
#include "runtime/execution/operation_kinds.hpp"
#include "runtime/plan/collectives.hpp"

namespace warpstep::execution {
namespace {

using comm::Communicator;
using comm::ReduceOp;

constexpr std::array<std::pair<std::string_view, ReduceOp>, 5> reduce_ops{
    {{"sum", ReduceOp::sum},
     {"avg", ReduceOp::avg},
     {"min", ReduceOp::min},
     {"max", ReduceOp::max},
     {"prod", ReduceOp::prod}}};

struct Call {
    const void* from;
    void* to;
    std::size_t count;  ///< elements of one part
    DType dtype;
    ReduceOp op;
    int root;   ///< of rooted kinds
    int shift;  ///< of send_recv
    device::Stream& stream;
};

// nccl-tests, doc/PERFORMANCE.md: the share of the message that crosses each rank's link.
double twice_around(double n) {
    return 2 * (n - 1) / n;
}
double all_but_own(double n) {
    return (n - 1) / n;
}
double once(double n) {
    return n > 1 ? 1 : 0;
}

/// How one collective is carried out.
struct Carrier {
    std::string_view name;
    double (*bus_factor)(double ranks);
    void (*issue)(Communicator&, const Call&);
};

void all_gather(Communicator& c, const Call& x) {
    c.all_gather(x.from, x.to, x.count, x.dtype, x.stream);
}
void all_reduce(Communicator& c, const Call& x) {
    c.all_reduce(x.from, x.to, x.count, x.dtype, x.op, x.stream);
}
void all_to_all(Communicator& c, const Call& x) {
    c.all_to_all(x.from, x.to, x.count, x.dtype, x.stream);
}
void broadcast(Communicator& c, const Call& x) {
    c.broadcast(x.to, x.count, x.dtype, x.root, x.stream);
}
void gather(Communicator& c, const Call& x) {
    c.gather(x.from, x.to, x.count, x.dtype, x.root, x.stream);
}
void reduce(Communicator& c, const Call& x) {
    c.reduce(x.from, x.to, x.count, x.dtype, x.op, x.root, x.stream);
}
void reduce_scatter(Communicator& c, const Call& x) {
    c.reduce_scatter(x.from, x.to, x.count, x.dtype, x.op, x.stream);
}
void scatter(Communicator& c, const Call& x) {
    c.scatter(x.from, x.to, x.count, x.dtype, x.root, x.stream);
}
void send_recv(Communicator& c, const Call& x) {
    const int n = c.size();
    const int next = ((c.rank() + x.shift) % n + n) % n;
    const int previous = ((c.rank() - x.shift) % n + n) % n;
    c.group([&] {
        c.send(x.from, x.count, x.dtype, next, x.stream);
        c.recv(x.to, x.count, x.dtype, previous, x.stream);
    });
}

constexpr std::array<Carrier, 9> carriers{{
    {"all_gather", all_but_own, all_gather},
    {"all_reduce", twice_around, all_reduce},
    {"all_to_all", all_but_own, all_to_all},
    {"broadcast", once, broadcast},
    {"gather", all_but_own, gather},
    {"reduce", once, reduce},
    {"reduce_scatter", all_but_own, reduce_scatter},
    {"scatter", all_but_own, scatter},
    {"send_recv", once, send_recv},
}};

const Carrier& carrier_of(std::string_view name) {
    const auto it = std::find_if(carriers.begin(), carriers.end(),
                                 [&](const Carrier& carrier) { return carrier.name == name; });
    if (it == carriers.end()) fail<LogicError>("nobody carries out '{}'", name);
    return *it;
}

struct Choice {
    ReduceOp op = ReduceOp::sum;
    std::int64_t root = 0, shift = 1;
};

class Collective final : public Operation {
  public:
    Collective(const plan::CollectiveKind& kind, const NamedBuffer& from, const NamedBuffer& to,
               Choice choice, Communicator& communicator)
        : kind_(kind),
          carrier_(carrier_of(kind.name)),
          from_(from),
          to_(to),
          choice_(choice),
          communicator_(communicator) {}

    void issue(device::Stream& stream) override {
        const std::int64_t parts = kind_.to == plan::Holds::all ? communicator_.size() : 1;
        carrier_.issue(communicator_,
                       {from_.data(), to_.data(), static_cast<std::size_t>(to_.plan.count / parts),
                        to_.plan.dtype, choice_.op, static_cast<int>(choice_.root),
                        static_cast<int>(choice_.shift % communicator_.size()), stream});
    }
    // The larger side: what all parts together are.
    double message_bytes() const override {
        return static_cast<double>(std::max(from_.plan.bytes(), to_.plan.bytes()));
    }
    double bus_factor() const override { return carrier_.bus_factor(communicator_.size()); }
    std::vector<std::string> writes() const override { return {to_.plan.name}; }
    std::vector<std::string> updates() const override {
        return &from_ == &to_ ? std::vector<std::string>{to_.plan.name}
                              : std::vector<std::string>{};
    }

  private:
    const plan::CollectiveKind& kind_;
    const Carrier& carrier_;
    const NamedBuffer& from_;
    const NamedBuffer& to_;
    Choice choice_;
    Communicator& communicator_;
};

class Barrier final : public Operation {
  public:
    explicit Barrier(Communicator& communicator) : communicator_(communicator) {}
    void issue(device::Stream& stream) override { communicator_.barrier(stream); }

  private:
    Communicator& communicator_;
};

Choice choice_of(const workload::Step& step, const Bindings& bindings) {
    Choice choice;
    if (const auto op = step.with.find("op"); op != step.with.end()) {
        const std::string& word = op->second.value.root().text;
        const auto it = std::find_if(reduce_ops.begin(), reduce_ops.end(),
                                     [&](const auto& entry) { return entry.first == word; });
        if (it == reduce_ops.end()) fail<LogicError>("no op '{}'", word);
        choice.op = it->second;
    }
    const auto integer = [&](const char* name, std::int64_t& value) {
        const auto it = step.with.find(name);
        if (it != step.with.end()) value = it->second.value.evaluate_count(bindings.scope);
    };
    integer("root", choice.root);
    integer("shift", choice.shift);
    return choice;
}

}  // namespace

std::unique_ptr<Operation> make_collective(const workload::Step& step, Bindings& bindings) {
    Communicator& communicator = bindings.communicator;
    if (step.run == "barrier") return std::make_unique<Barrier>(communicator);
    const plan::CollectiveKind* kind = plan::find_collective(step.run);
    if (kind == nullptr) fail<LogicError>("no collective '{}'", step.run);
    const bool in_place = step.with.count("buffer") > 0;
    return std::make_unique<Collective>(
        *kind, buffer_argument(step, in_place ? "buffer" : "from", bindings),
        buffer_argument(step, in_place ? "buffer" : "to", bindings), choice_of(step, bindings),
        communicator);
}

}  // namespace warpstep::execution
