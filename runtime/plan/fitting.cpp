// SPDX-License-Identifier: Apache-2.0
#include "runtime/plan/fitting.hpp"

#include <algorithm>

#include "kernels/catalog.hpp"
#include "runtime/base/error.hpp"

namespace warpstep::plan {
namespace {

using kernels::Parameter;

// Addresses that no memory has, one after another, so that buffers neither overlap nor are
// misaligned. Nobody reads them.
class Addresses {
  public:
    void* next(std::size_t bytes) {
        constexpr std::uintptr_t page = 4096;
        const std::uintptr_t begin = next_;
        next_ += (bytes + page) / page * page;
        return reinterpret_cast<void*>(begin);  // NOLINT(performance-no-int-to-ptr)
    }

  private:
    std::uintptr_t next_ = 4096;
};

class Fitting {
  public:
    Fitting(const workload::Step& step, const std::vector<BufferPlan>& buffers,
            const std::map<std::string, std::int64_t>& features, const RankScope& scope)
        : step_(step), buffers_(buffers), features_(features), scope_(scope) {}

    void copy() const {
        const BufferPlan& from = buffer("from");
        const BufferPlan& to = buffer("to");
        if (from.count == to.count && from.dtype == to.dtype) return;
        fail<ConfigError>(
            "'{}' is {} {} but '{}' is {} {} (a copy needs the same type and count); change one",
            from.name, from.count, name_of(from.dtype), to.name, to.count, name_of(to.dtype));
    }

    void kernel(const kernels::Kernel& kernel) {
        bind_rows();
        for (const Parameter& parameter : kernel.parameters) {
            if (!arguments_.has(parameter.name)) bind(parameter);
        }
        kernel.check(arguments_);
    }

  private:
    const BufferPlan& buffer(const std::string& argument) const {
        const std::string& name = step_.with.at(argument).value.root().text;
        const auto it = std::find_if(buffers_.begin(), buffers_.end(),
                                     [&](const BufferPlan& plan) { return plan.name == name; });
        if (it == buffers_.end()) {
            fail<ConfigError>("'{}: {}' is not a buffer; declare it under 'buffers'", argument,
                              name);
        }
        return *it;
    }

    // One row is enough to compare the widths.
    void bind_rows() {
        const auto data = step_.with.find("data");
        if (data == step_.with.end()) return;
        const auto found = features_.find(data->second.value.root().text);
        if (found == features_.end()) {
            fail<ConfigError>(
                "'data: {}' is not a batch (this step reads one batch at a time); loop over the "
                "dataset with for_each and name the loop variable",
                data->second.value.root().text);
        }
        arguments_.buffer("x", addresses_.next(0), found->second, DType::f32);
        arguments_.buffer("y", addresses_.next(0), 1, DType::f32);
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
            const BufferPlan& plan = buffer(parameter.name);
            // A buffer that is given twice overlaps itself.
            auto [address, is_new] = addresses_of_.emplace(plan.name, nullptr);
            if (is_new) address->second = addresses_.next(plan.bytes());
            arguments_.buffer(parameter.name, address->second, plan.shape, plan.dtype);
        }
    }

    // What reads a loop variable is decided at every turn.
    double number(const workload::Expression& expression) const {
        for (const auto& name : expression.names()) {
            if (scope_.is_loop_name(name)) return 0;
        }
        return expression.evaluate_number(scope_);
    }

    const workload::Step& step_;
    const std::vector<BufferPlan>& buffers_;
    const std::map<std::string, std::int64_t>& features_;
    const RankScope& scope_;
    Addresses addresses_;
    std::map<std::string, void*> addresses_of_;
    kernels::Arguments arguments_;
};

}  // namespace

void check_fitting(const workload::Step& step, const std::vector<BufferPlan>& buffers,
                   const std::map<std::string, std::int64_t>& features, const RankScope& scope) {
    const kernels::Kernel* kernel = kernels::find(step.run);
    if (kernel == nullptr && step.run != "copy") return;
    try {
        Fitting fitting(step, buffers, features, scope);
        if (kernel != nullptr) {
            fitting.kernel(*kernel);
        } else {
            fitting.copy();
        }
    } catch (const ConfigError& error) {
        const std::string text = error.what();
        if (text.starts_with(step.mark.file + ":")) throw;
        fail<ConfigError>("{}: step '{}': {}", show(step.mark), step.name, text);
    }
}

}  // namespace warpstep::plan
