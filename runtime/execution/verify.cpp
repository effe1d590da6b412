// SPDX-License-Identifier: Apache-2.0
#include "runtime/execution/verify.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <map>
#include <mutex>
#include <optional>

#include "runtime/base/error.hpp"
#include "runtime/base/text.hpp"
#include "runtime/plan/verify_rule.hpp"

namespace warpstep::execution {
namespace {

using workload::Node;
using workload::VerifyRule;

// Small enough that a block of every operand stays in cache.
constexpr std::int64_t compared_at_once = 16 * 1024;
// Large enough that reading it from a device costs its bytes, small enough to be kept beside them.
constexpr std::int64_t stretch_elements = 1024 * 1024;

void find_before(const Node& node, std::vector<std::string>& found) {
    if (node.kind == Node::Kind::call && node.text == "before" && node.operands.size() == 1) {
        found.push_back(node.operands[0].text);
    }
    for (const auto& operand : node.operands) find_before(operand, found);
}

std::vector<plan::Wide> widen(const char* bytes, std::int64_t count, DType dtype) {
    std::vector<plan::Wide> out(static_cast<std::size_t>(count));
    with_type(dtype, [&](auto zero) {
        using T = decltype(zero);
        for (std::size_t i = 0; i < out.size(); ++i) {
            T value;
            std::memcpy(&value, bytes + i * sizeof(T), sizeof(T));
            out[i] = static_cast<plan::Wide>(value);
        }
    });
    return out;
}

// Distance between neighbouring numbers of the type around x; whole numbers are 1 apart, nothing is
// near NaN. Source: Goldberg (1991), unit in the last place.
plan::Wide ulp_of(plan::Wide x, DType dtype) {
    if (!is_floating(dtype)) return 1;
    if (std::isnan(x)) return x;
    const FloatFormat format = format_of(dtype);
    int exponent = format.least_exponent;
    // An infinite expectation is compared exactly; its ulp only has to be a number.
    if (std::isfinite(x) && x != 0) exponent = std::max(exponent, std::ilogb(x));
    return std::ldexp(plan::Wide{1}, exponent - (format.digits - 1));
}

// `expected` as the buffer's type would hold it.
plan::Wide rounded(plan::Wide expected, DType dtype) {
    if (!is_floating(dtype)) return expected;
    return with_type(dtype, [&](auto zero) {
        return static_cast<plan::Wide>(static_cast<decltype(zero)>(expected));
    });
}

class Tolerance {
  public:
    Tolerance(const VerifyRule& rule, DType dtype) : rule_(rule), dtype_(dtype) {
        const bool given = rule.ulp || rule.rtol || rule.atol;
        exact_ = rule.exact || (!given && !is_floating(dtype));
        ulp_ = rule.ulp ? rule.ulp : given ? std::nullopt : std::optional(1.0);
    }
    double distance_ulp(plan::Wide got, plan::Wide expected) const {
        return static_cast<double>(std::abs(got - expected) / ulp_of(expected, dtype_));
    }
    bool accepts(plan::Wide got, plan::Wide expected) const {
        const plan::Wide same = rounded(expected, dtype_);
        if (!std::isfinite(got)) {
            const bool equal = std::isnan(got) ? std::isnan(expected) : got == same;
            return rule_.allow_nan && equal;
        }
        if (exact_) return got == same;
        // Infinity would make every relative bound infinite.
        if (!std::isfinite(expected)) return false;
        const plan::Wide error = std::abs(got - expected);
        if (rule_.rtol || rule_.atol) {
            const plan::Wide bound =
                rule_.atol.value_or(0) + rule_.rtol.value_or(0) * std::abs(expected);
            if (error <= bound) return true;
            if (!rule_.ulp) return false;
        }
        return error <= *ulp_ * ulp_of(expected, dtype_);
    }

  private:
    const VerifyRule& rule_;
    DType dtype_;
    bool exact_ = false;
    std::optional<double> ulp_;
};

struct Comparison {
    std::int64_t errors = 0;
    std::int64_t first = -1;
    plan::Wide first_got = 0, first_expected = 0;
    double worst_ulp = 0;

    void add(std::int64_t index, plan::Wide got, plan::Wide expected, const Tolerance& tolerance) {
        const double ulp = tolerance.distance_ulp(got, expected);
        if (std::isfinite(ulp)) worst_ulp = std::max(worst_ulp, ulp);
        if (tolerance.accepts(got, expected)) return;
        if (errors++ == 0) {
            first = index;
            first_got = got;
            first_expected = expected;
        }
    }
    /// Of another part of the same buffer.
    void add(const Comparison& other) {
        worst_ulp = std::max(worst_ulp, other.worst_ulp);
        if (other.errors > 0 && (errors == 0 || other.first < first)) {
            first = other.first;
            first_got = other.first_got;
            first_expected = other.first_expected;
        }
        errors += other.errors;
    }
};

/// A stretch of buffers brought to the host in large pieces by one thread, then read by several.
class Stretch {
  public:
    Stretch(const Storage& storage, const Snapshots& before, device::Stream& stream)
        : storage_(storage), before_(before), stream_(stream) {}

    void add(const std::string& name) {
        if (storage_.has(name)) bytes_[name];
    }
    void add_names(const Node& node) {
        if (node.kind == Node::Kind::call && node.text == "before") return;
        if (node.kind == Node::Kind::name) add(node.text);
        for (const Node& operand : node.operands) add_names(operand);
    }
    void load(std::int64_t begin, std::int64_t count) {
        begin_ = begin;
        for (auto& [name, bytes] : bytes_) {
            const bool scalar = storage_.at(name).plan.count == 1;
            bytes = storage_.read(name, scalar ? 0 : begin, scalar ? 1 : count, stream_);
        }
    }
    /// As ElementSource. Inside what was loaded; any number of threads.
    bool fill(const std::string& name, bool old, std::int64_t begin,
              std::vector<plan::Wide>& out) const {
        if (!storage_.has(name)) return false;
        const plan::BufferPlan& plan = storage_.at(name).plan;
        const bool scalar = plan.count == 1;
        const std::int64_t first = scalar ? 0 : old ? begin : begin - begin_;
        const char* bytes = (old ? before_.at(name) : bytes_.at(name)).data();
        const auto elements = widen(bytes + static_cast<std::size_t>(first) * size_of(plan.dtype),
                                    scalar ? 1 : static_cast<std::int64_t>(out.size()), plan.dtype);
        if (scalar)
            std::fill(out.begin(), out.end(), elements[0]);
        else
            out = elements;
        return true;
    }

  private:
    const Storage& storage_;
    const Snapshots& before_;
    device::Stream& stream_;
    std::int64_t begin_ = 0;
    std::map<std::string, std::vector<char>> bytes_;
};

VerifyResult verify_equals(const VerifyRule& rule, const plan::Expected& expected,
                           const Storage& storage, const plan::RankScope& scope,
                           const Snapshots& before, device::Stream& stream) {
    const plan::BufferPlan& plan = storage.at(rule.buffer).plan;
    Stretch stretch(storage, before, stream);
    stretch.add(rule.buffer);
    stretch.add_names(expected.expression.root());
    const plan::ElementSource source = [&](const std::string& name, bool old, std::int64_t begin,
                                           std::vector<plan::Wide>& out) {
        return stretch.fill(name, old, begin, out);
    };
    const Tolerance tolerance(rule, plan.dtype);
    const auto compare = [&](std::int64_t begin, std::int64_t end, Comparison& found) {
        for (std::int64_t at = begin; at < end; at += compared_at_once) {
            const std::int64_t count = std::min(compared_at_once, end - at);
            const auto wanted =
                plan::evaluate_elements(expected.expression, scope, source, at, count);
            std::vector<plan::Wide> got(static_cast<std::size_t>(count));
            stretch.fill(rule.buffer, false, at, got);
            for (std::size_t i = 0; i < got.size(); ++i)
                found.add(at + static_cast<std::int64_t>(i), got[i], wanted[i], tolerance);
        }
    };
    Comparison comparison;
    std::mutex mutex;
    for (std::int64_t begin = 0; begin < plan.count; begin += stretch_elements) {
        const std::int64_t count = std::min(stretch_elements, plan.count - begin);
        stretch.load(begin, count);
        storage.cores().for_range(count, [&](std::int64_t first, std::int64_t last) {
            Comparison part;
            compare(begin + first, begin + last, part);
            const std::lock_guard lock(mutex);
            comparison.add(part);
        });
    }
    VerifyResult result{rule.buffer, expected.rule,        comparison.errors == 0,
                        "",          comparison.worst_ulp, ""};
    if (comparison.errors > 0) {
        result.detail = fmt::format("{} of {} elements differ, first {}[{}] = {} (expected {})",
                                    comparison.errors, plan.count, rule.buffer, comparison.first,
                                    static_cast<double>(comparison.first_got),
                                    static_cast<double>(comparison.first_expected));
    }
    return result;
}

VerifyResult verify_same(const VerifyRule& rule, const Storage& storage, device::Stream& stream) {
    const plan::BufferPlan& plan = storage.at(rule.buffer).plan;
    const auto bytes = storage.read(rule.buffer, 0, plan.count, stream);
    VerifyResult result{rule.buffer, "same on all ranks", true, "", 0, ""};
    result.hash = hash_hex({bytes.data(), bytes.size()});
    for (const plan::Wide element : widen(bytes.data(), plan.count, plan.dtype)) {
        if (std::isfinite(element) || rule.allow_nan) continue;
        result.passed = false;
        result.detail = fmt::format("{} holds {} (equal everywhere is not enough)", rule.buffer,
                                    static_cast<double>(element));
        break;
    }
    return result;
}

}  // namespace

plan::ElementSource elements_of(const Storage& storage, const Snapshots& before,
                                device::Stream& stream) {
    return
        [&](const std::string& name, bool old, std::int64_t begin, std::vector<plan::Wide>& out) {
            if (!storage.has(name)) return false;
            const plan::BufferPlan& plan = storage.at(name).plan;
            const auto count = static_cast<std::int64_t>(out.size());
            // A buffer of one element stands for every element; check_rule() made sure of the
            // others.
            const bool scalar = plan.count == 1;
            const std::int64_t read_begin = scalar ? 0 : begin;
            const std::int64_t read_count = scalar ? 1 : count;
            const std::size_t size = size_of(plan.dtype);
            const auto elements =
                old ? widen(before.at(name).data() + static_cast<std::size_t>(read_begin) * size,
                            read_count, plan.dtype)
                    : widen(storage.read(name, read_begin, read_count, stream).data(), read_count,
                            plan.dtype);
            if (scalar) {
                std::fill(out.begin(), out.end(), elements[0]);
            } else {
                out = elements;
            }
            return true;
        };
}

std::vector<std::string> snapshots_needed(const VerifyRule& rule) {
    std::vector<std::string> found;
    if (rule.equals) find_before(rule.equals->root(), found);
    return found;
}

VerifyResult verify(const VerifyRule& rule, const Storage& storage, const plan::RankScope& scope,
                    const Snapshots& before, device::Stream& stream, const std::string& reference) {
    if (rule.same_on_all_ranks) return verify_same(rule, storage, stream);
    return verify_equals(rule, plan::expected_of(rule, reference), storage, scope, before, stream);
}

}  // namespace warpstep::execution
