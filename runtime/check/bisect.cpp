// SPDX-License-Identifier: Apache-2.0
#include "runtime/check/bisect.hpp"

#include <algorithm>
#include <map>

namespace warpstep::check {
namespace {

struct Count {
    int bad = 0, all = 0;
};

}  // namespace

Blame blame_for(std::vector<Pair> pairs) {
    Blame blame;
    while (true) {
        std::map<std::string, Count> counts;
        for (const Pair& pair : pairs) {
            for (const std::string& end : {pair.a, pair.b}) {
                ++counts[end].all;
                counts[end].bad += pair.bad ? 1 : 0;
            }
        }
        const auto is_guilty = [](const Count& count) {
            return count.bad >= 2 && 2 * count.bad > count.all;
        };
        const auto worst =
            std::max_element(counts.begin(), counts.end(), [&](const auto& x, const auto& y) {
                const int of_x = is_guilty(x.second) ? x.second.bad : 0;
                return of_x < (is_guilty(y.second) ? y.second.bad : 0);
            });
        if (worst == counts.end() || !is_guilty(worst->second)) break;
        const std::string guilty = worst->first;
        blame.members.push_back(guilty);
        pairs.erase(
            std::remove_if(pairs.begin(), pairs.end(),
                           [&](const Pair& pair) { return pair.a == guilty || pair.b == guilty; }),
            pairs.end());
    }
    for (const Pair& pair : pairs) {
        if (pair.bad) blame.lone.push_back(pair);
    }
    return blame;
}

}  // namespace warpstep::check
