// SPDX-License-Identifier: Apache-2.0
#include "runtime/execution/dataset.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "runtime/base/error.hpp"
#include "runtime/base/text.hpp"
#include "runtime/execution/random.hpp"

namespace warpstep::execution {
namespace {

struct Scaling {
    double mean = 0, deviation = 1;
    double operator()(double value) const { return (value - mean) / deviation; }
};

bool is_constant(const Table& table, std::int64_t column) {
    for (std::int64_t i = 1; i < table.rows; ++i) {
        if (table.at(i, column) != table.at(0, column)) return false;
    }
    return true;
}

Scaling standard_scaling(const Table& table, std::int64_t column) {
    // Rounding of the mean would leave a tiny variance and blow the constant up to 1.
    if (is_constant(table, column)) return {table.at(0, column), 1};
    const auto rows = static_cast<double>(table.rows);
    double mean = 0;
    for (std::int64_t i = 0; i < table.rows; ++i) mean += table.at(i, column) / rows;
    double variance = 0;
    for (std::int64_t i = 0; i < table.rows; ++i) {
        const double distance = table.at(i, column) - mean;
        variance += distance * distance / rows;
    }
    return {mean, variance > 0 ? std::sqrt(variance) : 1};
}

std::int64_t target_column(const Table& table, const DatasetRules& rules) {
    if (table.names.empty() && rules.target == "last") return table.columns - 1;
    const auto it = std::find(table.names.begin(), table.names.end(), rules.target);
    if (it == table.names.end()) {
        fail<ConfigError>(
            "dataset '{}' has no column '{}'{}", rules.name, rules.target,
            suggestion(rules.target,
                       table.names.empty() ? std::vector<std::string>{"last"} : table.names));
    }
    return it - table.names.begin();
}

}  // namespace

Dataset::Dataset(const Table& table, DatasetRules rules)
    : rules_(std::move(rules)),
      rows_(table.rows),
      features_(table.columns - 1 + (rules_.intercept ? 1 : 0)) {
    if (rules_.batch_rows < 1) {
        fail<ConfigError>("dataset '{}' has batches of {} rows; give 1 or more", rules_.name,
                          rules_.batch_rows);
    }
    const std::int64_t target = target_column(table, rules_);
    std::vector<Scaling> scaling(static_cast<std::size_t>(table.columns));
    if (rules_.standardize) {
        for (std::int64_t j = 0; j < table.columns; ++j) {
            scaling[static_cast<std::size_t>(j)] = standard_scaling(table, j);
        }
        target_scale_ = scaling[static_cast<std::size_t>(target)].deviation;
    }
    inputs_.reserve(static_cast<std::size_t>(rows_ * features_));
    for (std::int64_t i = 0; i < rows_; ++i) {
        for (std::int64_t j = 0; j < table.columns; ++j) {
            const auto scaled =
                static_cast<float>(scaling[static_cast<std::size_t>(j)](table.at(i, j)));
            (j == target ? targets_ : inputs_).push_back(scaled);
        }
        if (rules_.intercept) inputs_.push_back(1);
    }
    order_.resize(static_cast<std::size_t>(rows_));
    std::iota(order_.begin(), order_.end(), 0);
}

std::int64_t Dataset::rows_per_batch(int ranks) const {
    const std::int64_t rows = std::min(rows_, rules_.batch_rows);
    return rules_.global_batch ? rows : std::min(rows_, rows * ranks);
}

std::int64_t Dataset::batches(int ranks) const {
    const std::int64_t rows = rows_per_batch(ranks);
    return (rows_ + rows - 1) / rows;
}

Share Dataset::batch(std::int64_t b, int ranks) const {
    const std::int64_t rows = rows_per_batch(ranks);
    return {std::min(rows_, b * rows), std::min(rows_, (b + 1) * rows)};
}

Share Dataset::share(Share whole, int rank, int ranks) {
    return {whole.begin + whole.rows() * rank / ranks,
            whole.begin + whole.rows() * (rank + 1) / ranks};
}

std::int64_t Dataset::largest_share(int ranks) const {
    return (batch(0, ranks).rows() + ranks - 1) / ranks;
}

void Dataset::begin_epoch(std::int64_t epoch) {
    if (!rules_.shuffle_seed) return;
    order_ = random_permutation(*rules_.shuffle_seed + static_cast<std::uint64_t>(epoch), rows_);
}

void Dataset::gather(Share positions, float* inputs, float* targets) const {
    for (std::int64_t p = positions.begin; p < positions.end; ++p) {
        const std::int64_t row = order_[static_cast<std::size_t>(p)];
        inputs = std::copy_n(inputs_.data() + row * features_, features_, inputs);
        *targets++ = targets_[static_cast<std::size_t>(row)];
    }
}

double Dataset::target_sum_of_squares() const {
    double mean = 0;
    for (const float t : targets_) mean += static_cast<double>(t) / static_cast<double>(rows_);
    double sum = 0;
    for (const float t : targets_) {
        sum += (static_cast<double>(t) - mean) * (static_cast<double>(t) - mean);
    }
    return sum;
}

}  // namespace warpstep::execution
