// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>

#include "runtime/base/counted.hpp"
#include "runtime/base/text.hpp"
#include "runtime/base/units.hpp"
#include "runtime/report/dry_run_parts.hpp"
#include "runtime/report/text_table.hpp"

namespace warpstep::report {
namespace {

using plan::RankPlan;
using Align = TextTable::Align;

/// Rows under titles: a table where it fits, otherwise each row on lines of its own.
class Rows {
  public:
    explicit Rows(std::vector<TextTable::Column> columns)
        : columns_(columns), table_(std::move(columns)) {}

    void add(std::vector<std::string> cells) {
        rows_.push_back(cells);
        table_.add(std::move(cells));
    }

    std::string text(std::size_t width, bool colours) const {
        const auto plain = split(table_.text(false), '\n');
        const bool fits = std::all_of(plain.begin(), plain.end(), [&](const std::string& line) {
            return columns_of(line) <= width;
        });
        if (fits) return table_.text(colours);
        std::string text;
        for (const auto& row : rows_) {
            std::vector<std::string> pieces;
            for (std::size_t c = 1; c < row.size(); ++c) {
                if (row[c].empty()) continue;
                pieces.push_back(
                    columns_[c].align == Align::right ? columns_[c].title + " " + row[c] : row[c]);
            }
            text += row[0] + "\n" + flow("  ", pieces, 4, width);
        }
        return text;
    }

  private:
    std::vector<TextTable::Column> columns_;
    TextTable table_;
    std::vector<std::vector<std::string>> rows_;
};

std::string who(const std::vector<int>& ranks, std::size_t groups) {
    return groups == 1 ? "" : plan::show_ranks(ranks);
}

std::string head_section(const DryRun& run, std::size_t width) {
    std::string ranks = counted(run.ranks, "rank") + " on " + counted(run.nodes, "node");
    if (!run.ranks_by.empty()) ranks += " (" + run.ranks_by + ")";
    if (!run.topology.empty()) ranks += " like " + run.topology;
    std::vector<std::string> pieces{run.workload.name, ranks};
    std::string device = device::name_of(run.facts.devices.front().facts.kind);
    if (run.facts.devices.front().facts.kind == device::Kind::cuda) {
        const auto& name = run.facts.devices.front().facts.name;
        device = run.device_is_here ? name
                 : name.empty()     ? "a CUDA device that is not here"
                                    : name + ", which is not here";
    } else {
        device += " device";
    }
    if (run.facts.devices.size() > 1)
        device = fmt::format("{} x {} per rank", run.facts.devices.size(), device);
    pieces.push_back(device);
    if (run.combinations > 1) {
        pieces.push_back(fmt::format("the first of {} combinations", run.combinations));
    }
    pieces.emplace_back("dry run, nothing is started");
    std::string text = flow("", pieces, 2, width);
    if (!run.workload.description.empty()) {
        text += flow("", {run.workload.description}, 2, width);
    }
    for (const auto& note : run.notes) text += flow("note: ", {note}, 6, width);
    return text;
}

std::string param_section(const DryRun& run, std::size_t width) {
    std::vector<std::string> pieces;
    for (std::size_t p = 0; p < run.workload.params.size(); ++p) {
        const auto value = [&](std::size_t rank) -> const workload::Value& {
            return run.programs[rank]->params[p].second;
        };
        const auto groups = fold(run.programs.size(), [&](std::size_t a, std::size_t b) {
            return run.programs[a] == run.programs[b] || value(a) == value(b);
        });
        std::vector<std::string> values;
        for (std::size_t g = 0; g < std::min(groups.size(), most_kinds_shown); ++g) {
            const std::string shown = show(value(static_cast<std::size_t>(groups[g].front())));
            const std::string ranks = who(groups[g], groups.size());
            values.push_back(ranks.empty() ? shown : shown + " on " + ranks);
        }
        if (groups.size() > most_kinds_shown) {
            values.push_back(fmt::format("… {} more", groups.size() - most_kinds_shown));
        }
        pieces.push_back(run.workload.params[p].name + " = " + join(values, ", "));
    }
    return pieces.empty() ? "" : flow("params  ", pieces, 8, width);
}

std::string stream_section(const DryRun& run, std::size_t width) {
    std::vector<std::string> pieces;
    for (const auto& stream : run.workload.streams) {
        pieces.push_back(stream.name + (stream.high_priority ? " (high priority)" : ""));
    }
    return pieces.empty() ? "" : flow("streams  ", pieces, 9, width);
}

std::string buffer_section(const DryRun& run, std::size_t width, bool colours) {
    Rows rows({{"buffer"},
               {"type"},
               {"shape"},
               {"size", Align::right},
               {"memory"},
               {"first content"},
               {"ranks"}});
    for (std::size_t b = 0; b < run.workload.buffers.size(); ++b) {
        const auto plan = [&](std::size_t rank) -> const plan::BufferPlan& {
            return run.programs[rank]->buffers[b];
        };
        const auto groups = fold(run.programs.size(), [&](std::size_t x, std::size_t y) {
            return run.programs[x] == run.programs[y] || plan(x) == plan(y);
        });
        for (std::size_t g = 0; g < std::min(groups.size(), most_kinds_shown); ++g) {
            const auto& one = plan(static_cast<std::size_t>(groups[g].front()));
            rows.add({one.name, std::string(warpstep::name_of(one.dtype)), show_shape(one.shape),
                      show_bytes(one.bytes()), std::string(name_of(one.memory)),
                      show_init(one, run.workload.buffers[b]), who(groups[g], groups.size())});
        }
        if (groups.size() > most_kinds_shown) {
            rows.add({plan(0).name, "…", "", "", "", "",
                      fmt::format("{} more", groups.size() - most_kinds_shown)});
        }
    }
    return run.workload.buffers.empty() ? "" : rows.text(width, colours);
}

/// Least and most over all ranks and their devices.
struct Range {
    std::uint64_t least = ~std::uint64_t{0}, most = 0;
    void add(std::uint64_t value) {
        least = std::min(least, value);
        most = std::max(most, value);
    }
    std::string text() const {
        return least == most ? show_bytes(most) : show_bytes(least) + " to " + show_bytes(most);
    }
};

std::string there_is(const std::optional<std::uint64_t>& free, int sharers, std::string_view who) {
    if (!free) return "nobody knows here how much there is";
    std::string text = show_bytes(*free);
    if (sharers > 1) {
        text += fmt::format(", {} for each of {} {}",
                            show_bytes(*free / static_cast<std::uint64_t>(sharers)), sharers, who);
    }
    return text;
}

std::string memory_section(const DryRun& run, std::size_t width, bool colours) {
    Range device, managed, pinned, host;
    for (const auto& program : run.programs) {
        for (const auto& needs : program->needs) {
            device.add(needs.device);
            managed.add(needs.managed);
            pinned.add(needs.pinned);
            host.add(needs.host);
        }
    }
    const bool cuda = run.facts.devices.front().facts.kind == device::Kind::cuda;
    const std::string of_device =
        cuda ? there_is(run.facts.devices.front().free, run.facts.device_sharers, "ranks") : "";
    std::optional<std::uint64_t> free;
    if (run.facts.host) free = run.facts.host->available;
    const int per_node = (run.ranks + run.nodes - 1) / std::max(1, run.nodes);
    std::string of_host = there_is(free, per_node, "ranks");
    if (run.facts.host) {
        of_host += fmt::format(" ({}{})", run.facts.host->in_all ? "in all, by " : "",
                               run.facts.host->limited_by);
    }
    Rows rows({{"kind"}, {"a rank needs", Align::right}, {"there is"}});
    const std::string each = run.facts.devices.size() > 1 ? " of each device" : "";
    if (cuda) rows.add({"device memory" + each, device.text(), of_device});
    if (managed.most > 0 && cuda)
        rows.add({"managed memory" + each, managed.text(), "both of these"});
    if (pinned.most > 0 && cuda) rows.add({"pinned memory" + each, pinned.text(), of_host});
    if (host.most > 0 || !cuda) rows.add({"host memory" + each, host.text(), of_host});
    return rows.text(width, colours);
}

std::string dataset_section(const DryRun& run, std::size_t width, bool colours) {
    Rows rows({{"dataset"},
               {"rows", Align::right},
               {"features", Align::right},
               {"batches", Align::right},
               {"rows of one", Align::right},
               {"rows of a rank", Align::right},
               {"order"}});
    for (std::size_t d = 0; d < run.workload.datasets.size(); ++d) {
        const auto& set = run.programs[0]->datasets[d];
        std::int64_t least = set.rows_here, most = set.rows_here;
        for (const auto& program : run.programs) {
            least = std::min(least, program->datasets[d].rows_here);
            most = std::max(most, program->datasets[d].rows_here);
        }
        const auto& spec = run.workload.datasets[d];
        const std::string shuffled =
            set.seed        ? fmt::format("shuffled {}, seed {}",
                                   spec.shuffle_once ? "once" : "each epoch", *set.seed)
            : spec.generate ? "as generated"
                            : "of the file";
        rows.add({set.name, std::to_string(set.rows), std::to_string(set.features),
                  std::to_string(set.batches), std::to_string(set.batch_rows),
                  least == most ? std::to_string(most) : fmt::format("{} to {}", least, most),
                  shuffled});
    }
    return run.workload.datasets.empty() ? "" : rows.text(width, colours);
}

std::string last_line(const DryRun& run, std::size_t width) {
    std::string text;
    if (!run.unchecked.empty()) {
        text = flow("", {"not checked here: " + join(run.unchecked, "; ")}, 2, width);
    }
    if (run.problems.empty()) {
        return text + flow("",
                           {"checked: all that a run would refuse before its work; nothing is "
                            "in the way"},
                           2, width);
    }
    return text +
           fmt::format("this would be refused for {}\n", counted(run.problems.size(), "reason"));
}

}  // namespace

std::string dry_run_text(const DryRun& run, std::size_t width, bool colours) {
    std::vector<std::string> parts{head_section(run, width),
                                   param_section(run, width) + stream_section(run, width),
                                   buffer_section(run, width, colours),
                                   memory_section(run, width, colours),
                                   dataset_section(run, width, colours),
                                   "steps\n" + step_section(run, width),
                                   last_line(run, width)};
    parts.erase(std::remove(parts.begin(), parts.end(), ""), parts.end());
    return join(parts, "\n");
}

}  // namespace warpstep::report
