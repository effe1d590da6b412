// SPDX-License-Identifier: Apache-2.0
#include "runtime/plan/operation_checks.hpp"

#include <algorithm>

#include "kernels/catalog.hpp"
#include "runtime/base/error.hpp"
#include "runtime/plan/collectives.hpp"
#include "runtime/plan/store_file.hpp"

namespace warpstep::plan {
namespace {

using kernels::Parameter;
using workload::Step;

const std::string* word_given(const Step& step, const std::string& argument) {
    const auto it = step.with.find(argument);
    return it == step.with.end() ? nullptr : &it->second.value.root().text;
}

const BufferPlan& buffer_given(const Step& step, const std::string& argument,
                               const Fitting& fitting) {
    const std::string* name = word_given(step, argument);
    if (name == nullptr) {
        fail<ConfigError>("argument '{}' is missing; give it under 'with'", argument);
    }
    const auto it = std::find_if(fitting.buffers.begin(), fitting.buffers.end(),
                                 [&](const BufferPlan& plan) { return plan.name == *name; });
    if (it == fitting.buffers.end()) {
        fail<ConfigError>("'{}: {}' is not a buffer; declare it under 'buffers'", argument, *name);
    }
    return *it;
}

/// Addresses that no memory has, one after another, so that buffers neither overlap nor are
/// misaligned; a buffer that is given twice overlaps itself. Nobody reads them.
class Addresses {
  public:
    void* of(const std::string& name, std::size_t bytes) {
        constexpr std::uintptr_t page = 4096;
        auto [address, is_new] = known_.emplace(name, next_);
        if (is_new) next_ += (bytes + page) / page * page;
        return reinterpret_cast<void*>(address->second);  // NOLINT(performance-no-int-to-ptr)
    }

  private:
    std::uintptr_t next_ = 4096;
    std::map<std::string, std::uintptr_t> known_;
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

void check_copy(const Step& step, const Fitting& fitting) {
    const BufferPlan& from = buffer_given(step, "from", fitting);
    const BufferPlan& to = buffer_given(step, "to", fitting);
    if (from.count == to.count && from.dtype == to.dtype) return;
    fail<ConfigError>(
        "'{}' is {} {} but '{}' is {} {} (a copy needs the same type and count); change one",
        from.name, from.count, name_of(from.dtype), to.name, to.count, name_of(to.dtype));
}

void check_peer_copy(const Step& step, const Fitting& fitting) {
    const BufferPlan& from = buffer_given(step, "from", fitting);
    const BufferPlan& to = buffer_given(step, "to", fitting);
    if (from.count == to.count && from.dtype == to.dtype && from.name != to.name) return;
    fail<ConfigError>(
        "'{}' is {} {} but '{}' is {} {} (a peer copy needs two buffers of one type and count); "
        "change one",
        from.name, from.count, name_of(from.dtype), to.name, to.count, name_of(to.dtype));
}

void check_halo_exchange(const Step& step, const Fitting& fitting) {
    const BufferPlan& grid = buffer_given(step, "buffer", fitting);
    if (grid.shape.size() == 2 && grid.shape[0] >= 3) return;
    fail<ConfigError>(
        "'{}' has {} (rows of other ranks lie above and below at least one own row); use shape: "
        "[own rows + 2, columns]",
        grid.name,
        grid.shape.size() != 2 ? fmt::format("{} dimensions", grid.shape.size())
                               : fmt::format("{} rows", grid.shape[0]));
}

// What it computes is a kernel's sum over the rows.
void check_linear_evaluate(const Step& step, const Fitting& fitting) {
    const std::string* data = word_given(step, "data");
    const auto found = data == nullptr ? fitting.datasets.end() : fitting.datasets.find(*data);
    if (found == fitting.datasets.end()) {
        fail<ConfigError>(
            "'data: {}' is not a dataset (this step reads all rows); name one of 'datasets'",
            data == nullptr ? "" : *data);
    }
    const BufferPlan& weights = buffer_given(step, "w", fitting);
    Addresses addresses;
    kernels::Arguments arguments;
    arguments.buffer("x", addresses.of("x", 0), found->second, DType::f32)
        .buffer("y", addresses.of("y", 0), 1, DType::f32)
        .buffer("w", addresses.of("w", weights.bytes()), weights.count, weights.dtype)
        .buffer("error", addresses.of("error", 0), 1, DType::f64);
    kernels::find("linear.squared_error")->check(arguments);
}

void check_store(const Step& step, const Fitting& fitting) {
    store_file(step, buffer_given(step, "buffer", fitting), fitting.scope);
}

void check_collective(const Step& step, const Fitting& fitting) {
    const bool in_place = step.with.count("buffer") > 0;
    if (in_place == (step.with.count("from") > 0 || step.with.count("to") > 0)) {
        fail<ConfigError>("{} needs either 'buffer' (in place) or 'from' and 'to'; give one form",
                          step.run);
    }
    if (in_place) {
        buffer_given(step, "buffer", fitting);
        return;
    }
    const BufferPlan& from = buffer_given(step, "from", fitting);
    const BufferPlan& to = buffer_given(step, "to", fitting);
    if (from.name == to.name && !find_collective(step.run)->can_be_in_place()) {
        fail<ConfigError>(
            "'from' and 'to' are both '{}' ({} cannot work in place); use two buffers", to.name,
            step.run);
    }
}

void check_kernel(const Step& step, const Fitting& fitting) {
    KernelFitting(step, fitting).check(*kernels::find(step.run));
}

}  // namespace warpstep::plan
