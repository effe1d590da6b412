// SPDX-License-Identifier: Apache-2.0
// Private to the rules of performance: what a burn and a memory test have found.
#pragma once

#include "runtime/check/rule.hpp"

namespace warpstep::check {

void wrong_now(const Facts& facts, Judge& judge);
void wrong_always(const Facts& facts, Judge& judge);
void memory_errors(const Facts& facts, Judge& judge);
void slows_down(const Facts& facts, Judge& judge);

}  // namespace warpstep::check
