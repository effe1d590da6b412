// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "runtime/data/dataset.hpp"
#include "runtime/data/linear_rows.hpp"
#include "runtime/plan/rank_scope.hpp"

namespace warpstep::plan {

/// What a file says about a dataset, decided. Errors: ConfigError with the place.
data::DatasetRules dataset_rules(const workload::DatasetSpec& spec, const workload::Scope& scope);
data::LinearRecipe linear_recipe(const workload::LinearData& data, const workload::Scope& scope);

/// The dataset of a workload as this rank sees it: opens the file or the generator and evaluates
/// the rules. Errors: ConfigError with the dataset's place.
std::unique_ptr<data::Dataset> plan_dataset(const workload::DatasetSpec& spec,
                                            const RankScope& scope);

}  // namespace warpstep::plan
