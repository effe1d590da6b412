// SPDX-License-Identifier: Apache-2.0
#include "runtime/plan/kernel_check.hpp"

#include "kernels/catalog.hpp"
#include "runtime/base/error.hpp"
#include "runtime/plan/operation_entries.hpp"

namespace warpstep::plan {
namespace {

using kernels::Parameter;
using workload::Step;

/// The arguments of a kernel, without memory.
class KernelFitting {
  public:
    KernelFitting(const Step& step, const Fitting& fitting) : step_(step), fitting_(fitting) {}

    void check(const kernels::Kernel& kernel) {
        bind_rows();
        for (const Parameter& parameter : kernel.parameters) {
            if (!arguments_.has(parameter.name)) bind(parameter);
        }
        kernel.check(arguments_);
    }

  private:
    // One row is enough to compare the widths.
    void bind_rows() {
        const std::string* data = word_given(step_, "data");
        if (data == nullptr) return;
        if (step_.with.count("x") > 0 || step_.with.count("y") > 0) {
            fail<ConfigError>("'data' stands for 'x' and 'y'; give either 'data' or both of them");
        }
        const auto found = fitting_.batches.find(*data);
        if (found == fitting_.batches.end()) {
            fail<ConfigError>(
                "'data: {}' is not a batch (this step reads one batch at a time); loop over the "
                "dataset with for_each and name the loop variable",
                *data);
        }
        arguments_.buffer("x", addresses_.of("the inputs", 0), found->second, DType::f32);
        arguments_.buffer("y", addresses_.of("the targets", 0), 1, DType::f32);
    }

    void bind(const Parameter& parameter) {
        const auto it = step_.with.find(parameter.name);
        const bool given = it != step_.with.end();
        if (!given && !parameter.optional) {
            fail<ConfigError>("argument '{}' is missing; give it under 'with'", parameter.name);
        }
        if (parameter.role == Parameter::Role::word) {
            arguments_.word(parameter.name,
                            given ? it->second.value.root().text : parameter.words.front());
        } else if (parameter.role == Parameter::Role::value) {
            arguments_.number(parameter.name,
                              given ? number(it->second.value) : parameter.default_number);
        } else if (given) {
            const BufferPlan& plan = buffer_given(step_, parameter.name, fitting_);
            arguments_.buffer(parameter.name, addresses_.of(plan.name, plan.bytes()), plan.shape,
                              plan.dtype);
        }
    }

    // What reads a loop variable is decided at every turn.
    double number(const workload::Expression& expression) const {
        for (const auto& name : expression.names()) {
            if (fitting_.scope.is_loop_name(name)) return 0;
        }
        return expression.evaluate_number(fitting_.scope);
    }

    const Step& step_;
    const Fitting& fitting_;
    Addresses addresses_;
    kernels::Arguments arguments_;
};

}  // namespace

void check_kernel(const Step& step, const Fitting& fitting) {
    KernelFitting(step, fitting).check(*kernels::find(step.run));
}

}  // namespace warpstep::plan
