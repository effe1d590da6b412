// SPDX-License-Identifier: Apache-2.0
// Names in a sentence.
#pragma once

#include <string>
#include <vector>

namespace warpstep::check {

/// "ranks 0-3,7", "rank 3"
std::string show_ranks(std::vector<int> ranks);
/// "n1, n2, n3 and 61 more": up to eight.
std::string show_names(const std::vector<std::string>& names);
/// "GPU-a, GPU-b and 6 more"; "none" of an empty list.
std::string some_of(const std::vector<std::string>& names);

}  // namespace warpstep::check
