// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace warpstep::process {

/// OS indices of CPUs or memory nodes, ascending.
using CpuList = std::vector<int>;

/// "0-3,8"; "" for the empty list.
std::string show(const CpuList& cpus);
/// Nothing for text that is not such a list.
std::optional<CpuList> parse_cpus(std::string_view list);

}  // namespace warpstep::process
