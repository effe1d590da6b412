// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "runtime/data/dataset.hpp"

namespace warpstep::data {

/// A member's share of one batch, in device memory: inputs [rows, features] and targets [rows],
/// f32. What it refers to changes with every turn of the loop that fills it.
class Batch {
  public:
    void* inputs() const { return inputs_; }    ///< never nullptr
    void* targets() const { return targets_; }  ///< never nullptr
    std::int64_t rows() const { return rows_; }
    std::int64_t global_rows() const { return global_rows_; }  ///< over all members
    std::int64_t index() const { return index_; }              ///< in its epoch
    const Dataset& dataset() const { return dataset_; }

  protected:
    explicit Batch(const Dataset& dataset) : dataset_(dataset) {}
    ~Batch() = default;

    const Dataset& dataset_;
    void* inputs_ = nullptr;
    void* targets_ = nullptr;
    std::int64_t rows_ = 0, global_rows_ = 0, index_ = -1;
};

}  // namespace warpstep::data
