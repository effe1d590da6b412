// SPDX-License-Identifier: Apache-2.0
#include "runtime/execution/dataset_plan.hpp"

#include <cmath>
#include <utility>

#include "runtime/base/error.hpp"
#include "runtime/execution/linear_rows.hpp"

namespace warpstep::execution {
namespace {

std::int64_t count_of(const workload::Expression& expression, const RankScope& scope,
                      std::int64_t least) {
    const std::int64_t count = expression.evaluate_count(scope);
    if (count < least) {
        fail<ConfigError>("{}: '{}' is {} (it must be {} or more); give a larger number",
                          workload::show(expression.mark()), expression.text(), count, least);
    }
    return count;
}

DatasetRules rules_of(const workload::DatasetSpec& spec, const RankScope& scope) {
    DatasetRules rules;
    rules.name = spec.name;
    rules.target = spec.generate ? "last" : spec.target;
    rules.standardize = spec.standardize;
    rules.intercept = spec.intercept;
    rules.global_batch = spec.split == workload::DatasetSpec::Split::global;
    rules.batch_rows = count_of(spec.batch, scope, 1);
    rules.shard = spec.shard;
    rules.shuffle_once = spec.shuffle_once;
    if (spec.shuffle_seed) {
        rules.shuffle_seed = static_cast<std::uint64_t>(count_of(*spec.shuffle_seed, scope, 0));
    }
    return rules;
}

LinearRecipe recipe_of(const workload::LinearData& data, const RankScope& scope) {
    LinearRecipe recipe{count_of(data.samples, scope, 1), count_of(data.features, scope, 1), 0, 0};
    if (recipe.samples > (std::int64_t{1} << 62) / (recipe.features + 1)) {
        fail<ConfigError>("{}: {} samples of {} features have no numbers; give fewer",
                          workload::show(data.samples.mark()), recipe.samples, recipe.features);
    }
    if (data.noise) recipe.noise = data.noise->evaluate_number(scope);
    if (!(recipe.noise >= 0) || !std::isfinite(recipe.noise)) {
        fail<ConfigError>("{}: 'noise' is {} (a standard deviation); give 0 or more",
                          workload::show(data.noise->mark()), recipe.noise);
    }
    if (data.seed) recipe.seed = static_cast<std::uint64_t>(count_of(*data.seed, scope, 0));
    return recipe;
}

}  // namespace

std::unique_ptr<Dataset> plan_dataset(const workload::DatasetSpec& spec, const RankScope& scope) {
    DatasetRules rules = rules_of(spec, scope);
    std::unique_ptr<RowSource> source;
    if (spec.generate) {
        const LinearRecipe recipe = recipe_of(*spec.generate, scope);
        source = linear_rows(recipe);
        rules.true_weights = true_weights(recipe);
    }
    try {
        if (source == nullptr) source = open_rows(spec.file);
        return std::make_unique<Dataset>(std::move(source), std::move(rules));
    } catch (const ConfigError& error) {
        fail<ConfigError>("{}: {}", workload::show(spec.mark), error.what());
    }
}

}  // namespace warpstep::execution
