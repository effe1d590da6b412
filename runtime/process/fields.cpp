// SPDX-License-Identifier: Apache-2.0
#include "runtime/process/fields.hpp"

#include <charconv>

#include "runtime/process/failure.hpp"

namespace warpstep::process {
namespace {

void append(std::string& bytes, std::string_view text) {
    bytes += std::to_string(text.size());
    bytes += ':';
    bytes += text;
}

std::string take(std::string_view& bytes) {
    std::size_t size = 0;
    const auto [end, error] = std::from_chars(bytes.data(), bytes.data() + bytes.size(), size);
    bytes.remove_prefix(static_cast<std::size_t>(end - bytes.data()));
    if (error != std::errc{} || bytes.empty() || bytes.front() != ':' || size >= bytes.size())
        throw Failure(
            "a task of this node sent bytes that are no message; start all tasks with "
            "the same warpstep");
    std::string text(bytes.substr(1, size));
    bytes.remove_prefix(1 + size);
    return text;
}

}  // namespace

std::string encode(const Fields& fields) {
    std::string bytes;
    for (const auto& [name, value] : fields) {
        append(bytes, name);
        append(bytes, value);
    }
    bytes += '.';
    return bytes;
}

Fields decode(std::string_view bytes) {
    Fields fields;
    while (bytes != ".") {
        std::string name = take(bytes);
        fields.emplace_back(std::move(name), take(bytes));
    }
    return fields;
}

std::string value_of(const Fields& fields, std::string_view name) {
    for (const auto& [key, value] : fields)
        if (key == name) return value;
    return "";
}

}  // namespace warpstep::process
