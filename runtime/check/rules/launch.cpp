// SPDX-License-Identifier: Apache-2.0
// How the ranks were started.
#include "runtime/check/rules/launch.hpp"

#include "runtime/check/rules.hpp"

namespace warpstep::check::families {

std::vector<Rule> launch() {
    std::vector<Rule> all;
    for (auto part : {launch_identity, launch_nesting, launch_counts, launch_order, launch_pmix}) {
        for (const Rule& rule : part()) all.push_back(rule);
    }
    return all;
}

}  // namespace warpstep::check::families
