// SPDX-License-Identifier: Apache-2.0
// The families of what only the runtime can do, and words to write a row and its check with;
// private to this room.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "runtime/plan/operations.hpp"

namespace warpstep::plan {

std::vector<OperationRow> collective_operations();  ///< what members do together, by messages
std::vector<OperationRow> runtime_operations();     ///< everything else that is no kernel

/// Words for arguments and numbers of a row.
namespace entry {

using Argument = OperationArgument;
using Role = Argument::Role;

/// Of any type, called in an example what it is called here.
Argument buffer(Role role, const std::string& name, std::string shape, std::string note = "");
Argument from(std::string shape, std::string note = "");
Argument to(std::string shape, std::string note = "");
/// Optional.
Argument value(std::string name, std::optional<std::string> example, std::string note);
Argument optional(Argument argument);
/// Optional, and not in the example.
Argument left_out(Argument argument);

workload::Metric number(std::string name, std::string meaning, std::string no_value = "");
/// Of a row whose messages are measured.
std::vector<workload::Metric> message_rates();

}  // namespace entry

/// The word that is given for an argument; nullptr when it is left out.
const std::string* word_given(const workload::Step& step, const std::string& argument);
/// Errors: ConfigError when the argument is missing or names no buffer.
const BufferPlan& buffer_given(const workload::Step& step, const std::string& argument,
                               const Fitting& fitting);

}  // namespace warpstep::plan
