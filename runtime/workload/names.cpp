// SPDX-License-Identifier: Apache-2.0
#include "runtime/workload/names.hpp"

#include <algorithm>
#include <array>

#include "runtime/workload/builtins.hpp"

namespace warpstep::workload {
namespace {

// First parts of dotted names, metrics and the words of the grammar.
constexpr std::array<std::string_view, 24> reserved_words{
    "rank",  "ranks", "local_rank", "local_ranks", "node",   "nodes", "device", "gpu",
    "and",   "or",    "not",        "true",        "false",  "steps", "time",   "bandwidth",
    "flops", "algbw", "busbw",      "launches",    "errors", "range", "iota",   "zero"};

bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

}  // namespace

const std::vector<std::string>& reserved_names() {
    static const std::vector<std::string> names{"rank",
                                                "ranks",
                                                "local_rank",
                                                "local_ranks",
                                                "node",
                                                "nodes",
                                                "device.kind",
                                                "device.name",
                                                "device.memory",
                                                "device.sm_count",
                                                "device.peak.memory_bandwidth"};
    return names;
}

const std::vector<std::string>& reserved_text_names() {
    static const std::vector<std::string> names{"device.kind", "device.name"};
    return names;
}

const std::vector<std::string>& builtin_functions() {
    static const std::vector<std::string> names = [] {
        std::vector<std::string> result;
        for (const Builtin& builtin : builtins()) result.emplace_back(builtin.name);
        return result;
    }();
    return names;
}

bool is_reserved(std::string_view identifier) {
    return std::find(reserved_words.begin(), reserved_words.end(), identifier) !=
               reserved_words.end() ||
           find_builtin(identifier) != nullptr;
}

bool is_identifier(std::string_view text) {
    return !text.empty() && !is_digit(text.front()) &&
           std::all_of(text.begin(), text.end(),
                       [](char c) { return is_letter(c) || is_digit(c); });
}

}  // namespace warpstep::workload
