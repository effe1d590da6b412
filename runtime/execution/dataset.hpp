// SPDX-License-Identifier: Apache-2.0
// A table made ready for training: inputs and target as f32, in the order and the shares that the
// workload asks for.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "runtime/execution/table_file.hpp"

namespace warpstep::execution {

/// How a dataset is prepared and cut; the expressions of workload::DatasetSpec, evaluated.
struct DatasetRules {
    std::string name;
    std::string target;  ///< a column's name, or "last"
    bool standardize = false;
    bool intercept = false;
    bool global_batch = true;  ///< batch_rows counts the rows of all ranks, else those of one
    std::int64_t batch_rows = 1;
    std::optional<std::uint64_t> shuffle_seed;
};

/// Half-open range of positions in the order of an epoch.
struct Share {
    std::int64_t begin = 0, end = 0;
    std::int64_t rows() const { return end - begin; }
};

class Dataset {
  public:
    /// Standardises with mean and standard deviation (of the population, as scikit-learn does) of
    /// the whole table; a constant column becomes 0. Errors: ConfigError for an unknown target
    /// column or batch_rows < 1.
    Dataset(const Table& table, DatasetRules rules);

    std::int64_t rows() const { return rows_; }
    std::int64_t features() const { return features_; }  ///< the intercept included
    const std::string& name() const { return rules_.name; }

    /// Batches of one epoch: every row once, the last batch may be smaller.
    std::int64_t batches(int ranks) const;
    /// Rows of batch b over all ranks.
    Share batch(std::int64_t b, int ranks) const;
    /// What `rank` computes of a range of rows: shares are disjoint, cover it, and differ by at
    /// most one row.
    static Share share(Share whole, int rank, int ranks);
    /// The largest share() of any batch for any rank.
    std::int64_t largest_share(int ranks) const;

    /// Sets the order of epoch e: seed + e decides it, the same on every rank. Without shuffle:
    /// file order.
    void begin_epoch(std::int64_t epoch);
    /// Copies rows of the current order: inputs [rows, features], targets [rows].
    void gather(Share positions, float* inputs, float* targets) const;

    /// Standard deviation of the target, 1 when not standardised.
    double target_scale() const { return target_scale_; }
    /// Of the target around its mean, in the scale of gather().
    double target_sum_of_squares() const;

  private:
    std::int64_t rows_per_batch(int ranks) const;

    DatasetRules rules_;
    std::int64_t rows_, features_;
    std::vector<float> inputs_, targets_;
    std::vector<std::int64_t> order_;
    double target_scale_ = 1;
};

}  // namespace warpstep::execution
