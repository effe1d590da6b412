// SPDX-License-Identifier: Apache-2.0
// What frames carry: lists of blobs and failures.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "runtime/comm/control_channel.hpp"

namespace warpstep::comm::channel {

std::string pack(const std::vector<std::string>& blobs);
/// Errors: CommError for bytes that pack() did not make.
std::vector<std::string> unpack(std::string_view bytes);

std::string pack_failure(const Failure& failure);
Failure unpack_failure(std::string_view bytes);

}  // namespace warpstep::comm::channel
