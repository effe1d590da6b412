// SPDX-License-Identifier: Apache-2.0
// The table of all rules, in the order in which reports show them.
#pragma once

#include <string_view>
#include <vector>

#include "runtime/check/rule.hpp"

namespace warpstep::check {

/// Built once; the rows stay where they are.
const std::vector<Rule>& rules();
/// nullptr for an unknown id.
const Rule* find_rule(std::string_view id);

/// One table for each family; see runtime/check/rules/.
namespace families {
std::vector<Rule> launch();
std::vector<Rule> grant();
std::vector<Rule> cpus();
std::vector<Rule> limits();
std::vector<Rule> visibility();
std::vector<Rule> health();
std::vector<Rule> links();
std::vector<Rule> versions();
std::vector<Rule> network();
std::vector<Rule> lifecycle();
std::vector<Rule> programs();
std::vector<Rule> performance();
}  // namespace families

}  // namespace warpstep::check
