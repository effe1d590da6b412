// SPDX-License-Identifier: Apache-2.0
// The start of a communicator of one rank: ours, with its records, polling and deadline, against
// the one call that a user would write.
#include <nccl.h>

#include <algorithm>
#include <chrono>
#include <vector>

#include "runtime/base/error.hpp"
#include "runtime/step/step.hpp"
#include "tests/bench/gpu/bench.hpp"

namespace warpstep::bench {
namespace {

using Clock = std::chrono::steady_clock;

template <typename Body>
double seconds_of(Body&& body) {
    const auto begin = Clock::now();
    body();
    return std::chrono::duration<double>(Clock::now() - begin).count();
}

double median(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
}

void nccl(ncclResult_t code, const char* what) {
    if (code != ncclSuccess) fail<DeviceError>("{}: {}", what, ncclGetErrorString(code));
}

}  // namespace

void measure_nccl(Bench& bench) {
    bench.attempt("start", "NCCL, one rank", [&] {
        const step::Step step;
        const auto soon = [] { return Deadline::in(std::chrono::seconds(60)); };
        const auto channel =
            comm::ControlChannel::connect(step, std::nullopt, "127.0.0.1", 0, "gpu-bench", soon());
        const auto ours = [&] {
            comm::NcclStart start{{{&bench.device(), 0}},
                                  1,
                                  {bench.cuda().nccl_unique_id()},
                                  "gpu-bench",
                                  "",
                                  *channel,
                                  soon()};
            return bench.cuda().connect(start);
        };
        const auto peer = [] {
            ncclUniqueId id;
            ncclComm_t comm = nullptr;
            nccl(ncclGetUniqueId(&id), "ncclGetUniqueId");
            nccl(ncclCommInitRank(&comm, 1, id, 0), "ncclCommInitRank");
            return comm;
        };
        std::vector<double> of_ours, of_peer;
        for (int round = 0; round < 6; ++round) {
            std::vector<std::unique_ptr<comm::Communicator>> connected;
            ncclComm_t comm = nullptr;
            const double mine = seconds_of([&] { connected = ours(); });
            connected.clear();
            const double theirs = seconds_of([&] { comm = peer(); });
            ncclCommDestroy(comm);
            // The first round loads NCCL's kernels for both.
            if (round == 0) continue;
            of_ours.push_back(mine);
            of_peer.push_back(theirs);
        }
        Row row;
        row.group = "start";
        row.name = "NCCL, one rank";
        row.unit = "s";
        row.peer_name = "ncclCommInitRank";
        row.ours = median(of_ours);
        row.peer = median(of_peer);
        row.more_is_better = false;
        row.target = 1.05;
        bench.add(row);
    });
}

}  // namespace warpstep::bench
