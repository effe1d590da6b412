// SPDX-License-Identifier: Apache-2.0
// Errors that the driver has written into the kernel's log since boot.
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <map>
#include <tuple>

#include "runtime/check/collect/files.hpp"
#include "runtime/check/collect/parts.hpp"

namespace warpstep::check {

namespace {

constexpr std::size_t most_records = 1'000'000;
constexpr std::size_t longest_line = 240;
constexpr std::size_t longest_action = 60;
constexpr int most_lines = 16;  ///< of those that say the same

/// The log gives one record a call, and none when there are no more. Nothing: not ours to read.
std::optional<std::string> kernel_log(const std::string& path) {
    const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (file < 0) return std::nullopt;
    std::string text, record(8192, '\0');
    bool readable = false;
    for (std::size_t i = 0; i < most_records; ++i) {
        const ssize_t size = ::read(file, record.data(), record.size());
        readable = readable || size >= 0 || errno == EAGAIN;
        if (size < 0 && (errno == EPIPE || errno == EINTR)) continue;  // overwritten meanwhile
        if (size <= 0) break;
        const std::string_view piece(record.data(), static_cast<std::size_t>(size));
        // Records are many; only the driver's matter. A plain file comes in larger pieces.
        if (piece.find("Xid") != piece.npos) text += piece;
    }
    ::close(file);
    if (!readable) return std::nullopt;
    return text;
}

/// "145, RLW_CTRL Nonfatal XC0 i0 Link 08": the word before the last XC. A program's name, which
/// its user chooses, stands further ahead.
std::string severity_in(std::string_view line) {
    auto end = line.rfind(" XC");
    if (end == line.npos) return "";
    end = line.find_last_not_of(' ', end);
    if (end == line.npos) return "";
    const auto begin = line.find_last_of(' ', end) + 1;
    const std::string word(line.substr(begin, end + 1 - begin));
    return word == "Fatal" || word == "Nonfatal" ? word : "";
}

/// "GPU recovery action changed from 0x0 (None) to 0x1 (GPU Reset Required)": what stands last.
std::string action_in(std::string_view line) {
    const auto from = line.find("recovery action changed from ");
    if (from == line.npos) return "";
    const auto to = line.find(" to ", from);
    return to == line.npos ? "" : std::string(line.substr(to + 4, longest_action));
}

/// Of "NVRM: Xid (PCI:0000:1b:00): 79, pid=…", and of "(PCI:0000:1b:00 GPU-I:05)" for a part of a
/// divided GPU. Nothing: another GPU's line, or no number.
std::optional<XidEvent> event_in(std::string_view line, std::size_t after_address) {
    const auto close = line.find("): ", after_address);
    const bool same_address = close == after_address || line.substr(after_address, 1) == " ";
    if (close == line.npos || !same_address) return std::nullopt;
    const std::string_view text = line.substr(close + 3);
    const auto code = number_in(text.substr(0, text.find_first_not_of("0123456789")));
    if (!code) return std::nullopt;
    XidEvent event;
    event.code = static_cast<int>(*code);
    event.severity = severity_in(text);
    event.action = action_in(text);
    event.line = line.substr(0, longest_line);
    return event;
}

/// A storm of lines that say the same is told by some of them.
void drop_repeated_lines(std::vector<XidEvent>& events) {
    std::map<std::tuple<int, std::string, std::string>, int> seen;
    for (XidEvent& event : events)
        if (++seen[{event.code, event.severity, event.action}] > most_lines) event.line.clear();
}

std::vector<XidEvent> events_of(const std::string& log, const std::string& pci) {
    const std::string mark = "NVRM: Xid (PCI:" + pci.substr(0, pci.rfind('.'));
    std::vector<XidEvent> events;
    for (auto at = log.find(mark); at != log.npos; at = log.find(mark, at + 1)) {
        const std::string_view line(log.data() + at, std::min(log.find('\n', at), log.size()) - at);
        if (auto event = event_in(line, mark.size())) events.push_back(std::move(*event));
    }
    drop_repeated_lines(events);
    return events;
}

}  // namespace

void collect_xids(const Sources& sources, NodeFacts& facts) {
    const auto log = kernel_log(sources.dev + "/kmsg");
    facts.kernel_log_readable = log.has_value();
    if (!log) return;
    for (GpuFacts& gpu : facts.gpus) {
        gpu.health.xids.emplace();
        gpu.health.xid_events = events_of(*log, gpu.pci);
        for (const XidEvent& event : *gpu.health.xid_events) gpu.health.xids->push_back(event.code);
    }
}

}  // namespace warpstep::check
