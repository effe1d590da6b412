// SPDX-License-Identifier: Apache-2.0
// Private to the rules of performance: who makes the others wait, and whose times vary.
#pragma once

#include "runtime/check/rule.hpp"

namespace warpstep::check {

void straggles(const Facts& facts, Judge& judge);
void jitters(const Facts& facts, Judge& judge);

}  // namespace warpstep::check
