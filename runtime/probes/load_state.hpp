// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>

namespace warpstep::check::probes {

/// What a GPU was like in all the steps that make one sample, as rules read it in Sample::state:
/// the names of execution::Conditions, and
///   seconds                 of load: launches times their median
///   throttle_reasons        NVML's bits of all reasons that any reading had
///   violation_thermal_ns, violation_sw_thermal_ns, violation_board_ns
///                           parts of that time by the share of the readings, when those are many
/// Source of the bits: nvmlClocksEventReasons, NVML API reference.
class LoadState {
  public:
    /// A step of a JSON report (docs/report.md), and the rank whose GPU it is. Errors: those of
    /// the JSON library for what is no such step.
    void add(const nlohmann::json& step, int rank);
    std::map<std::string, double> state() const;

  private:
    std::map<std::string, double> seen_;
    std::map<std::string, double> throttled_;  ///< readings by reason
    double readings_ = 0, seconds_ = 0;
};

}  // namespace warpstep::check::probes
