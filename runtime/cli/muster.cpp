// SPDX-License-Identifier: Apache-2.0
#include "runtime/cli/muster.hpp"

#include <algorithm>
#include <optional>

#include "runtime/base/error.hpp"
#include "runtime/base/text.hpp"
#include "runtime/cli/invitation.hpp"
#include "runtime/cli/member.hpp"
#include "runtime/comm/rank_names.hpp"
#include "runtime/step/discover.hpp"
#include "runtime/step/pmix_session.hpp"

namespace warpstep::cli {
namespace {

using std::chrono::milliseconds;

/// What the others get beyond the time in which rank 0 waits for them.
constexpr milliseconds more{5000};

/// This task alone, with what its launcher's variables claim.
step::Step claimed(const step::Environment& environment) {
    step::Step step;
    step.job_id = environment.job_id;
    step.step_id = environment.step_id;
    step.node_names = {environment.node()};
    return step;
}

void fill(check::PmixAnswer& answer, const step::PmixFacts& facts) {
    answer.answered = true;
    answer.name_space = facts.name_space;
    answer.rank = facts.rank;
    answer.size = facts.size;
    answer.local_rank = facts.local_rank;
    answer.local_size = facts.local_size;
    answer.node_names = facts.node_names;
    answer.node_of_rank.assign(static_cast<std::size_t>(std::max(facts.size, 0)), -1);
    for (std::size_t node = 0; node < facts.node_ranks.size(); ++node) {
        for (const int rank : facts.node_ranks[node]) {
            if (rank >= 0 && rank < facts.size)
                answer.node_of_rank[static_cast<std::size_t>(rank)] = static_cast<int>(node);
        }
    }
}

/// Without the others every task of the step would say the same: the first of them does.
void stay_alone(Muster& muster, const step::Environment& environment, const std::string& why) {
    muster.step = muster.present = claimed(environment);
    muster.channel = comm::ControlChannel::connect(muster.present, std::nullopt, "", 0, "",
                                                   {Deadline::in(more)});
    muster.alone_because = why;
    muster.speaks = environment.proc_id.value_or(0) == 0 || !environment.in_step();
}

/// The channel over those who come in time.
void meet(Muster& muster, std::optional<comm::Listener> listener, const Invitation& invitation,
          milliseconds patience) {
    const Deadline deadline = Deadline::in(patience);
    auto arrived = comm::ControlChannel::connect_arrived(
        muster.step, std::move(listener), invitation.address, invitation.port, invitation.token,
        deadline, Deadline::in(patience + more));
    muster.channel = std::move(arrived.channel);
    muster.present = step::part_of(muster.step, arrived.ranks);
    muster.speaks = muster.step.rank == 0;
    for (int rank = 0; rank < muster.step.size; ++rank) {
        if (!std::binary_search(arrived.ranks.begin(), arrived.ranks.end(), rank))
            muster.silent.push_back(rank);
    }
    if (muster.silent.empty()) return;
    muster.silence =
        fmt::format("{} did not answer within {} s", comm::show_ranks(muster.silent, muster.step),
                    (patience.count() + 999) / 1000);
}

void meet_through(Muster& muster, step::PmixSession& session, milliseconds patience) {
    Invitation invitation{comm::routable_address(muster.step), 0, random_token()};
    std::optional<comm::Listener> listener;
    if (muster.step.size > 1 && muster.step.rank == 0) {
        listener.emplace(invitation.address);
        invitation.port = listener->port();
        publish(session, invitation);
    } else if (muster.step.size > 1) {
        invitation = ask_until_open(session, muster.step, Deadline::in(patience));
    }
    meet(muster, std::move(listener), invitation, patience);
}

/// Rank 0 is not there: the next rank speaks, with itself alone.
void miss_rank_0(Muster& muster, const std::string& why) {
    const step::Step whole = muster.step;
    muster.present = step::part_of(whole, {whole.rank});
    muster.channel =
        comm::ControlChannel::connect(muster.present, std::nullopt, "", 0, "", Deadline::in(more));
    muster.alone_because = why;
    muster.speaks = whole.rank == 1;
    muster.silent = {0};
    muster.silence = why;
}

void join_launcher(Muster& muster, milliseconds patience) {
    const step::Environment environment = step::read_environment();
    muster.pmix.asked = environment.in_step() || !environment.pmix_name_space.empty();
    muster.pmix.name_space = environment.pmix_name_space;
    std::optional<step::PmixSession> session;
    try {
        step::refuse_stale_variables(environment);
        session = step::PmixSession::open();
        std::optional<step::PmixFacts> facts;
        if (session) facts = session->facts();
        if (facts) fill(muster.pmix, *facts);
        muster.step = step::identify(environment, facts).step;
    } catch (const Error& error) {
        muster.pmix.problem = error.what();
        if (session) session->finalize();
        stay_alone(muster, environment, error.what());
        return;
    }
    if (!session) {
        meet(muster, std::nullopt, {}, patience);
        return;
    }
    try {
        meet_through(muster, *session, patience);
    } catch (const Error& error) {
        if (muster.step.rank == 0) {
            stay_alone(muster, environment, error.what());
        } else {
            miss_rank_0(muster, error.what());
        }
    }
    session->finalize();
}

/// Ranks of this machine meet in the memory that their parent has made.
void join_local(Muster& muster, Member& member, milliseconds patience) {
    muster.step = member.step;
    Invitation invitation{"127.0.0.1", 0, random_token()};
    std::optional<comm::Listener> listener;
    if (muster.step.rank == 0) {
        listener.emplace(invitation.address);
        invitation.port = listener->port();
    }
    const auto all = member.exchange->all_gather(
        fmt::format("{} {}", invitation.port, invitation.token), Deadline::in(patience));
    const auto words = split(all.front(), ' ');
    invitation.port = std::stoi(words.at(0));
    invitation.token = words.at(1);
    meet(muster, std::move(listener), invitation, patience);
}

}  // namespace

std::unique_ptr<Muster> muster(int local_ranks, milliseconds patience, int& exit_code) {
    auto result = std::make_unique<Muster>();
    if (local_ranks == 0) {
        join_launcher(*result, patience);
        return result;
    }
    const auto member = join_ranks(local_ranks, exit_code);
    if (!member) return nullptr;
    join_local(*result, *member, patience);
    return result;
}

}  // namespace warpstep::cli
