// SPDX-License-Identifier: Apache-2.0
#include "runtime/placement/deal_visible.hpp"

#include <map>

#include "runtime/base/error.hpp"
#include "runtime/placement/deal_gpus.hpp"
#include "runtime/placement/wishes.hpp"

namespace warpstep::placement {

std::vector<std::vector<int>> deal_visible(const topology::Node& node,
                                           const std::vector<AllowedCore>& cores,
                                           const Request& request) {
    if (request.visible.size() != static_cast<std::size_t>(request.tasks))
        fail<LogicError>("{} lists of visible GPUs for {} tasks", request.visible.size(),
                         request.tasks);
    std::map<std::vector<int>, std::vector<std::size_t>> ranks_that_see;
    for (std::size_t rank = 0; rank < request.visible.size(); ++rank)
        ranks_that_see[request.visible[rank]].push_back(rank);
    std::vector<std::vector<int>> result(request.visible.size());
    for (const auto& [gpus, ranks] : ranks_that_see) {
        topology::Node part = node;
        part.step_gpus = gpus;
        Request wish = request;
        wish.visible.clear();
        wish.tasks = static_cast<int>(ranks.size());
        const std::vector<int> order = gpus_in_order(part);
        const auto dealt = deal_gpus(order, ground_of(part, cores, order), wish);
        for (std::size_t i = 0; i < ranks.size(); ++i) result[ranks[i]] = dealt[i];
    }
    return result;
}

}  // namespace warpstep::placement
