// SPDX-License-Identifier: Apache-2.0
// How messages name ranks and where they run.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "runtime/step/step.hpp"

namespace warpstep::comm {

/// "rank 3 on n2", "ranks 0-3 on n1", "ranks 0-3 on n1, 4 and 6 on n2"; past four nodes the rest is
/// counted. `ranks` ascending; `node` gives the node name of a rank.
std::string show_ranks(const std::vector<int>& ranks, const std::function<std::string(int)>& node);
std::string show_ranks(const std::vector<int>& ranks, const step::Step& step);

}  // namespace warpstep::comm
