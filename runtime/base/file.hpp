// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace warpstep {

/// The whole file. Errors: ConfigError that names the path and the system's reason.
std::string read_file(const std::string& path);
/// Writes beside `path` under a temporary name, fsyncs and renames, so that nobody sees half a
/// file. What is not a plain file (a device, a pipe, a link) is written in place. Errors:
/// EnvironmentError that names the path and the system's reason; the temporary file is removed.
void write_file_atomically(const std::string& path, std::string_view content);

}  // namespace warpstep
