// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace warpstep::process {

/// Names and values in order, any bytes: what tasks of a node tell each other.
using Fields = std::vector<std::pair<std::string, std::string>>;

std::string encode(const Fields& fields);
/// Errors: Failure for bytes that encode() does not make.
Fields decode(std::string_view bytes);
/// The value of the first field of that name, "" without one.
std::string value_of(const Fields& fields, std::string_view name);

}  // namespace warpstep::process
