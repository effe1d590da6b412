// SPDX-License-Identifier: Apache-2.0
// The measurements of levels standard and full, by children of all ranks.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "runtime/check/measurement.hpp"
#include "runtime/comm/control_channel.hpp"
#include "runtime/probes/probe.hpp"
#include "runtime/step/step.hpp"
#include "runtime/topology/node.hpp"

namespace warpstep::check {

struct ProbeOptions {
    /// This task's view of its node; nothing: it is discovered, as a run does (NVML is asked).
    std::optional<topology::Node> node;
    bool host = false;                ///< leave GPUs alone and measure the cores
    std::vector<std::string> probes;  ///< names of those to run; empty: all of the level
    /// On rank 0, before each round: what is measured now, "gemm, 16 GPUs".
    std::function<void(const std::string&)> progress;

    // For tests and for machines that are unlike any other.
    std::vector<std::string> program;    ///< empty: this program
    std::vector<std::string> overrides;  ///< params of the workloads: "size=0.01"
    std::chrono::milliseconds limit{0};  ///< for every child; 0: the probe's own
};

/// Collective over the ranks of the channel, blocking. Every rank starts children (`warpstep run`)
/// for the GPUs that its task has, and waits for each no longer than the probe's limit; what hangs,
/// is killed or cannot be read is a sample with a `problem`, and a seat whose child hung takes part
/// in nothing more. On rank 0: the samples, in the order of the probes; nothing elsewhere. When a
/// rank itself goes missing the measurements end there: the last sample's problem says so, and the
/// channel's next operation throws. Errors: ConfigError for an unknown name in `probes`. The
/// calling process must not be bound, and keeps the environment that its children inherit.
std::vector<Sample> run_probes(comm::ControlChannel& channel, const step::Step& step, Level level,
                               const ProbeOptions& options = {});

}  // namespace warpstep::check
