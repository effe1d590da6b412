// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stdexcept>
#include <string>

namespace warpstep::process {

/// What went wrong, in the words of every message here (`problem (why); what to type`), and the
/// exit code it leads to. This room has no base to take its errors from.
struct Failure : std::runtime_error {
    Failure(int exit_code, const std::string& text) : std::runtime_error(text), code(exit_code) {}
    explicit Failure(const std::string& text) : Failure(3, text) {}
    int code;
    bool is_shared = false;  ///< every task of the node meets the same
};

}  // namespace warpstep::process
