// SPDX-License-Identifier: Apache-2.0
#include "runtime/check/collect/files.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <memory>

#include "runtime/base/text.hpp"

namespace warpstep::check {

namespace {
constexpr std::size_t most_bytes = 4 << 20;
}

std::optional<std::string> text_of(const std::string& path) {
    // A pipe in the place of a file must not block.
    const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (file < 0) return std::nullopt;
    std::string text;
    std::string piece(64 * 1024, '\0');
    ssize_t size = 0;
    while (text.size() < most_bytes &&
           ((size = ::read(file, piece.data(), piece.size())) > 0 || (size < 0 && errno == EINTR)))
        if (size > 0) text.append(piece, 0, static_cast<std::size_t>(size));
    ::close(file);
    if (size < 0 && text.empty()) return std::nullopt;
    return text;
}

std::optional<std::string> line_of(const std::string& path) {
    const auto text = text_of(path);
    if (!text) return std::nullopt;
    return std::string(trim(*text));
}

std::optional<std::int64_t> number_in(std::string_view text) {
    text = trim(text);
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return value;
}

std::optional<std::int64_t> number_of(const std::string& path) {
    const auto text = text_of(path);
    return text ? number_in(*text) : std::nullopt;
}

bool exists(const std::string& path) {
    return ::access(path.c_str(), F_OK) == 0;
}

std::optional<bool> openable(const std::string& path) {
    if (!exists(path)) return std::nullopt;
    return ::access(path.c_str(), R_OK | W_OK) == 0;
}

std::vector<std::string> entries_of(const std::string& path) {
    std::vector<std::string> names;
    const std::unique_ptr<DIR, int (*)(DIR*)> folder(::opendir(path.c_str()), ::closedir);
    if (!folder) return names;
    while (const dirent* entry = ::readdir(folder.get())) {
        const std::string name = entry->d_name;
        if (name != "." && name != "..") names.push_back(name);
    }
    std::sort(names.begin(), names.end());
    return names;
}

std::vector<int> numbered_entries(const std::string& path, std::string_view prefix) {
    std::vector<int> numbers;
    for (const std::string& name : entries_of(path)) {
        if (name.compare(0, prefix.size(), prefix) != 0) continue;
        const auto number = number_in(std::string_view(name).substr(prefix.size()));
        if (number && *number >= 0) numbers.push_back(static_cast<int>(*number));
    }
    std::sort(numbers.begin(), numbers.end());
    return numbers;
}

std::map<std::string, std::string> colon_lines(std::string_view text) {
    std::map<std::string, std::string> values;
    for (const std::string& line : split(text, '\n')) {
        const auto colon = line.find(':');
        if (colon == line.npos) continue;
        values[std::string(trim(line.substr(0, colon)))] =
            trim(std::string_view(line).substr(colon + 1));
    }
    return values;
}

std::map<std::string, std::string> zero_ended(std::string_view text) {
    std::map<std::string, std::string> values;
    for (const std::string& entry : split(text, '\0')) {
        const auto equals = entry.find('=');
        if (equals != entry.npos && equals > 0)
            values[entry.substr(0, equals)] = entry.substr(equals + 1);
    }
    return values;
}

}  // namespace warpstep::check
