// SPDX-License-Identifier: Apache-2.0
// A copy out of another task's memory, inside a node.
#include "runtime/base/deadline.hpp"
#include "runtime/base/error.hpp"
#include "runtime/execution/operation_kinds.hpp"

namespace warpstep::execution {
namespace {

constexpr std::chrono::seconds longest_exchange{60};

/// to <- the `from` of the task `shift` places further in the ring of the node's local ranks. On
/// CUDA the GPU reads its peer's memory directly (CUDA IPC, opened at the first issue); on the host
/// it is a message. Collective; does not wait for what the peer may still be writing: a barrier
/// before it does.
class PeerCopy final : public Operation {
  public:
    PeerCopy(const NamedBuffer& from, const NamedBuffer& to, std::int64_t shift,
             const Machine& machine)
        : from_(from), to_(to), machine_(machine) {
        const auto& ranks = machine.step.node_ranks[static_cast<std::size_t>(machine.step.node)];
        const auto n = static_cast<std::int64_t>(ranks.size());
        const auto rank_at = [&](std::int64_t place) {
            return ranks[static_cast<std::size_t>((place % n + n) % n)];
        };
        source_ = rank_at(machine.step.local_rank + shift % n);
        reader_ = rank_at(machine.step.local_rank - shift % n);
    }

    void issue(device::Stream& stream) override {
        if (machine_.device.facts().kind == device::Kind::host) return exchange(stream);
        if (!opened_) open();
        const void* from = peer_ != nullptr ? peer_->data() : from_.data();
        machine_.device.copy(to_.data(), from, from_.plan.bytes(), stream);
    }
    double bytes() const override { return static_cast<double>(from_.plan.bytes()); }
    std::vector<std::string> writes() const override { return {to_.plan.name}; }

  private:
    void exchange(device::Stream& stream) const {
        auto& communicator = machine_.communicator;
        const auto count = static_cast<std::size_t>(from_.plan.count);
        communicator.group([&] {
            communicator.send(from_.data(), count, from_.plan.dtype, reader_, stream);
            communicator.recv(to_.data(), count, to_.plan.dtype, source_, stream);
        });
    }

    // A task that is its own peer has nothing to open, but every rank takes part in the exchange.
    void open() {
        opened_ = true;
        const auto handles = machine_.channel.all_gather(machine_.device.share(*from_.memory),
                                                         Deadline::in(longest_exchange));
        if (source_ == machine_.step.rank) return;
        peer_ = machine_.device.open_shared(handles[static_cast<std::size_t>(source_)],
                                            from_.plan.bytes());
    }

    const NamedBuffer& from_;
    const NamedBuffer& to_;
    const Machine& machine_;
    int source_ = 0, reader_ = 0;
    bool opened_ = false;
    std::unique_ptr<device::Buffer> peer_;
};

}  // namespace

std::unique_ptr<Operation> make_peer_copy(const workload::Step& step, Bindings& bindings) {
    const auto shift = step.with.find("shift");
    return std::make_unique<PeerCopy>(
        buffer_argument(step, "from", bindings), buffer_argument(step, "to", bindings),
        shift == step.with.end() ? 1 : shift->second.value.evaluate_count(bindings.scope),
        bindings.machine);
}

}  // namespace warpstep::execution
