// SPDX-License-Identifier: Apache-2.0
#include "runtime/plan/kernel_check.hpp"

#include <algorithm>
#include <optional>

#include "kernels/catalog.hpp"
#include "runtime/base/error.hpp"
#include "runtime/plan/operation_entries.hpp"
#include "runtime/workload/expression_type.hpp"

namespace warpstep::plan {
namespace {

using kernels::Parameter;
using workload::Step;

/// What names are where their values are known, or change from turn to turn.
class ValueTypes final : public workload::TypeScope {
  public:
    explicit ValueTypes(const RankScope& scope) : scope_(scope) {}
    std::optional<workload::Type> find(const workload::Node& node) const override {
        const auto value = scope_.find(node.text);
        return value ? std::optional(workload::type_of(*value)) : std::nullopt;
    }

  private:
    const RankScope& scope_;
};

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
        const auto names = expression.names();
        if (std::none_of(names.begin(), names.end(), [&](const std::string& name) {
                return fitting_.scope.is_loop_name(name);
            })) {
            return expression.evaluate_number(fitting_.scope);
        }
        const auto type = type_of(expression, ValueTypes(fitting_.scope));
        if (type && type->kind != workload::Type::Kind::number) {
            fail<ConfigError>("{}: expected a number, not {}", show(expression.mark()),
                              show(*type));
        }
        return 0;
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
