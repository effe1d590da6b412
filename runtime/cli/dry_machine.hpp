// SPDX-License-Identifier: Apache-2.0
// What the ranks' nodes and devices are, as far as somebody tells: this machine, a file, or a model
// that is assumed.
#pragma once

#include <optional>
#include <string>

#include "runtime/cli/options.hpp"
#include "runtime/plan/rank_plan.hpp"
#include "runtime/topology/node.hpp"

namespace warpstep::cli {

class DryMachine {
  public:
    /// Errors: as described_node(), described_device() and choose_device(); ConfigError for a model
    /// that nobody knows.
    DryMachine(const RunOptions& options, int local_ranks);

    /// Nothing: the ranks may be on any.
    const std::optional<topology::Node>& node() const { return node_; }
    /// What each rank would open first. Unknown multiprocessors count as 1.
    const plan::DeviceFacts& device() const { return device_; }
    bool device_is_here() const { return here_; }
    bool knows_sms() const { return knows_sms_; }
    /// "sm_90", "" when nobody knows.
    std::string arch() const;

  private:
    void look_here(const RunOptions& options, int local_ranks);

    std::optional<topology::Node> node_;
    plan::DeviceFacts device_;
    bool here_ = true, knows_sms_ = true;
};

}  // namespace warpstep::cli
