// SPDX-License-Identifier: Apache-2.0
#include "runtime/data/dataset.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "runtime/base/error.hpp"
#include "runtime/base/text.hpp"
#include "runtime/data/moments.hpp"

namespace warpstep::data {

std::int64_t target_column(const std::vector<std::string>& names, std::int64_t columns,
                           const DatasetRules& rules) {
    if (names.empty() && rules.target == "last") return columns - 1;
    const auto it = std::find(names.begin(), names.end(), rules.target);
    if (it == names.end()) {
        fail<ConfigError>(
            "dataset '{}' has no column '{}'{}", rules.name, rules.target,
            suggestion(rules.target, names.empty() ? std::vector<std::string>{"last"} : names));
    }
    return it - names.begin();
}

Dataset::Dataset(std::unique_ptr<RowSource> source, DatasetRules rules)
    : rules_(std::move(rules)), source_(std::move(source)) {
    if (rules_.batch_rows < 1) {
        fail<ConfigError>("dataset '{}' has batches of {} rows; give 1 or more", rules_.name,
                          rules_.batch_rows);
    }
    layout_ = {source_->columns(),
               target_column(source_->names(), source_->columns(), rules_),
               rules_.intercept,
               {}};
    cut_ = {source_->rows(), rules_.batch_rows, rules_.global_batch, rules_.shard};
    if (rules_.standardize) standardize();
    if (!rules_.true_weights.empty()) find_true_weights();
    const std::int64_t row_bytes = (features() + 1) * static_cast<std::int64_t>(sizeof(float));
    if (source_->in_memory() || rows() <= kept_bytes / row_bytes) keep_rows();
}

void Dataset::standardize() {
    for (const Moments& column : column_moments(*source_)) {
        const double variance = column.squares / static_cast<double>(column.count);
        layout_.scaling.push_back({column.mean, variance > 0 ? std::sqrt(variance) : 1});
    }
    target_scale_ = layout_.scaling[static_cast<std::size_t>(layout_.target)].deviation;
}

// y = x.w in the table's scale; what the weights become when both are standardised.
void Dataset::find_true_weights() {
    true_weights_.assign(rules_.true_weights.begin(), rules_.true_weights.end());
    double constant = 0;
    if (rules_.standardize) {
        constant = -layout_.scaling.back().mean / target_scale_;
        for (std::size_t j = 0; j < true_weights_.size(); ++j) {
            constant += layout_.scaling[j].mean * true_weights_[j] / target_scale_;
            true_weights_[j] *= layout_.scaling[j].deviation / target_scale_;
        }
    }
    if (rules_.intercept) true_weights_.push_back(constant);
}

void Dataset::keep_rows() {
    inputs_.resize(static_cast<std::size_t>(rows() * features()));
    targets_.resize(static_cast<std::size_t>(rows()));
    std::vector<std::int64_t> all(targets_.size());
    std::iota(all.begin(), all.end(), 0);
    source_->gather(all.data(), rows(), layout_, inputs_.data(), targets_.data());
    source_.reset();
}

std::int64_t Dataset::turns(int members) const {
    return cut_.some_turns(members, name());
}

std::shared_ptr<const EpochOrder> Dataset::order(std::int64_t epoch) const {
    std::optional<std::uint64_t> seed = rules_.shuffle_seed;
    if (seed && !rules_.shuffle_once) *seed += static_cast<std::uint64_t>(epoch);
    const std::lock_guard lock(mutex_);
    if (order_ == nullptr || order_seed_ != seed) {
        order_.reset();  // before the next one is made: not two lists at once
        order_ = std::make_shared<EpochOrder>(seed, rows());
        order_seed_ = seed;
    }
    return order_;
}

void Dataset::gather(const std::int64_t* rows, std::int64_t count, float* inputs,
                     float* targets) const {
    if (source_ != nullptr) return source_->gather(rows, count, layout_, inputs, targets);
    for (std::int64_t i = 0; i < count; ++i) {
        inputs = std::copy_n(inputs_.data() + rows[i] * features(), features(), inputs);
        targets[i] = targets_[static_cast<std::size_t>(rows[i])];
    }
}

}  // namespace warpstep::data
