// SPDX-License-Identifier: Apache-2.0
// Private to the room: calls of NVML as values.
#pragma once

#include <cstdint>
#include <optional>

#include "runtime/topology/nvml_library.hpp"

namespace warpstep::check {

/// What a call with these arguments and a place for its answer gives.
template <typename Answer, typename Call, typename... Arguments>
std::optional<Answer> ask(Call call, Arguments... arguments) {
    Answer answer{};
    if (!call || call(arguments..., &answer) != topology::nvml::success) return std::nullopt;
    return answer;
}

}  // namespace warpstep::check
