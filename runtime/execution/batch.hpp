// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "runtime/device/device.hpp"
#include "runtime/execution/dataset.hpp"
#include "runtime/execution/machine.hpp"

namespace warpstep::execution {

/// This rank's share of one batch, in device memory: inputs [rows, features] and targets [rows],
/// f32.
class Batch {
  public:
    /// Memory for `capacity_rows` rows. Errors: DeviceError.
    Batch(const Machine& machine, const Dataset& dataset, std::int64_t capacity_rows);

    /// Copies the rows at these positions of the dataset's current order; `global_rows` is the
    /// batch over all ranks.
    void load(Share positions, std::int64_t global_rows, device::Stream& stream);

    void* inputs() const { return device_inputs_->data(); }
    void* targets() const { return device_targets_->data(); }
    std::int64_t rows() const { return rows_; }
    std::int64_t global_rows() const { return global_rows_; }
    const Dataset& dataset() const { return dataset_; }

  private:
    device::Device& device_;
    const Dataset& dataset_;
    std::unique_ptr<device::Buffer> device_inputs_, device_targets_;
    std::unique_ptr<device::Buffer> staged_inputs_,
        staged_targets_;  ///< empty where the device is the host
    std::int64_t rows_ = 0, global_rows_ = 0;
};

}  // namespace warpstep::execution
