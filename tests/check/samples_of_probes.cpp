// SPDX-License-Identifier: Apache-2.0
#include "tests/check/healthy_step.hpp"

namespace warpstep::test {

void add_samples(check::Facts& facts) {
    static_cast<void>(facts);
}

}  // namespace warpstep::test
