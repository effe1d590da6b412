// SPDX-License-Identifier: Apache-2.0
// Private to workload: the last word of a key in the tables of schema_*.cpp.
#pragma once

#include "runtime/workload/schema.hpp"

namespace warpstep::workload {

inline constexpr auto required = Key::Need::required;
inline constexpr auto optional = Key::Need::optional;

}  // namespace warpstep::workload
