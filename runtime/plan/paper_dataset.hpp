// SPDX-License-Identifier: Apache-2.0
// Private to this room: how a dataset would be cut, from its size alone.
#pragma once

#include "runtime/plan/paper.hpp"

namespace warpstep::plan {

/// `members`: devices of all tasks; this rank has members first, first + 1, … first + devices - 1.
/// Errors: ConfigError with the place.
PaperDataset plan_dataset(const workload::DatasetSpec& spec, const workload::Scope& scope,
                          const std::map<std::string, data::TableShape>& tables, int members,
                          int first, int devices);

}  // namespace warpstep::plan
