// SPDX-License-Identifier: Apache-2.0
// Measured rates against peers, floors and baselines.
#include "runtime/check/rules.hpp"

namespace warpstep::check::families {

std::vector<Rule> performance() {
    return {};
}

}  // namespace warpstep::check::families
