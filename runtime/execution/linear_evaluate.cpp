// SPDX-License-Identifier: Apache-2.0
// How well a linear model fits a dataset: every rank computes its share of the rows, the sums are
// added up over the ranks.
#include <cmath>
#include <optional>
#include <utility>

#include "kernels/catalog.hpp"
#include "runtime/base/error.hpp"
#include "runtime/execution/operation_kinds.hpp"

namespace warpstep::execution {
namespace {

/// mse <- mean over all rows of (x.w - y)^2 in the target's own units; r2 <- 1 - mse / variance of
/// the target. Source: coefficient of determination, Draper and Smith, Applied Regression Analysis.
class LinearEvaluate final : public Operation {
  public:
    LinearEvaluate(Dataset& dataset, const NamedBuffer& weights, const Machine& machine)
        : dataset_(dataset),
          machine_(machine),
          share_(Dataset::share({0, dataset.rows()}, machine.member(), machine.members())),
          rows_(machine, dataset, std::max<std::int64_t>(1, share_.rows())),
          error_(machine.device.allocate(sizeof(double), device::Memory::device)) {
        arguments_.buffer("x", rows_.inputs(), dataset.features(), DType::f32)
            .buffer("y", rows_.targets(), 1, DType::f32)
            .buffer("w", weights.data(), weights.plan.count, weights.plan.dtype)
            .buffer("error", error_->data(), 1, DType::f64);
        kernels::find("linear.squared_error")->check(arguments_);
        arguments_.set_buffer("x", rows_.inputs(), share_.rows() * dataset.features());
        arguments_.set_buffer("y", rows_.targets(), share_.rows());
        launch_.emplace(*kernels::find("linear.squared_error"), arguments_, machine);
    }

    void issue(device::Stream& stream) override {
        rows_.load(share_, dataset_.rows(), stream);
        (*launch_)(stream);
        machine_.communicator.all_reduce(error_->data(), error_->data(), 1, DType::f64,
                                         comm::ReduceOp::sum, stream);
    }
    void complete(device::Stream& stream) override {
        machine_.device.copy(&sum_, error_->data(), sizeof(double), stream);
    }

    std::map<std::string, double> numbers() const override {
        const double scale = dataset_.target_scale() * dataset_.target_scale();
        return {{"mse", sum_ / static_cast<double>(dataset_.rows()) * scale},
                {"r2", 1 - sum_ / dataset_.target_sum_of_squares()}};
    }

  private:
    Dataset& dataset_;
    const Machine& machine_;
    Share share_;
    Batch rows_;
    std::unique_ptr<device::Buffer> error_;
    kernels::Arguments arguments_;
    std::optional<Launch> launch_;
    double sum_ = std::nan("");
};

}  // namespace

std::unique_ptr<Operation> make_linear_evaluate(const workload::Step& step, Bindings& bindings) {
    const std::string& data = step.with.at("data").value.root().text;
    const auto found = bindings.datasets.find(data);
    if (found == bindings.datasets.end()) {
        fail<ConfigError>(
            "'data: {}' is not a dataset (this step reads all rows); name one of 'datasets'", data);
    }
    return std::make_unique<LinearEvaluate>(*found->second, buffer_argument(step, "w", bindings),
                                            bindings.machine);
}

}  // namespace warpstep::execution
