// SPDX-License-Identifier: Apache-2.0
// The state of the GPUs.
#include "runtime/check/rules/health.hpp"

#include "runtime/check/rules.hpp"

namespace warpstep::check::families {

std::vector<Rule> health() {
    std::vector<Rule> all;
    for (auto part : {health::faults, health::xids, health::ecc, health::remaps, health::speed,
                      health::modes}) {
        for (const Rule& rule : part()) all.push_back(rule);
    }
    return all;
}

}  // namespace warpstep::check::families
