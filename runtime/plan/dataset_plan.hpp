// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <string>

#include "runtime/data/dataset.hpp"
#include "runtime/data/linear_rows.hpp"
#include "runtime/plan/rank_plan.hpp"
#include "runtime/plan/rank_scope.hpp"

namespace warpstep::plan {

/// What a file says about a dataset, decided. Errors: ConfigError with the place.
data::DatasetRules dataset_rules(const workload::DatasetSpec& spec, const workload::Scope& scope);
data::LinearRecipe linear_recipe(const workload::LinearData& data, const workload::Scope& scope);

/// `members`: devices of all tasks; this rank has members first, first + 1, … first + devices - 1.
/// Errors: ConfigError with the place.
DatasetPlan plan_dataset(const workload::DatasetSpec& spec, const workload::Scope& scope,
                         const std::map<std::string, data::TableShape>& tables, int members,
                         int first, int devices);

/// The dataset of a workload as this rank sees it: opens the file or the generator and evaluates
/// the rules. Errors: ConfigError with the dataset's place.
std::unique_ptr<data::Dataset> open_dataset(const workload::DatasetSpec& spec,
                                            const RankScope& scope);

}  // namespace warpstep::plan
