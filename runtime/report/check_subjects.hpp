// SPDX-License-Identifier: Apache-2.0
// Findings put together for people: counted, folded, with subjects in words. Private to this room.
#pragma once

#include <array>
#include <string>
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

/// The worst verdict of the findings about a GPU; PASS without any that fires or is unknown.
check::Verdict verdict_on(const std::vector<check::Finding>& findings, const check::NodeFacts& node,
                          const check::GpuFacts& gpu);
/// The same of those about a node as a whole or its ranks.
check::Verdict verdict_on(const std::vector<check::Finding>& findings,
                          const check::NodeFacts& node);

/// The same verdict of one rule, for the same reason, on several subjects.
struct Folded {
    const check::Finding* first = nullptr;
    std::vector<const check::Finding*> all;
};
/// Findings are the same when they differ in nothing but the subject's own names. In the order of
/// the first of each.
std::vector<Folded> fold(const std::vector<const check::Finding*>& findings);

/// "GPU 3 (GPU-1234…) on n1" for one; "8 GPUs on n1, n2", "ranks 0-7 on n1", "n1, n2 and 30 more".
std::string show_subjects(const check::Facts* facts,
                          const std::vector<const check::Finding*>& findings);

/// What was seen, without the subject's own name in front; without a sentence "measured 7 GPUs,
/// expected 8 GPUs".
std::string evidence_of(const check::Finding& finding);

/// "614 TFLOP/s" of "6.14e14" and "FLOP/s", ">= 721 TFLOP/s" of ">= 7.21e14"; what is no number of
/// a unit with prefixes as it stands: "18 links".
std::string show_figure(const std::string& figure, const std::string& unit);

}  // namespace warpstep::report
