// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "runtime/workload/workload.hpp"

namespace warpstep::plan {

/// Of `step` with a rule `reference`; `writer`: the step that writes the verified buffer, or
/// nullptr. Errors: ConfigError for a buffer that nobody writes there, or a reference that is no
/// kernel.
void check_reference(const workload::Step& step, const workload::VerifyRule& rule,
                     const workload::Step* writer);
/// A step that computes the verified buffer another way: the same arguments as far as the other
/// kernel has them, the result in a buffer of its own. Precondition: checked.
workload::Step reference_step(const workload::Step& writer, const workload::VerifyRule& rule,
                              const std::string& scratch);

}  // namespace warpstep::plan
