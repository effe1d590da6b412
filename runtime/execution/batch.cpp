// SPDX-License-Identifier: Apache-2.0
#include "runtime/execution/batch.hpp"

namespace warpstep::execution {

using device::Memory;

Batch::Batch(const Machine& machine, const Dataset& dataset, std::int64_t capacity_rows)
    : device_(machine.device), dataset_(dataset) {
    const auto rows = static_cast<std::size_t>(capacity_rows);
    const std::size_t input_bytes =
        rows * static_cast<std::size_t>(dataset.features()) * sizeof(float);
    device_inputs_ = device_.allocate(input_bytes, Memory::device);
    device_targets_ = device_.allocate(rows * sizeof(float), Memory::device);
    if (device_.facts().kind == device::Kind::host) return;
    staged_inputs_ = device_.allocate(input_bytes, Memory::host_pinned);
    staged_targets_ = device_.allocate(rows * sizeof(float), Memory::host_pinned);
}

void Batch::load(Share positions, std::int64_t global_rows, device::Stream& stream) {
    rows_ = positions.rows();
    global_rows_ = global_rows;
    if (!staged_inputs_) {
        dataset_.gather(positions, static_cast<float*>(inputs()), static_cast<float*>(targets()));
        return;
    }
    stream.synchronize();  // the copy of the batch before may still read the staging memory
    dataset_.gather(positions, static_cast<float*>(staged_inputs_->data()),
                    static_cast<float*>(staged_targets_->data()));
    const auto rows = static_cast<std::size_t>(rows_);
    device_.copy(inputs(), staged_inputs_->data(),
                 rows * static_cast<std::size_t>(dataset_.features()) * sizeof(float), stream);
    device_.copy(targets(), staged_targets_->data(), rows * sizeof(float), stream);
}

}  // namespace warpstep::execution
