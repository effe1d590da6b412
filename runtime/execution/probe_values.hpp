// SPDX-License-Identifier: Apache-2.0
// What expectations ask for at the end of a run beyond metrics: errors of fits, distances between
// buffers, equality over ranks.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "runtime/data/dataset.hpp"
#include "runtime/execution/lane.hpp"
#include "runtime/execution/planned_step.hpp"
#include "runtime/plan/element_expression.hpp"
#include "runtime/plan/rank_plan.hpp"

namespace warpstep::execution {

/// Of one program; what it is made of outlives it.
class ProbeValues {
  public:
    using Datasets = std::map<std::string, std::unique_ptr<data::Dataset>>;
    using Make = std::function<std::unique_ptr<Operation>(Lane&, const workload::Step&)>;

    ProbeValues(const plan::RankPlan& plan, std::vector<Lane>& lanes,
                const std::vector<PlannedStep>& steps, const Datasets& datasets);

    /// Local. Errors: those of `make`.
    void build(const Make& make);
    /// Collective, when all work is done: leaves each value in the names of the first device, under
    /// the call's own text. Blocks. Errors: DeviceError, CommError.
    void find();

  private:
    struct Work {
        const plan::Probe* probe;
        std::vector<std::unique_ptr<Operation>> operations;  ///< of its evaluation, by lane
    };
    workload::Value value_of(const Work& work) const;
    double mean_squared_error_of(const Work& probe) const;
    double max_abs_of(const plan::Probe& probe) const;
    bool true_weights(const std::string& name, std::int64_t begin,
                      std::vector<plan::Wide>& out) const;
    std::string hash_of(const plan::Probe& probe) const;
    bool seen_once_in(const std::string& dataset) const;
    const Lane& lane_of(const plan::Probe& probe) const;

    const plan::RankPlan& plan_;
    std::vector<Lane>& lanes_;
    const std::vector<PlannedStep>& steps_;
    const Datasets& datasets_;
    std::vector<Work> probes_;
};

}  // namespace warpstep::execution
