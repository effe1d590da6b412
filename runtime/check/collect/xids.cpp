// SPDX-License-Identifier: Apache-2.0
// Errors that the driver has written into the kernel's log since boot.
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

#include "runtime/check/collect/files.hpp"
#include "runtime/check/collect/parts.hpp"

namespace warpstep::check {

namespace {

constexpr std::size_t most_records = 1'000'000;

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

/// "NVRM: Xid (PCI:0000:1b:00): 79, pid=…"
void add_xids(const std::string& log, const std::string& pci, std::vector<int>& xids) {
    const std::string mark = "NVRM: Xid (PCI:" + pci.substr(0, pci.rfind('.')) + "): ";
    for (auto at = log.find(mark); at != log.npos; at = log.find(mark, at + 1)) {
        const auto begin = at + mark.size();
        const auto end = log.find_first_not_of("0123456789", begin);
        if (const auto number = number_in(log.substr(begin, end - begin)))
            xids.push_back(static_cast<int>(*number));
    }
}

}  // namespace

void collect_xids(const Sources& sources, NodeFacts& facts) {
    const auto log = kernel_log(sources.dev + "/kmsg");
    facts.kernel_log_readable = log.has_value();
    if (!log) return;
    for (GpuFacts& gpu : facts.gpus) {
        gpu.health.xids.emplace();
        add_xids(*log, gpu.pci, *gpu.health.xids);
    }
}

}  // namespace warpstep::check
