// SPDX-License-Identifier: Apache-2.0
// Compares buffers with what they must be, element by element, one precision higher.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "runtime/execution/result.hpp"
#include "runtime/execution/storage.hpp"
#include "runtime/plan/element_expression.hpp"
#include "runtime/plan/rank_scope.hpp"
#include "runtime/workload/workload.hpp"

namespace warpstep::execution {

/// Contents of buffers before the step ran, for before(x) in expressions.
using Snapshots = std::map<std::string, std::vector<char>>;

/// The elements of a device's buffers, and with before(x) those of `before`. Refers to all three.
plan::ElementSource elements_of(const Storage& storage, const Snapshots& before,
                                device::Stream& stream);

/// Buffers whose content before the step the rule reads.
std::vector<std::string> snapshots_needed(const workload::VerifyRule& rule);

/// Evaluates the rule on this rank. `reference`: the buffer that a rule with `reference` compares
/// with. Tolerance: exact, or ulp, or |got - expected| <= atol + rtol *
/// |expected|; none given: exact for integers, 1 ulp for floating types. NaN and infinity fail
/// unless allow_nan. Rules that compare ranks deliver a hash and pass here; the judge compares.
/// Source: expected values in long double (64-bit mantissa), rounded once.
VerifyResult verify(const workload::VerifyRule& rule, const Storage& storage,
                    const plan::RankScope& scope, const Snapshots& before, device::Stream& stream,
                    const std::string& reference = "");

}  // namespace warpstep::execution
