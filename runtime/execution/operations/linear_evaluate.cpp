// SPDX-License-Identifier: Apache-2.0
// How well a linear model fits a dataset: every member computes its share of the rows in blocks,
// the sums are added up over the members.
#include <algorithm>
#include <numeric>
#include <optional>
#include <utility>
#include <vector>

#include "kernels/catalog.hpp"
#include "runtime/base/error.hpp"
#include "runtime/data/batch_stream.hpp"
#include "runtime/execution/operation_kinds.hpp"

namespace warpstep::execution {
namespace {

// Rows on all members that are looked at together.
constexpr std::int64_t evaluated_at_once = 1 << 20;

data::Cut cut_into_blocks(const data::Dataset& dataset, int members) {
    const std::int64_t rows = std::max<std::int64_t>(1, evaluated_at_once / dataset.features());
    return {dataset.rows(), rows * members, true, std::nullopt};
}

/// Of the target: around the first row's, lest the difference of two large sums cancels.
struct TargetSums {
    double first = 0, sum = 0, squares = 0;
    void add(const float* targets, std::int64_t count) {
        for (std::int64_t i = 0; i < count; ++i) {
            const double distance = static_cast<double>(targets[i]) - first;
            sum += distance;
            squares += distance * distance;
        }
    }
};

/// mse <- mean over all rows of (x.w - y)^2 in the target's own units; r2 <- 1 - mse / variance of
/// the target. Source: coefficient of determination, Draper and Smith, Applied Regression Analysis.
class LinearEvaluate final : public Operation {
  public:
    LinearEvaluate(const data::Dataset& dataset, const NamedBuffer& weights, const Machine& machine)
        : dataset_(dataset),
          machine_(machine),
          rows_(machine.device, machine.cores, dataset, cut_into_blocks(dataset, machine.members()),
                machine.member(), machine.members()),
          blocks_(static_cast<std::size_t>(rows_.turns())),
          sums_(machine.device.allocate((blocks_ + 2) * sizeof(double), device::Memory::device)) {
        arguments_.buffer("x", rows_.inputs(), dataset.features(), DType::f32)
            .buffer("y", rows_.targets(), 1, DType::f32)
            .buffer("w", weights.data(), weights.plan.count, weights.plan.dtype)
            .buffer("error", sums_->data(), 1, DType::f64);
        launch_.emplace(*kernels::find("linear.squared_error"), arguments_, machine);
    }

    void issue(device::Stream& stream) override {
        double* const sums = static_cast<double*>(sums_->data());
        const bool first_time = !targets_;
        if (first_time) begin_targets();
        rows_.begin_epoch(0);
        while (rows_.next(stream)) {
            arguments_.set_buffer("x", rows_.inputs(), rows_.rows() * dataset_.features());
            arguments_.set_buffer("y", rows_.targets(), rows_.rows());
            arguments_.set_buffer("error", sums + rows_.index(), 1);
            launch_->update();
            (*launch_)(stream);
            if (first_time) targets_->add(rows_.host_targets(), rows_.rows());
        }
        machine_.device.copy(sums + blocks_, &targets_->sum, 2 * sizeof(double), stream);
        machine_.communicator.all_reduce(sums, sums, blocks_ + 2, DType::f64, comm::ReduceOp::sum,
                                         stream);
    }
    void complete(device::Stream& stream) override {
        found_.resize(blocks_ + 2);
        machine_.device.copy(found_.data(), sums_->data(), found_.size() * sizeof(double), stream);
    }

    std::map<std::string, double> numbers() const override {
        const auto rows = static_cast<double>(dataset_.rows());
        const double scale = dataset_.target_scale() * dataset_.target_scale();
        const auto end = found_.begin() + static_cast<std::ptrdiff_t>(blocks_);
        const double error = std::accumulate(found_.begin(), end, 0.0);
        return {{"mse", error / rows * scale},
                {"r2", 1 - error / (end[1] - end[0] * end[0] / rows)}};
    }

  private:
    void begin_targets() {
        const std::int64_t row = 0;
        float target = 0;
        std::vector<float> inputs(static_cast<std::size_t>(dataset_.features()));
        dataset_.gather(&row, 1, inputs.data(), &target);
        targets_.emplace().first = static_cast<double>(target);
    }

    const data::Dataset& dataset_;
    const Machine& machine_;
    data::BatchStream rows_;
    std::size_t blocks_;
    std::unique_ptr<device::Buffer> sums_;  ///< of each block, then those of the target
    std::optional<TargetSums> targets_;     ///< of this member's rows; they do not change
    kernels::Arguments arguments_;
    std::optional<Launch> launch_;
    std::vector<double> found_;
};

}  // namespace

std::unique_ptr<Operation> make_linear_evaluate(const workload::Step& step, Bindings& bindings) {
    return std::make_unique<LinearEvaluate>(
        *bindings.datasets.at(step.with.at("data").value.root().text),
        buffer_argument(step, "w", bindings), bindings.machine);
}

}  // namespace warpstep::execution
