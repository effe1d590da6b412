// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "runtime/cli/plan.hpp"

namespace warpstep::cli {

struct SelfTest {
    std::string text;  ///< a table by family, then the violations
    int violations = 0;
};

/// Plans random scenarios and inspects every placement with rules that share no code with the
/// planner; a refusal must be due. Errors: ConfigError for a directory without XML files, or with
/// one that is no topology.
SelfTest self_test(const PlanOptions& options);

}  // namespace warpstep::cli
