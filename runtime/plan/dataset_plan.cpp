// SPDX-License-Identifier: Apache-2.0
#include "runtime/plan/dataset_plan.hpp"

#include <cmath>
#include <utility>

#include "runtime/base/error.hpp"
#include "runtime/data/cut.hpp"
#include "runtime/plan/step_values.hpp"

namespace warpstep::plan {
namespace {

// Rows of an epoch for so many members from `first` on. Only the last batch may be smaller.
std::int64_t rows_of(const data::Cut& cut, int first, int count, int members) {
    const std::int64_t turns = cut.turns(members);
    std::int64_t rows = 0;
    for (int member = first; turns > 0 && member < first + count; ++member) {
        rows += (turns - 1) * cut.places(0, member, members).count +
                cut.places(turns - 1, member, members).count;
    }
    return rows;
}

void check_target(const workload::DatasetSpec& spec, const data::TableShape& shape,
                  const data::DatasetRules& rules) {
    try {
        data::target_column(shape.names, shape.columns, rules);
    } catch (const ConfigError& error) {
        fail<ConfigError>("{}: {}", show(spec.mark), error.what());
    }
}

}  // namespace

data::DatasetRules dataset_rules(const workload::DatasetSpec& spec, const workload::Scope& scope) {
    data::DatasetRules rules;
    rules.name = spec.name;
    rules.target = spec.generate ? "last" : spec.target;
    rules.standardize = spec.standardize;
    rules.intercept = spec.intercept;
    rules.global_batch = spec.split == workload::DatasetSpec::Split::global;
    rules.batch_rows = decided_count(spec.batch, scope, 1, 1);
    rules.shard = spec.shard;
    rules.shuffle_once = spec.shuffle_once;
    if (spec.shuffle_seed) {
        rules.shuffle_seed =
            static_cast<std::uint64_t>(decided_count(spec.shuffle_seed, scope, 0, 0));
    }
    return rules;
}

data::LinearRecipe linear_recipe(const workload::LinearData& data, const workload::Scope& scope) {
    data::LinearRecipe recipe{decided_count(data.samples, scope, 1, 1),
                              decided_count(data.features, scope, 1, 1), 0, 0};
    if (recipe.samples > (std::int64_t{1} << 62) / (recipe.features + 1)) {
        fail<ConfigError>("{}: {} samples of {} features have no numbers; give fewer",
                          workload::show(data.samples.mark()), recipe.samples, recipe.features);
    }
    if (data.noise) recipe.noise = data.noise->evaluate_number(scope);
    if (!(recipe.noise >= 0) || !std::isfinite(recipe.noise)) {
        fail<ConfigError>("{}: 'noise' is {} (a standard deviation); give 0 or more",
                          workload::show(data.noise->mark()), recipe.noise);
    }
    if (data.seed) recipe.seed = static_cast<std::uint64_t>(decided_count(data.seed, scope, 0, 0));
    return recipe;
}

DatasetPlan plan_dataset(const workload::DatasetSpec& spec, const workload::Scope& scope,
                         const std::map<std::string, data::TableShape>& tables, int members,
                         int first, int devices) {
    DatasetPlan set;
    set.name = spec.name;
    const data::DatasetRules rules = dataset_rules(spec, scope);
    if (spec.generate) {
        const data::LinearRecipe recipe = linear_recipe(*spec.generate, scope);
        set.rows = recipe.samples;
        set.features = recipe.features;
    } else {
        const data::TableShape& shape = tables.at(spec.name);
        check_target(spec, shape, rules);
        set.rows = shape.rows;
        set.features = shape.columns - 1;
    }
    if (rules.intercept) ++set.features;
    if (rules.shuffle_seed) set.seed = static_cast<std::int64_t>(*rules.shuffle_seed);
    const data::Cut cut{set.rows, rules.batch_rows, rules.global_batch, rules.shard};
    set.batches = cut.some_turns(members, spec.name);
    set.batch_rows = cut.places(0, 0, members).all;
    set.rows_here = rows_of(cut, first, devices, members);
    return set;
}

std::map<std::string, data::TableShape> table_shapes(const workload::Workload& workload) {
    std::map<std::string, data::TableShape> shapes;
    for (const auto& spec : workload.datasets) {
        if (spec.generate) continue;
        try {
            shapes.emplace(spec.name, data::shape_of_table(spec.file));
        } catch (const ConfigError& error) {
            fail<ConfigError>("{}: {}", show(spec.mark), error.what());
        }
    }
    return shapes;
}

std::unique_ptr<data::Dataset> open_dataset(const workload::DatasetSpec& spec,
                                            const RankScope& scope) {
    data::DatasetRules rules = dataset_rules(spec, scope);
    std::unique_ptr<data::RowSource> source;
    if (spec.generate) {
        const data::LinearRecipe recipe = linear_recipe(*spec.generate, scope);
        source = data::linear_rows(recipe);
        rules.true_weights = data::true_weights(recipe);
    }
    try {
        if (source == nullptr) source = data::open_rows(spec.file);
        return std::make_unique<data::Dataset>(std::move(source), std::move(rules));
    } catch (const ConfigError& error) {
        fail<ConfigError>("{}: {}", workload::show(spec.mark), error.what());
    }
}

}  // namespace warpstep::plan
