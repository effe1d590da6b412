// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "kernels/user_kernel.hpp"

namespace warpstep::kernels {

/// A compiler's log in the user's own places.
struct CompilerMessages {
    std::string first_error;  ///< "w.yaml:12:20: identifier "foo" is undefined", "" without one
    std::string text;  ///< the log with each place as file:line:column, without its closing line
};

/// NVRTC writes "w.yaml(12): error: …", the line, and a '^' below the column; the columns of a text
/// that was indented in its file are moved.
CompilerMessages place_messages(std::string_view log, const KernelSource& source);

}  // namespace warpstep::kernels
