// SPDX-License-Identifier: Apache-2.0
// Plans that other ranks can have, too.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "runtime/plan/rank_plan.hpp"

namespace warpstep::plan {

/// Planning is a function of what it asks its scope for, and what it asks next depends on the
/// answers before. So the questions of all ranks are a tree, and a rank whose answers lead to a
/// plan would be planned just so.
class KnownPlans {
  public:
    /// nullptr: this rank has to be planned.
    std::shared_ptr<RankPlan> find(const RankScope& scope) const;
    /// `asked`: the names in the order of the first question.
    void add(const RankScope& scope, const std::vector<std::string>& asked,
             std::shared_ptr<RankPlan> plan);

  private:
    struct Question {
        std::string name;  ///< that is asked next; of a leaf: ""
        std::map<std::string, std::unique_ptr<Question>> answers;
        std::shared_ptr<RankPlan> plan;
    };
    Question first_;
};

}  // namespace warpstep::plan
