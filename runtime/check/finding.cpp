// SPDX-License-Identifier: Apache-2.0
#include "runtime/check/finding.hpp"

#include <fmt/format.h>

#include "runtime/base/counted.hpp"

namespace warpstep::check {

std::string_view name_of(Severity severity) {
    switch (severity) {
        case Severity::error:
            return "error";
        case Severity::warning:
            return "warning";
        case Severity::information:
            return "information";
    }
    return "";
}

std::string_view name_of(Verdict verdict) {
    switch (verdict) {
        case Verdict::pass:
            return "PASS";
        case Verdict::warn:
            return "WARN";
        case Verdict::fail:
            return "FAIL";
        case Verdict::unknown:
            return "UNKNOWN";
        case Verdict::skip:
            return "SKIP";
    }
    return "";
}

std::string_view name_of(Privilege privilege) {
    return privilege == Privilege::root ? "root" : "user";
}

std::string_view name_of(Level level) {
    switch (level) {
        case Level::quick:
            return "quick";
        case Level::standard:
            return "standard";
        case Level::full:
            return "full";
    }
    return "";
}

std::string show_count(std::size_t count, Kind kind) {
    constexpr const char* nouns[] = {"step", "node", "rank", "GPU"};
    return counted(static_cast<std::int64_t>(count), nouns[static_cast<int>(kind)]);
}

Kind Subject::kind() const {
    if (!gpu_uuid.empty() || !pci.empty()) return Kind::gpu;
    if (rank >= 0) return Kind::rank;
    return node.empty() ? Kind::step : Kind::node;
}

std::pair<std::string, std::string> key_of(const Subject& gpu) {
    return {gpu.node, gpu.gpu_uuid.empty() ? gpu.pci : gpu.gpu_uuid};
}

std::string show(const Subject& subject) {
    const std::string place = subject.node.empty() ? "" : " on " + subject.node;
    if (!subject.gpu_uuid.empty()) return subject.gpu_uuid + place;
    if (!subject.pci.empty()) return "GPU " + subject.pci + place;
    if (subject.rank >= 0) return fmt::format("rank {}{}", subject.rank, place);
    return subject.node.empty() ? "the step" : subject.node;
}

}  // namespace warpstep::check
