// SPDX-License-Identifier: Apache-2.0
#include "runtime/check/rules.hpp"

#include <algorithm>

namespace warpstep::check {

const std::vector<Rule>& rules() {
    static const std::vector<Rule> table = [] {
        std::vector<Rule> all;
        for (auto family :
             {families::launch, families::grant, families::visibility, families::cpus,
              families::limits, families::health, families::links, families::versions,
              families::network, families::lifecycle, families::programs, families::performance}) {
            for (const Rule& rule : family()) all.push_back(rule);
        }
        return all;
    }();
    return table;
}

const Rule* find_rule(std::string_view id) {
    const auto found = std::find_if(rules().begin(), rules().end(),
                                    [&](const Rule& rule) { return rule.id == id; });
    return found == rules().end() ? nullptr : &*found;
}

}  // namespace warpstep::check
