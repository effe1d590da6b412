// SPDX-License-Identifier: Apache-2.0
#include "runtime/execution/paper_dataset.hpp"

#include <algorithm>

#include "runtime/base/error.hpp"
#include "runtime/execution/dataset.hpp"
#include "runtime/execution/step_values.hpp"

namespace warpstep::execution {
namespace {

std::int64_t ceil_div(std::int64_t a, std::int64_t b) {
    return (a + b - 1) / b;
}

// Every member has the same number of rows of the epoch's order, in batches of its own.
void cut_by_shard(PaperDataset& set, workload::Uneven uneven, std::int64_t batch,
                  std::int64_t members, std::int64_t devices) {
    const std::int64_t each =
        uneven == workload::Uneven::wrap ? ceil_div(set.rows, members) : set.rows / members;
    batch = std::min(batch, std::max<std::int64_t>(1, each));
    set.batches = ceil_div(each, batch);
    set.batch_rows = batch * members;
    set.rows_here = each * devices;
}

// Every batch is split over the members.
void cut_by_batch(PaperDataset& set, std::int64_t batch, std::int64_t members, std::int64_t first,
                  std::int64_t devices) {
    batch = std::min(batch, set.rows);
    const auto rows_of = [&](std::int64_t rows) {
        std::int64_t sum = 0;
        for (std::int64_t m = first; m < first + devices; ++m) {
            sum += rows * (m + 1) / members - rows * m / members;
        }
        return sum;
    };
    set.batches = ceil_div(set.rows, batch);
    set.batch_rows = batch;
    set.rows_here = set.rows / batch * rows_of(batch) + rows_of(set.rows % batch);
}

}  // namespace

PaperDataset plan_dataset(const workload::DatasetSpec& spec, const workload::Scope& scope,
                          const std::map<std::string, TableShape>& tables, std::int64_t members,
                          std::int64_t first, std::int64_t devices) {
    PaperDataset set;
    set.name = spec.name;
    if (spec.generate) {
        set.rows = decided_count(spec.generate->samples, scope, 1, 1);
        set.features = decided_count(spec.generate->features, scope, 1, 1);
    } else {
        const TableShape shape = tables.at(spec.name);
        set.rows = shape.rows;
        set.features = shape.columns - 1;
    }
    if (spec.intercept) ++set.features;
    if (spec.shuffle_seed) set.seed = spec.shuffle_seed->evaluate_count(scope);
    const std::int64_t batch = decided_count(spec.batch, scope, 1, 1);
    const bool is_global = spec.split == workload::DatasetSpec::Split::global;
    if (spec.shard) {
        cut_by_shard(set, *spec.shard, batch, members, devices);
    } else {
        // A product beyond all rows is all rows.
        const bool all = !is_global && batch > set.rows / members;
        cut_by_batch(set,
                     is_global ? batch
                     : all     ? set.rows
                               : batch * members,
                     members, first, devices);
    }
    return set;
}

std::map<std::string, TableShape> table_shapes(const workload::Workload& workload) {
    std::map<std::string, TableShape> shapes;
    for (const auto& spec : workload.datasets) {
        if (spec.generate) continue;
        try {
            shapes.emplace(spec.name, shape_of_table(spec.file));
        } catch (const ConfigError& error) {
            fail<ConfigError>("{}: {}", show(spec.mark), error.what());
        }
    }
    return shapes;
}

}  // namespace warpstep::execution
