// SPDX-License-Identifier: Apache-2.0
#include "runtime/cli/member.hpp"

#include "runtime/base/error.hpp"
#include "runtime/base/log.hpp"
#include "runtime/comm/memory_exchange.hpp"
#include "runtime/comm/pmix_exchange.hpp"
#include "runtime/step/join.hpp"

namespace warpstep::cli {
namespace {

void meet_in_memory(Member& member, std::span<std::byte> memory) {
    member.exchange = std::make_unique<comm::MemoryExchange>(memory, member.step);
}

std::unique_ptr<Member> join_local(int local_ranks, int& exit_code) {
    auto child = step::start_local_ranks(local_ranks, comm::MemoryExchange::bytes_for(local_ranks),
                                         exit_code);
    if (!child) return nullptr;
    auto member = std::make_unique<Member>();
    member->step = std::move(child->step);
    member->shared = std::move(child->shared);
    meet_in_memory(*member, member->shared->bytes());
    return member;
}

// A launcher of several ranks is named twice when --local-ranks stands under srun.
void refuse_ranks_inside_ranks() {
    const step::Environment environment = step::read_environment();
    if ((!environment.in_step() && !environment.pmix_rank) || environment.task_count() == 1) return;
    fail<ConfigError>(
        "--local-ranks under a launcher (srun started {} tasks already); drop one of the two",
        environment.task_count());
}

std::unique_ptr<Member> join_launcher() {
    auto member = std::make_unique<Member>();
    try {
        step::Identity identity = step::join_step(member->session);
        for (const auto& hint : identity.hints) log::warn(hint);
        member->step = std::move(identity.step);
    } catch (const Error& error) {
        if (!member->session) throw;
        log::error(error.what());  // before the abort, which ends this process too
        member->session->abort(static_cast<int>(error.code()), error.what());
    }
    if (member->session) {
        member->exchange = std::make_unique<comm::PmixExchange>(*member->session, member->step);
    } else {
        member->alone.resize(comm::MemoryExchange::bytes_for(1));
        meet_in_memory(*member, member->alone);
    }
    return member;
}

// Enough for every peer's parent to start its child.
Deadline time_to_meet(int ranks) {
    return Deadline::in(std::chrono::seconds(20 + ranks / 16));
}

std::unique_ptr<Member> join_given(comm::GivenPeers peers) {
    auto member = std::make_unique<Member>();
    member->channel = comm::meet(peers, time_to_meet(peers.step.size));
    member->step = std::move(peers.step);
    member->seat = std::move(peers.seat);
    return member;
}

}  // namespace

void Member::end_step(int code, const std::string& why) noexcept {
    if (session) session->abort(code, why);
}

std::unique_ptr<Member> join_ranks(int local_ranks, int& exit_code) {
    if (auto peers = comm::given_peers()) {
        if (local_ranks != 0)
            fail<ConfigError>("--local-ranks with WARPSTEP_PEERS (the peers are given); drop one");
        return join_given(std::move(*peers));
    }
    if (local_ranks == 0) return join_launcher();
    refuse_ranks_inside_ranks();
    return join_local(local_ranks, exit_code);
}

}  // namespace warpstep::cli
