// SPDX-License-Identifier: Apache-2.0
#include "runtime/plan/buffers.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <numeric>

#include "runtime/base/error.hpp"
#include "runtime/base/units.hpp"

namespace warpstep::plan {
namespace {

using InitKind = workload::BufferInit::Kind;

std::vector<std::int64_t> shape_of(const workload::BufferSpec& spec, const RankScope& scope) {
    const std::int64_t limit =
        (std::int64_t{1} << 62) / static_cast<std::int64_t>(size_of(spec.dtype));
    std::vector<std::int64_t> shape;
    std::int64_t count = 1;
    for (const auto& extent : spec.shape) {
        const std::int64_t value = extent.evaluate_count(scope);
        if (value < 0) {
            fail<ConfigError>("{}: buffer '{}' has {} elements ({}); give a count of 0 or more",
                              show(spec.mark), spec.name, value, extent.text());
        }
        if (value != 0 && count > limit / value) {
            fail<ConfigError>(
                "{}: buffer '{}' is larger than any memory ({} elements); give a smaller count",
                show(spec.mark), spec.name, extent.text());
        }
        count *= value;
        shape.push_back(value);
    }
    return shape;
}

// Refuses first values that whole numbers of this type cannot hold.
void check_init(const BufferPlan& plan, const workload::BufferSpec& spec) {
    if (is_floating(plan.dtype)) return;
    double least = 0, most = 0;
    switch (plan.init) {
        case InitKind::zero:
            return;
        case InitKind::number:
            least = most = plan.number;
            break;
        case InitKind::iota:
            most = static_cast<double>(std::max<std::int64_t>(0, plan.count - 1));
            break;
        case InitKind::small_integers:
            least = -8;
            most = 8;
            break;
        case InitKind::file:
            return;
        case InitKind::uniform:
        case InitKind::normal:
            fail<ConfigError>(
                "{}: buffer '{}' is {} (uniform and normal make fractions); use small_integers or "
                "another dtype",
                show(spec.mark), plan.name, name_of(plan.dtype));
    }
    const bool fits = with_type(plan.dtype, [&](auto zero) {
        using Limits = std::numeric_limits<decltype(zero)>;
        return least >= static_cast<double>(Limits::lowest()) &&
               most < static_cast<double>(Limits::max()) + 1 && most == std::floor(most);
    });
    if (!fits) {
        fail<ConfigError>(
            "{}: buffer '{}' is {} (values from {} to {} do not fit); use another init or dtype",
            show(spec.mark), plan.name, name_of(plan.dtype), least, most);
    }
}

std::shared_ptr<const data::BufferFile> open_file(const workload::BufferSpec& spec,
                                                  const BufferPlan& plan, const RankScope& scope) {
    const std::int64_t offset = spec.init.offset ? spec.init.offset->evaluate_count(scope) : 0;
    try {
        return std::make_shared<const data::BufferFile>(spec.init.file, plan.dtype, plan.count,
                                                        offset);
    } catch (const ConfigError& error) {
        fail<ConfigError>("{}: buffer '{}': {}", show(spec.mark), spec.name, error.what());
    }
}

}  // namespace

std::vector<BufferPlan> plan_buffers(const workload::Workload& workload, const RankScope& scope,
                                     const std::set<std::string>& collective) {
    std::vector<BufferPlan> plans;
    for (const auto& spec : workload.buffers) {
        BufferPlan plan;
        plan.name = spec.name;
        plan.dtype = spec.dtype;
        plan.shape = shape_of(spec, scope);
        plan.count = std::accumulate(plan.shape.begin(), plan.shape.end(), std::int64_t{1},
                                     std::multiplies<>());
        plan.memory = spec.memory;
        plan.init = spec.init.kind;
        if (spec.init.number) plan.number = spec.init.number->evaluate_number(scope);
        if (spec.init.seed) {
            plan.seed = static_cast<std::uint64_t>(spec.init.seed->evaluate_count(scope));
        }
        plan.collective = collective.count(spec.name) > 0;
        check_init(plan, spec);
        if (plan.init == InitKind::file) plan.file = open_file(spec, plan, scope);
        plans.push_back(plan);
    }
    return plans;
}

}  // namespace warpstep::plan
