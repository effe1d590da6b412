// SPDX-License-Identifier: Apache-2.0
#include "runtime/comm/host/leaders.hpp"

#include <gloo/allreduce_halving_doubling.h>

#include <algorithm>
#include <cstdint>
#include <exception>
#include <map>
#include <thread>
#include <tuple>
#include <utility>

#include "runtime/comm/host/elementwise.hpp"
#include "runtime/comm/host/leader_links.hpp"
#include "runtime/comm/host/mesh.hpp"

namespace warpstep::comm::host {
namespace {

using std::chrono::milliseconds;

template <typename T, ReduceOp op>
const gloo::ReductionFunction<T>& function_for(DType dtype) {
    static const DType type = dtype;
    static const gloo::ReductionFunction<T> function(
        gloo::CUSTOM,
        [](T* into, const T* from, std::size_t count) { accumulate(type, op, into, from, count); });
    return function;
}

template <typename T>
const gloo::ReductionFunction<T>& function_for(DType dtype, ReduceOp op) {
    switch (op) {
        case ReduceOp::min:
            return function_for<T, ReduceOp::min>(dtype);
        case ReduceOp::max:
            return function_for<T, ReduceOp::max>(dtype);
        case ReduceOp::prod:
            return function_for<T, ReduceOp::prod>(dtype);
        case ReduceOp::sum:
        case ReduceOp::avg:
            break;
    }
    return function_for<T, ReduceOp::sum>(dtype);
}

}  // namespace

struct Leaders::State {
    using Key = std::tuple<void*, std::size_t, DType, ReduceOp>;

    const ControlChannel& channel;
    std::shared_ptr<Mesh> context;
    LeaderLinks links;
    std::map<Key, std::unique_ptr<gloo::Algorithm>> prepared;
    bool broken = false;
    /// Gloo's waits look at nothing but their own connections, so a failure elsewhere ends them
    /// from outside. The last member: no alarm after its destruction.
    ControlChannel::Alarm alarm;

    gloo::Algorithm& prepare(void* data, std::size_t count, DType dtype, ReduceOp op) {
        auto& algorithm = prepared[{data, count, dtype, op}];
        if (algorithm) return *algorithm;
        with_type(dtype, [&](auto zero) {
            using T = decltype(zero);
            algorithm = std::make_unique<gloo::AllreduceHalvingDoubling<T>>(
                context, std::vector<T*>{static_cast<T*>(data)}, static_cast<int>(count),
                &function_for<T>(dtype, op));
        });
        // Gloo's thread turns in circles while data comes for a buffer that is not registered yet.
        links.barrier();
        return *algorithm;
    }

    // Each leader begins with its neighbour, so that not all send to one at the same time.
    template <typename Body>
    void for_peers(Body&& body) {
        for (int step = 1; step < links.size(); ++step) body((links.here() + step) % links.size());
    }

    // The connection of a dead leader closes before rank 0 has told who died, so the channel gets a
    // moment to say it.
    template <typename Body>
    void guarded(const char* what, Body&& body) {
        try {
            body();
        } catch (const std::exception& error) {
            broken = true;
            const auto deadline = Deadline::in(milliseconds(1000));
            while (!channel.failure() && !deadline.passed()) {
                std::this_thread::sleep_for(milliseconds(5));
            }
            channel.check();
            fail<CommError>(
                "{} between the nodes failed ({}); see the other nodes' messages and whether their "
                "network is up",
                what, error.what());
        }
    }
};

Leaders::Leaders(std::unique_ptr<State> state) : state_(std::move(state)) {}

std::unique_ptr<Leaders> Leaders::connect(const step::Step& step, Exchange& exchange,
                                          const ControlChannel& channel, std::byte* area,
                                          std::size_t area_bytes, const std::string& my_address,
                                          Deadline setup, milliseconds operation_timeout) {
    auto context = connect_mesh(step, exchange, channel, my_address, setup, operation_timeout);
    if (!context) return nullptr;
    LeaderLinks links(context, area, area_bytes);
    auto alarm = channel.on_failure([context] { context->interrupt(); });
    auto state = std::unique_ptr<State>(
        new State{channel, std::move(context), std::move(links), {}, false, std::move(alarm)});
    return std::unique_ptr<Leaders>(new Leaders(std::move(state)));
}

// A leader that closes its connections while another still waits for the last bytes of the last
// operation would look dead to it, so all leave together; and a leader that gives up makes the
// others notice at once.
Leaders::~Leaders() {
    const bool orderly =
        !state_->broken && !state_->channel.failure() && std::uncaught_exceptions() == 0;
    try {
        if (orderly) state_->links.barrier();
    } catch (const std::exception&) {
        // The others are gone already.
    }
    state_->context->closeConnections();
}

void Leaders::all_reduce(void* data, std::size_t count, DType dtype, ReduceOp op) {
    const ReduceOp sums = op == ReduceOp::avg ? ReduceOp::sum : op;
    state_->guarded("all_reduce", [&] { state_->prepare(data, count, dtype, sums).run(); });
}

void Leaders::broadcast(void* data, std::size_t bytes, int root_node) {
    auto& links = state_->links;
    state_->guarded("broadcast", [&] {
        if (links.here() != root_node) {
            links.offer(root_node, data);
            return links.finish_receive(root_node);
        }
        state_->for_peers([&](int peer) { links.send(peer, data, bytes); });
        state_->for_peers([&](int peer) { links.finish_send(peer); });
    });
}

void Leaders::all_gather(void* data, const std::vector<std::size_t>& bytes) {
    auto& links = state_->links;
    std::vector<std::byte*> parts;
    auto* part = static_cast<std::byte*>(data);
    for (const std::size_t size : bytes) {
        parts.push_back(part);
        part += size;
    }
    const auto here = static_cast<std::size_t>(links.here());
    state_->guarded("all_gather", [&] {
        state_->for_peers(
            [&](int peer) { links.offer(peer, parts[static_cast<std::size_t>(peer)]); });
        state_->for_peers([&](int peer) { links.send(peer, parts[here], bytes[here]); });
        state_->for_peers([&](int peer) { links.finish_receive(peer); });
        state_->for_peers([&](int peer) { links.finish_send(peer); });
    });
}

void Leaders::barrier() {
    state_->guarded("barrier", [&] { state_->links.barrier(); });
}

}  // namespace warpstep::comm::host
