// SPDX-License-Identifier: Apache-2.0
#include "runtime/plan/paper_dataset.hpp"

#include "runtime/base/error.hpp"
#include "runtime/data/cut.hpp"
#include "runtime/plan/dataset_plan.hpp"

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

}  // namespace

PaperDataset plan_dataset(const workload::DatasetSpec& spec, const workload::Scope& scope,
                          const std::map<std::string, data::TableShape>& tables, int members,
                          int first, int devices) {
    PaperDataset set;
    set.name = spec.name;
    if (spec.generate) {
        const data::LinearRecipe recipe = linear_recipe(*spec.generate, scope);
        set.rows = recipe.samples;
        set.features = recipe.features;
    } else {
        const data::TableShape shape = tables.at(spec.name);
        set.rows = shape.rows;
        set.features = shape.columns - 1;
    }
    const data::DatasetRules rules = dataset_rules(spec, scope);
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

}  // namespace warpstep::plan
