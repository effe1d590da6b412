// SPDX-License-Identifier: Apache-2.0
// Private to the room: the kernel's files as values. Everything returns nothing, or an empty list,
// for what is not there or not ours to read.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace warpstep::check {

/// At most 4 MiB.
std::optional<std::string> text_of(const std::string& path);
/// Without the blanks around it.
std::optional<std::string> line_of(const std::string& path);
std::optional<std::int64_t> number_of(const std::string& path);
std::optional<std::int64_t> number_in(std::string_view text);

bool exists(const std::string& path);
/// Could be opened for reading and writing; nothing: no such file. The kernel asks the device
/// cgroup for access(2) as for open(2), and access(2) wakes no device.
std::optional<bool> openable(const std::string& path);

/// Names of a folder's entries, sorted.
std::vector<std::string> entries_of(const std::string& path);
/// Numbers N of entries named `prefix`N, ascending.
std::vector<int> numbered_entries(const std::string& path, std::string_view prefix);

/// "Key: value" lines, as in /proc/PID/status and /proc/meminfo.
std::map<std::string, std::string> colon_lines(std::string_view text);
/// NAME=VALUE, each ended by a zero byte, as in /proc/PID/environ.
std::map<std::string, std::string> zero_ended(std::string_view text);

}  // namespace warpstep::check
