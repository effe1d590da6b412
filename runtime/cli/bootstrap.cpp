// SPDX-License-Identifier: Apache-2.0
#include "runtime/cli/bootstrap.hpp"

#include <algorithm>

#include "runtime/base/text.hpp"

namespace warpstep::cli {
namespace {

// A refusal that several ranks share is said once, by the lowest of them.
bool says_it(const std::vector<comm::Record>& records, int rank) {
    const auto& mine = records[static_cast<std::size_t>(rank)].refusal;
    if (mine.empty()) return false;
    const auto first = std::find_if(records.begin(), records.end(),
                                    [&](const comm::Record& r) { return r.refusal == mine; });
    return first == records.begin() + rank;
}

// Empty: all is well. Otherwise the same verdict on every rank, because all look at the same
// records.
std::optional<Ended> verdict_of(const std::vector<comm::Record>& records, int rank, int share) {
    std::vector<std::string> problems;
    for (const auto& record : records) {
        if (!record.refusal.empty()) problems.push_back(record.refusal);
    }
    const bool refused = !problems.empty();
    if (!refused) problems = comm::problems(records, share);
    if (problems.empty()) return std::nullopt;
    Ended ended;
    ended.code = comm::exit_code_of(records, share);
    if (ended.code == 0) ended.code = 3;
    ended.why = problems.front();
    if (refused && says_it(records, rank)) {
        ended.lines = {records[static_cast<std::size_t>(rank)].refusal};
    } else if (!refused && rank == 0) {
        ended.lines = problems;
    }
    return ended;
}

// Enough for slow file systems at any size, short enough that a rank which never came is named
// within half a minute.
std::chrono::seconds meeting_time(const RunOptions& options, int ranks) {
    if (options.meeting_timeout.count() > 0) return options.meeting_timeout;
    return std::chrono::seconds(20 + ranks / 16);
}

}  // namespace

std::vector<std::string> Peers::nccl_ids() const {
    std::vector<std::string> ids;
    for (const auto& record : records) {
        if (!record.nccl_id.empty()) ids.push_back(record.nccl_id);
    }
    return ids;
}

bool Peers::shares_gpu(int rank) const {
    const comm::Record& mine = records[static_cast<std::size_t>(rank)];
    const auto same = [&](const comm::Record& other) {
        return other.host == mine.host && other.gpu_uuid == mine.gpu_uuid;
    };
    return !mine.gpu_uuid.empty() && std::count_if(records.begin(), records.end(), same) > 1;
}

std::optional<Peers> connect_peers(Member& member, comm::Record mine, int share,
                                   const RunOptions& options, Ended& ended) {
    const step::Step& step = member.step;
    const Deadline deadline = Deadline::in(meeting_time(options, step.size));
    std::optional<comm::Listener> listener;
    const bool needs_channel = member.channel == nullptr;
    if (step.size > 1) mine.address = comm::routable_address(step);
    if (needs_channel && step.rank == 0 && step.size > 1 && mine.refusal.empty()) {
        listener.emplace(mine.address);
        mine.port = listener->port();
    }
    comm::Exchange& exchange = needs_channel ? *member.exchange : *member.channel;
    const auto blobs = exchange.all_gather(comm::encode(mine), deadline);
    Peers peers{{}, nullptr, options.operation_timeout};
    std::string all;
    for (const auto& blob : blobs) {
        peers.records.push_back(comm::decode(blob));
        all += blob;
    }
    if (auto verdict = verdict_of(peers.records, step.rank, share)) {
        ended = std::move(*verdict);
        if (member.session) member.session->finalize();
        return std::nullopt;
    }
    peers.channel = needs_channel ? comm::ControlChannel::connect(
                                        step, std::move(listener), peers.records[0].address,
                                        peers.records[0].port, hash_hex(all), deadline)
                                  : std::move(member.channel);
    // One round trip proves that the channel stands on every rank; only then may PMIx go.
    peers.channel->agree(0, deadline);
    if (member.session) member.session->finalize();
    return peers;
}

}  // namespace warpstep::cli
