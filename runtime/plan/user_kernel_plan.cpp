// SPDX-License-Identifier: Apache-2.0
// What a launch of a user's kernel is, decided before anything is compiled.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <utility>

#include "runtime/base/dtype.hpp"
#include "runtime/base/error.hpp"
#include "runtime/plan/user_kernel_plan.hpp"

namespace warpstep::plan {
namespace {

using workload::Expression;
using workload::KernelArgument;
using workload::ValueType;

constexpr std::uint32_t default_block = 256;

template <typename... Args>
[[noreturn]] void refuse(const Expression& where, fmt::format_string<Args...> format,
                         Args&&... args) {
    fail<ConfigError>("{}: {}", show(where.mark()),
                      fmt::format(format, std::forward<Args>(args)...));
}

template <typename T>
std::string bits_of(T value) {
    std::string bits(sizeof value, '\0');
    std::memcpy(bits.data(), &value, sizeof value);
    return bits;
}

template <typename T>
std::string whole_bits(const Expression& expression, ValueType type, const RankScope& scope) {
    const std::int64_t value = expression.evaluate_count(scope);
    if (!std::in_range<T>(value)) {
        refuse(expression, "{} does not fit {} ({} to {}); use a wider type", value, name_of(type),
               std::numeric_limits<T>::min(), std::numeric_limits<T>::max());
    }
    return bits_of(static_cast<T>(value));
}

template <typename T>
std::string real_bits(const Expression& expression, ValueType type, const RankScope& scope) {
    const double value = expression.evaluate_number(scope);
    const T narrow = static_cast<T>(value);
    if (std::isfinite(value) && !std::isfinite(static_cast<double>(narrow))) {
        refuse(expression, "{} does not fit {}; use a wider type", value, name_of(type));
    }
    return bits_of(narrow);
}

std::string value_bits(const KernelArgument& argument, const RankScope& scope) {
    const Expression& value = *argument.value;
    switch (argument.type) {
        case ValueType::i8:
            return whole_bits<std::int8_t>(value, argument.type, scope);
        case ValueType::u8:
            return whole_bits<std::uint8_t>(value, argument.type, scope);
        case ValueType::i16:
            return whole_bits<std::int16_t>(value, argument.type, scope);
        case ValueType::u16:
            return whole_bits<std::uint16_t>(value, argument.type, scope);
        case ValueType::i32:
            return whole_bits<std::int32_t>(value, argument.type, scope);
        case ValueType::u32:
            return whole_bits<std::uint32_t>(value, argument.type, scope);
        case ValueType::i64:
            return whole_bits<std::int64_t>(value, argument.type, scope);
        case ValueType::u64:
            return whole_bits<std::uint64_t>(value, argument.type, scope);
        case ValueType::f16:
            return real_bits<Float16>(value, argument.type, scope);
        case ValueType::bf16:
            return real_bits<BFloat16>(value, argument.type, scope);
        case ValueType::f32:
            return real_bits<float>(value, argument.type, scope);
        case ValueType::f64:
            break;
    }
    return real_bits<double>(value, argument.type, scope);
}

std::uint32_t extent_of(const Expression& expression, std::string_view what, std::int64_t least,
                        const RankScope& scope) {
    const std::int64_t extent = expression.evaluate_count(scope);
    if (extent < least || extent > std::numeric_limits<std::uint32_t>::max()) {
        refuse(expression, "'{}' is {} (it must be {} to {})", what, extent, least,
               std::numeric_limits<std::uint32_t>::max());
    }
    return static_cast<std::uint32_t>(extent);
}

// 64 bits, because the number of threads may be larger than any extent.
std::uint32_t blocks_for(const Expression& threads, std::uint32_t block, const RankScope& scope) {
    const std::int64_t count = threads.evaluate_count(scope);
    if (count < 0) refuse(threads, "'threads' is {} (it must be 0 or more)", count);
    const std::int64_t blocks = count / block + (count % block == 0 ? 0 : 1);
    if (blocks > std::numeric_limits<std::uint32_t>::max()) {
        refuse(threads, "'threads' is {} ({} blocks of {}; at most {}); use a larger block", count,
               blocks, block, std::numeric_limits<std::uint32_t>::max());
    }
    return static_cast<std::uint32_t>(blocks);
}

// A number of bytes or operations, with or without the unit.
double amount_of(const Expression& expression, workload::Unit unit, const RankScope& scope) {
    const workload::Value value = expression.evaluate(scope);
    const bool fits = value.is_number() && (value.unit == workload::no_unit || value.unit == unit);
    if (!fits || !(value.number() >= 0)) {
        refuse(expression, "'{}' is {} (it must be a number, 0 or more, of one launch)",
               expression.text(), show(value));
    }
    return value.number();
}

kernels::LaunchShape shape_of(const workload::KernelSpec& spec, const RankScope& scope) {
    kernels::LaunchShape shape;
    if (spec.block.empty()) shape.block[0] = default_block;
    for (std::size_t i = 0; i < spec.block.size(); ++i) {
        shape.block[i] = extent_of(spec.block[i], "block", 1, scope);
    }
    for (std::size_t i = 0; i < spec.grid.size(); ++i) {
        shape.grid[i] = extent_of(spec.grid[i], "grid", 1, scope);
    }
    for (std::size_t i = 0; i < spec.threads.size(); ++i) {
        shape.grid[i] = blocks_for(spec.threads[i], shape.block[i], scope);
    }
    if (spec.shared) {
        const double bytes = amount_of(*spec.shared, workload::unit_bytes, scope);
        if (bytes != std::floor(bytes) || bytes > std::numeric_limits<std::uint32_t>::max()) {
            refuse(*spec.shared,
                   "'shared' is {} (it must be a whole number of bytes that a block "
                   "can have)",
                   bytes);
        }
        shape.shared_bytes = static_cast<std::size_t>(bytes);
    }
    return shape;
}

}  // namespace

LaunchPlan plan_launch(const workload::KernelSpec& spec, const RankScope& scope) {
    constexpr workload::Unit unit_flops{0, 0, 1};
    LaunchPlan plan;
    plan.shape = shape_of(spec, scope);
    plan.empty = std::count(plan.shape.grid.begin(), plan.shape.grid.end(), 0U) > 0;
    for (const KernelArgument& argument : spec.args) {
        plan.bits.push_back(argument.value ? value_bits(argument, scope) : "");
    }
    if (spec.bytes) plan.bytes = amount_of(*spec.bytes, workload::unit_bytes, scope);
    if (spec.flops) plan.flops = amount_of(*spec.flops, unit_flops, scope);
    return plan;
}

void check_limits(const workload::KernelSpec& spec, const kernels::LaunchShape& shape,
                  const kernels::LaunchLimits& limits) {
    try {
        kernels::check_launch(shape, limits);
    } catch (const ConfigError& error) {
        fail<ConfigError>("{}: kernel '{}': {}", show(spec.mark), spec.name, error.what());
    }
}

void check_user_kernel(const workload::Step& step, const workload::KernelSpec& spec,
                       const std::vector<BufferPlan>& buffers, device::Kind kind,
                       const RankScope& scope) {
    if (kind == device::Kind::host) {
        fail<ConfigError>(
            "{}: step '{}' runs the kernel '{}' (CUDA code needs a GPU, and this rank has the host "
            "device); run it where there is a GPU, or give the step if: device.kind == cuda",
            show(step.mark), step.name, spec.name);
    }
    for (const KernelArgument& argument : spec.args) {
        const auto buffer =
            std::find_if(buffers.begin(), buffers.end(),
                         [&](const BufferPlan& plan) { return plan.name == argument.buffer; });
        if (buffer == buffers.end() || buffer->memory != workload::MemoryKind::host) continue;
        fail<ConfigError>(
            "{}: '{}' lies in host memory (a kernel cannot reach it); declare it with memory: "
            "device or host_pinned",
            show(argument.mark), argument.buffer);
    }
    plan_launch(spec, scope);
}

}  // namespace warpstep::plan
