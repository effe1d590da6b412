// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "runtime/base/error.hpp"

namespace warpstep::workload {

/// The message of the ConfigError that `action` throws, or "no error".
template <typename Action>
std::string message_of(Action&& action) {
    try {
        action();
    } catch (const ConfigError& error) {
        return error.what();
    }
    return "no error";
}

}  // namespace warpstep::workload
