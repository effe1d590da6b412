// SPDX-License-Identifier: Apache-2.0
#include "runtime/step/step.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "runtime/base/error.hpp"

namespace warpstep::step {

int Step::node_of(int other_rank) const {
    for (std::size_t index = 0; index < node_ranks.size(); ++index) {
        const auto& ranks = node_ranks[index];
        if (std::binary_search(ranks.begin(), ranks.end(), other_rank)) {
            return static_cast<int>(index);
        }
    }
    fail<LogicError>("rank {} is on no node of this step of {} ranks", other_rank, size);
}

std::string show_speaker(const Step& step) {
    return fmt::format("rank {} on {}", step.rank, step.node_name());
}

}  // namespace warpstep::step
