// SPDX-License-Identifier: Apache-2.0
// NVLink, PCIe and the fabric.
#include "runtime/check/rules.hpp"

namespace warpstep::check::families {

std::vector<Rule> links() {
    return {};
}

}  // namespace warpstep::check::families
