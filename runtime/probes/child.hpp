// SPDX-License-Identifier: Apache-2.0
// One seat's child in one round: how it is started, and how it ended.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/comm/given_peers.hpp"
#include "runtime/probes/probe.hpp"
#include "runtime/process/child.hpp"

namespace warpstep::check::probes {

/// What came of a child, as it travels to rank 0.
struct Answer {
    int seat = -1;
    std::string problem;    ///< why there is no report: "did not end within 60 s"
    bool lost = false;      ///< it hung: its seat is not asked again
    std::string report;     ///< JSON, of the group's first seat
    std::string algorithm;  ///< of the group's first seat, when NCCL has told: "NVLS"
};

struct ChildPlan {
    const Probe* probe = nullptr;
    int seat = -1;
    bool gpu = false;
    comm::GivenPeers peers;
    std::vector<std::string> program;    ///< ourselves
    std::vector<std::string> overrides;  ///< "size=0.1"
    std::chrono::milliseconds limit{0};
};

/// Blocking, for as long as process::run_child(). The listener is the caller's to close.
Answer run(const ChildPlan& plan);

/// The command that run() runs.
process::ChildCommand command_of(const ChildPlan& plan);
/// What the end of that command means.
Answer answer_from(const ChildPlan& plan, const process::ChildEnd& end);

/// The algorithm of the largest all_reduce that NCCL's log tells of: "AllReduce: 1073741824 Bytes
/// -> Algo NVLS proto SIMPLE …". "" when it tells none. Source: NCCL 2.19 to 2.28, enqueue.cc.
std::string algorithm_in(std::string_view log);

std::string encode(const std::vector<Answer>& answers);
/// Errors: CommError.
std::vector<Answer> decode_answers(std::string_view bytes);

}  // namespace warpstep::check::probes
