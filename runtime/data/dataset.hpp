// SPDX-License-Identifier: Apache-2.0
// A table made ready for training: inputs and target as f32, in the order and the shares that the
// workload asks for.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "runtime/data/cut.hpp"
#include "runtime/data/epoch_order.hpp"
#include "runtime/data/row_source.hpp"

namespace warpstep::data {

/// How a dataset is prepared and cut; the expressions of workload::DatasetSpec, evaluated.
struct DatasetRules {
    std::string name;
    std::string target;  ///< a column's name, or "last"
    bool standardize = false;
    bool intercept = false;
    bool global_batch = true;  ///< batch_rows counts the rows of all members, else those of one
    std::int64_t batch_rows = 1;
    std::optional<workload::Uneven> shard;  ///< nothing: every batch is split over the members
    std::optional<std::uint64_t> shuffle_seed;
    bool shuffle_once = false;        ///< one order for all epochs
    std::vector<float> true_weights;  ///< of the table's inputs; empty: nobody knows them
};

/// The index of the target among the columns (`names` empty: they have none). Errors: ConfigError
/// that names those there are.
std::int64_t target_column(const std::vector<std::string>& names, std::int64_t columns,
                           const DatasetRules& rules);

/// Shared by the devices of a task: every function may be called from several threads at once.
class Dataset {
  public:
    /// Tables of at most this many bytes as f32 are kept in memory; of larger ones, rows are read
    /// when they are needed.
    static constexpr std::int64_t kept_bytes = std::int64_t{16} << 20;

    /// Standardises with mean and standard deviation (of the population, as scikit-learn does) of
    /// the whole table, in one pass over it; a constant column becomes 0. Errors: ConfigError for
    /// an unknown target column or batch_rows < 1; those of the source.
    Dataset(std::unique_ptr<RowSource> source, DatasetRules rules);

    std::int64_t rows() const { return cut_.rows; }
    std::int64_t features() const { return layout_.features(); }  ///< the intercept included
    const std::string& name() const { return rules_.name; }
    bool in_memory() const { return source_ == nullptr; }

    const Cut& cut() const { return cut_; }
    /// Batches of one epoch, the same on all members. Errors: ConfigError when `uneven: drop`
    /// leaves none.
    std::int64_t turns(int members) const;
    /// Of epoch e: seed + e decides it, the same on all members. Without shuffle: file order.
    std::shared_ptr<const EpochOrder> order(std::int64_t epoch) const;
    /// Copies these rows: inputs [count, features], targets [count]. Errors: ConfigError for a
    /// number that is not finite, with file and row.
    void gather(const std::int64_t* rows, std::int64_t count, float* inputs, float* targets) const;

    /// Standard deviation of the target, 1 when not standardised.
    double target_scale() const { return target_scale_; }
    /// [features] in the scale of gather(), 0 for the intercept; empty: nobody knows them.
    const std::vector<double>& true_weights() const { return true_weights_; }

  private:
    void standardize();
    void find_true_weights();
    void keep_rows();

    DatasetRules rules_;
    std::unique_ptr<RowSource> source_;  ///< nullptr: all rows are in inputs_ and targets_
    RowLayout layout_;
    Cut cut_;
    double target_scale_ = 1;
    std::vector<double> true_weights_;
    std::vector<float> inputs_, targets_;

    mutable std::mutex mutex_;  ///< guards the two below
    mutable std::shared_ptr<const EpochOrder> order_;
    mutable std::optional<std::uint64_t> order_seed_;
};

}  // namespace warpstep::data
