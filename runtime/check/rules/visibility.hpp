// SPDX-License-Identifier: Apache-2.0
// Private to the family "GPU visibility": its tables, and the facts as its rules want them.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "runtime/check/gpu_view.hpp"
#include "runtime/check/rule.hpp"

namespace warpstep::check {

inline constexpr char visibility_family[] = "GPU visibility";

std::vector<Rule> rules_of_seen_gpus();
std::vector<Rule> rules_of_gpu_numbers();
std::vector<Rule> rules_of_gpu_bindings();
std::vector<Rule> rules_of_gpu_environment();
std::vector<Rule> rules_of_gpu_parts();
std::vector<Rule> rules_of_busy_gpus();

/// A rank and what it sees.
struct Seeing {
    const RankFacts* rank;
    GpuView view;
    Subject subject() const { return subject_of(*rank); }
};
/// A process, its environment, and what it sees.
struct SeenSet {
    Subject subject;
    const std::map<std::string, std::string>* env;
    GpuView view;
};
/// What processes see against what SLURM_STEP_GPUS grants them and their neighbours on the node.
/// On nodes of which not every task is known, GPUs that nobody sees are not looked for. False:
/// nothing was granted.
bool compare_with_grant(const std::vector<SeenSet>& all, const std::set<std::string>& incomplete,
                        Judge& judge);

/// Every rank that answered.
std::vector<Seeing> seeing(const Facts& facts);
std::vector<std::string> node_names(const Facts& facts);

/// There is no GPU to see, or the ranks only watch others: says so and is true.
bool nothing_to_see(const Facts& facts, Judge& judge);
/// As that, for what concerns hardware: machines that are described are left out.
bool no_hardware(const Facts& facts, Judge& judge);

/// The subject of a GPU that goes by this name on a node.
Subject subject_of_gpu(const Facts& facts, const std::string& node, const std::string& gpu_name);
/// "CUDA_VISIBLE_DEVICES=0,1" or "CUDA_VISIBLE_DEVICES is not set"
std::string shown_variable(const std::map<std::string, std::string>& env, const char* name);
/// "0,1": how CUDA_VISIBLE_DEVICES names these GPUs in this view; "" when it cannot.
std::string ordinals(const GpuView& view, const std::vector<std::string>& gpus);
/// Those of `a` that are not in `b`.
std::vector<std::string> without(const std::vector<std::string>& a,
                                 const std::vector<std::string>& b);

}  // namespace warpstep::check
