// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <iosfwd>
#include <optional>
#include <string>
#include <string_view>

namespace warpstep {

/// The whole file, of `limit` bytes at most; what is no plain file (a device, a pipe) may have 256
/// MiB. Errors: ConfigError that names the path and the reason.
std::string read_file(const std::string& path, std::size_t limit = std::size_t{256} << 20);
/// The same of a stream that messages call `name`.
std::string read_stream(std::istream& stream, const std::string& name,
                        std::size_t limit = std::size_t{256} << 20);
/// The whole file when it is a plain file of the caller that nobody else may write, looked at after
/// opening; nothing otherwise. Never throws for a file.
std::optional<std::string> read_own_file(const std::string& path);
/// An OutputFile in one call.
void write_file_atomically(const std::string& path, std::string_view content);

}  // namespace warpstep
