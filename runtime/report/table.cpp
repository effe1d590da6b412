// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <map>

#include "runtime/base/counted.hpp"
#include "runtime/base/text.hpp"
#include "runtime/base/units.hpp"
#include "runtime/report/format_texts.hpp"
#include "runtime/report/printer.hpp"
#include "runtime/report/short_uuid.hpp"
#include "runtime/report/table_parts.hpp"
#include "runtime/report/text_table.hpp"
#include "runtime/topology/cpu_set.hpp"

namespace warpstep::report {
namespace {

using Align = TextTable::Align;

// More ranks than this do not fit a screen; the JSON report has them all.
constexpr std::size_t most_ranks_shown = 64;
constexpr std::size_t longest_note_in_table = 24;

std::string headline(const Report& report) {
    std::string line = fmt::format("{} · {} on {} · {} device", report.workload,
                                   counted(report.ranks.size(), "rank"),
                                   counted(report.nodes, "node"), report.device);
    if (report.ranks.size() > 1) line += " · " + report.communicator;
    if (!report.job.empty()) line += fmt::format(" · job {}.{}", report.job, report.step);
    if (report.simulated) line += " · simulated topology, nothing bound";
    return line + "\n";
}

std::string numa_text(const std::vector<int>& numa) {
    std::vector<std::string> nodes;
    for (const int n : numa) nodes.push_back(std::to_string(n));
    return join(nodes, ",");
}

std::string core_count(const std::string& cpus) {
    return cpus.empty() ? "" : std::to_string(topology::CpuSet::parse(cpus).size());
}

// Long notes, which ranks mostly share, stand once below the table.
class RankNotes {
  public:
    std::string refer_to(const std::string& note) {
        if (note.size() <= longest_note_in_table) return note;
        const auto it = std::find(all_.begin(), all_.end(), note);
        const auto number = it - all_.begin() + 1;
        if (it == all_.end()) all_.push_back(note);
        return fmt::format("[{}]", number);
    }
    std::string text() const {
        std::string lines;
        for (std::size_t i = 0; i < all_.size(); ++i) {
            lines += fmt::format("[{}] {}\n", i + 1, all_[i]);
        }
        return lines;
    }

  private:
    std::vector<std::string> all_;
};

std::string rank_table(const Report& report, bool colours) {
    TextTable table({{"rank", Align::right},
                     {"node"},
                     {"local", Align::right},
                     {"GPU"},
                     {"UUID"},
                     {"CPU count", Align::right},
                     {"CPUs"},
                     {"NUMA", Align::right},
                     {"memory"},
                     {"note"}});
    RankNotes notes;
    std::map<std::string, std::vector<std::string>> uuids;  // by node
    for (const auto& rank : report.ranks) uuids[rank.node_name].push_back(rank.gpu_uuid);
    const std::size_t shown = std::min(report.ranks.size(), most_ranks_shown);
    for (std::size_t i = 0; i < shown; ++i) {
        const auto& rank = report.ranks[i];
        table.add({std::to_string(rank.rank), rank.node_name, std::to_string(rank.local_rank),
                   rank.gpu_pci, short_uuid(rank.gpu_uuid, uuids[rank.node_name]),
                   core_count(rank.cpus), rank.cpus, numa_text(rank.numa), rank.memory_policy,
                   notes.refer_to(join(rank.notes, "; "))});
    }
    std::string text = table.text(colours);
    if (shown < report.ranks.size()) {
        text += fmt::format("… {} more; --json shows all\n",
                            counted(report.ranks.size() - shown, "rank"));
    }
    return text + notes.text();
}

std::string values_text(const Report& report) {
    std::string text;
    for (const auto& [name, values] : report.values) {
        std::vector<std::string> numbers;
        for (const double v : values)
            numbers.push_back(std::isnan(v) ? "nan" : fmt::format("{:.6g}", v));
        text += fmt::format("{} = [{}]\n", name, join(numbers, ", "));
    }
    return text;
}

std::string last_line(const Report& report, bool colours) {
    if (report.failure) {
        return fmt::format("{}: {} (exit code {})\n",
                           paint(execution::name_of(execution::Verdict::unknown), colours),
                           *report.failure, static_cast<int>(report.exit_code));
    }
    return fmt::format("{}{} · start {} · run {}\n", paint(verdict_of(report), colours),
                       checks_text(report), show_seconds(report.start_seconds),
                       show_seconds(report.run_seconds));
}

class TablePrinter final : public Printer {
  public:
    void print(const Report& report) override {
        const std::string text = to_table(report, ::isatty(STDOUT_FILENO) == 1);
        std::fwrite(text.data(), 1, text.size(), stdout);
        std::fflush(stdout);
    }
};

}  // namespace

std::string to_table(const Report& report, bool colours) {
    std::vector<std::string> parts{headline(report)};
    if (!report.ranks.empty()) parts.push_back(rank_table(report, colours));
    if (!report.judgement.steps.empty()) parts.push_back(step_table(report, colours));
    parts.push_back(verdict_table(report, colours));
    parts.push_back(values_text(report));
    parts.push_back(last_line(report, colours));
    parts.erase(std::remove(parts.begin(), parts.end(), ""), parts.end());
    return join(parts, "\n");
}

std::unique_ptr<Printer> table_printer() {
    return std::make_unique<TablePrinter>();
}

}  // namespace warpstep::report
