// SPDX-License-Identifier: Apache-2.0
// Findings counted, and the verdict on each GPU and node. Private to this room.
#pragma once

#include <array>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "runtime/check/facts.hpp"
#include "runtime/check/finding.hpp"

namespace warpstep::report {

inline constexpr std::array all_verdicts{check::Verdict::pass, check::Verdict::warn,
                                         check::Verdict::fail, check::Verdict::unknown,
                                         check::Verdict::skip};

/// FAIL or WARN.
bool fires(const check::Finding& finding);

std::size_t count_of(const std::vector<check::Finding>& findings, check::Verdict verdict);
/// Rules none of whose findings is worse than `verdict`, and one of which is it.
std::size_t rules_at(const std::vector<check::Finding>& findings, check::Verdict verdict);

/// FAIL, then UNKNOWN, WARN, PASS, SKIP: 4 to 0.
int badness(check::Verdict verdict);

/// The worst verdict on each GPU and node.
class Verdicts {
  public:
    Verdicts(const std::vector<check::Finding>& findings, const check::GpuSet& decided);
    /// PASS when its state was judged and nothing fires or is unknown; SKIP when nobody judged it.
    check::Verdict on(const check::NodeFacts& node, const check::GpuFacts& gpu) const;
    /// Of the node as a whole and its ranks, without its GPUs.
    check::Verdict on(const check::NodeFacts& node) const;

  private:
    void add(const check::Finding& finding, const check::Subject& subject);

    const check::GpuSet& decided_;
    std::map<std::pair<std::string, std::string>, check::Verdict> gpus_;
    std::map<std::string, check::Verdict> nodes_, all_gpus_;  ///< by name
};

/// "614 TFLOP/s" of "6.14e14" and "FLOP/s", ">= 721 TFLOP/s" of ">= 7.21e14"; what is no number of
/// a unit with prefixes as it stands: "18 links".
std::string show_figure(const std::string& figure, const std::string& unit);

}  // namespace warpstep::report
