// SPDX-License-Identifier: Apache-2.0
#include "runtime/report/dry_run_parts.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "runtime/base/counted.hpp"
#include "runtime/base/text.hpp"

namespace warpstep::report {

Fold fold(std::size_t ranks, const std::function<bool(std::size_t, std::size_t)>& same) {
    Fold groups;
    for (std::size_t rank = 0; rank < ranks; ++rank) {
        const auto it = std::find_if(groups.begin(), groups.end(), [&](const auto& group) {
            return same(static_cast<std::size_t>(group.front()), rank);
        });
        if (it == groups.end()) {
            groups.push_back({static_cast<int>(rank)});
        } else {
            it->push_back(static_cast<int>(rank));
        }
    }
    return groups;
}

std::string hidden_kinds(std::size_t count) {
    if (count == 0) return "";
    return fmt::format("… and {} of ranks; --json - shows all", counted(count, "other kind"));
}

std::size_t columns_of(std::string_view text) {
    return static_cast<std::size_t>(
        std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xc0) != 0x80; }));
}

std::string padded_to(std::string text, std::size_t columns) {
    const std::size_t has = columns_of(text);
    if (has < columns) text.append(columns - has, ' ');
    return text;
}

std::string flow(const std::string& head, const std::vector<std::string>& pieces, std::size_t hang,
                 std::size_t width) {
    std::string text, line = head;
    bool at_begin = true;  // of a line, where neither separator nor break is wanted
    const auto put = [&](const std::string& words, std::string_view separator) {
        const std::size_t needs = columns_of(separator) + columns_of(words);
        if (!at_begin && columns_of(line) + needs + 2 > width) {
            // The separator stays with the line it ends; two columns are kept for it.
            line += separator.substr(0, separator.find_last_not_of(' ') + 1);
            text += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
            line = std::string(hang, ' ');
        } else if (!at_begin) {
            line += separator;
        }
        line += words;
        at_begin = false;
    };
    for (std::size_t i = 0; i < pieces.size(); ++i) {
        const std::string_view separator = i == 0 ? "" : " · ";
        if (hang + columns_of(pieces[i]) + 2 <= width) {
            put(pieces[i], separator);
            continue;
        }
        const auto words = split(pieces[i], ' ');
        for (std::size_t w = 0; w < words.size(); ++w) put(words[w], w == 0 ? separator : " ");
    }
    return text + line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
}

std::string listed(const std::set<std::string>& names) {
    return join({names.begin(), names.end()}, ", ");
}

std::string show_accesses(const plan::Accesses& accesses) {
    std::set<std::string> reads = accesses.reads;
    reads.insert(accesses.data.begin(), accesses.data.end());
    if (reads.empty() && accesses.writes.empty()) return "";
    if (accesses.writes.empty()) return "reads " + listed(reads);
    return reads.empty() ? "→ " + listed(accesses.writes)
                         : listed(reads) + " → " + listed(accesses.writes);
}

std::string show_init(const plan::BufferPlan& plan, const workload::BufferSpec& spec) {
    using Kind = workload::BufferInit::Kind;
    switch (plan.init) {
        case Kind::zero:
            return "0";
        case Kind::number:
            return fmt::format("{:g}", plan.number);
        case Kind::iota:
            return "0, 1, 2, …";
        case Kind::uniform:
            return fmt::format("uniform, seed {}", plan.seed);
        case Kind::normal:
            return fmt::format("normal, seed {}", plan.seed);
        case Kind::small_integers:
            return fmt::format("small integers, seed {}", plan.seed);
        case Kind::file:
            break;
    }
    return "from " + spec.init.file;
}

std::string_view name_of(workload::MemoryKind kind) {
    switch (kind) {
        case workload::MemoryKind::device:
            return "device";
        case workload::MemoryKind::managed:
            return "managed";
        case workload::MemoryKind::host:
            return "host";
        case workload::MemoryKind::host_pinned:
            break;
    }
    return "host_pinned";
}

std::string show_shape(const std::vector<std::int64_t>& shape) {
    std::vector<std::string> extents;
    for (const std::int64_t extent : shape) extents.push_back(std::to_string(extent));
    return join(extents, " x ");
}

}  // namespace warpstep::report
