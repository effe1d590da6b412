// SPDX-License-Identifier: Apache-2.0
// NVLink, PCIe and the fabric.
#include "runtime/check/rules/links.hpp"

#include "runtime/check/rules.hpp"

namespace warpstep::check::families {

std::vector<Rule> links() {
    std::vector<Rule> all = links::nvlink();
    for (const Rule& rule : links::pcie()) all.push_back(rule);
    return all;
}

}  // namespace warpstep::check::families
