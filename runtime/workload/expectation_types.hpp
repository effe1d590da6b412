// SPDX-License-Identifier: Apache-2.0
// What the names of expectations are: numbers with units, truth values, words.
#pragma once

#include <map>
#include <string>

#include "runtime/workload/expression_type.hpp"
#include "runtime/workload/step_metrics.hpp"

namespace warpstep::workload {

class ExpectationTypes {
  public:
    /// `metrics` outlives this.
    ExpectationTypes(const Workload& workload, const MetricsByStep& metrics);

    class InStep final : public TypeScope {
      public:
        InStep(const ExpectationTypes& types, const StepMetrics* own) : types_(types), own_(own) {}
        std::optional<Type> find(const Node& node) const override;

      private:
        const ExpectationTypes& types_;
        const StepMetrics* own_;
    };
    /// Where `step` holds the expectation; nullptr: at the end of the file.
    InStep in(const Step* step) const;

  private:
    std::optional<Type> find(const std::string& name, const StepMetrics* own) const;

    const MetricsByStep& metrics_;
    std::map<std::string, std::optional<Type>, std::less<>> params_;
    std::vector<std::string> datasets_;
};

}  // namespace warpstep::workload
