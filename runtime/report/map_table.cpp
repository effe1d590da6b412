// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <utility>

#include "runtime/base/counted.hpp"
#include "runtime/base/text.hpp"
#include "runtime/report/short_uuid.hpp"
#include "runtime/report/step_map.hpp"
#include "runtime/report/text_table.hpp"

namespace warpstep::report {
namespace {

/// Nodes that look alike: everything is the same but names, ranks and identities.
struct Group {
    std::vector<const MapNode*> nodes;
    const MapNode& first() const { return *nodes.front(); }
    bool single() const { return nodes.size() == 1; }
};

std::string likeness_of(const MapNode& node) {
    std::string text = fmt::format("{}|{}|{}", node.machine, node.simulated, join(node.notes, ";"));
    for (const MapRow& row : node.rows)
        text += fmt::format("\n{}|{}|{}|{}|{}|{}|{}|{}|{}|{}|{}", row.local_rank,
                            fmt::join(row.gpu_pci, ","), fmt::join(row.gpu_numa, ","), row.cpus,
                            row.planned_cpus, fmt::join(row.numa, ","), row.memory,
                            fmt::join(row.nics, ","), row.distance, name_of(row.verdict),
                            row.verdict == Verdict::ok ? "" : join(row.notes, ";"));
    return text;
}

std::vector<Group> groups_of(const StepMap& map) {
    std::vector<Group> groups;
    std::map<std::string, std::size_t> group_of;
    for (const MapNode& node : map.nodes) {
        const auto [found, is_new] = group_of.emplace(likeness_of(node), groups.size());
        if (is_new) groups.emplace_back();
        groups[found->second].nodes.push_back(&node);
    }
    return groups;
}

/// "n1-n64" cut down to what fits: the first names, and how many more.
std::string names_of(const Group& group) {
    constexpr std::size_t shown = 4;
    std::vector<std::string> names;
    for (const MapNode* node : group.nodes) names.push_back(node->name);
    if (names.size() <= shown) return join(names, ", ");
    return fmt::format("{} to {} ({} nodes alike)", names.front(), names.back(), names.size());
}

/// "0", or "0, 8, … 504" for the same row of several nodes.
std::string ranks_of(const Group& group, std::size_t row) {
    const int first = group.first().rows[row].rank;
    if (group.single()) return std::to_string(first);
    const int second = group.nodes[1]->rows[row].rank;
    const int last = group.nodes.back()->rows[row].rank;
    if (group.nodes.size() == 2) return fmt::format("{}, {}", first, second);
    return fmt::format("{}, {}, … {}", first, second, last);
}

std::vector<std::string> uuids_of(const MapNode& node) {
    std::vector<std::string> uuids;
    for (const MapRow& row : node.rows)
        uuids.insert(uuids.end(), row.gpu_uuid.begin(), row.gpu_uuid.end());
    return uuids;
}

std::string numbers(const std::vector<int>& values) {
    std::vector<std::string> shown;
    for (const int value : values) shown.push_back(value < 0 ? "?" : std::to_string(value));
    shown.erase(std::unique(shown.begin(), shown.end()), shown.end());
    return join(shown, ",");
}

/// Notes are numbered over the whole map and said once.
class MapNotes {
  public:
    std::string marks(const MapRow& row) {
        std::vector<std::string> marks;
        for (const std::string& note : row.notes) {
            const auto found = std::find(texts_.begin(), texts_.end(), note);
            marks.push_back(fmt::format("[{}]", found - texts_.begin() + 1));
            if (found == texts_.end()) texts_.push_back(note);
        }
        return join(marks, "");
    }
    std::string text() const {
        std::string lines;
        for (std::size_t i = 0; i < texts_.size(); ++i)
            lines += fmt::format("[{}] {}\n", i + 1, texts_[i]);
        return lines;
    }

  private:
    std::vector<std::string> texts_;
};

/// A line for each GPU of the row; the first has `cells`, which leave the GPU's open. `uuids`: of
/// the node, none where they are not shown.
void add_row(TextTable& table, const MapRow& row, const std::vector<std::string>& uuids,
             std::vector<std::string> cells) {
    const std::size_t lines = std::max<std::size_t>(row.gpu_pci.size(), 1);
    for (std::size_t gpu = 0; gpu < lines; ++gpu) {
        if (gpu < row.gpu_pci.size()) {
            cells[1] = fmt::format("{} {}", row.gpu_index[gpu], row.gpu_pci[gpu]);
            cells[2] = uuids.empty() ? "" : short_uuid(row.gpu_uuid[gpu], uuids);
            cells[3] = numbers({row.gpu_numa[gpu]});
        }
        table.add(std::exchange(cells, std::vector<std::string>(cells.size())));
    }
}

std::string rows_of(const Group& group, MapNotes& notes, bool colours) {
    using Align = TextTable::Align;
    TextTable table({{"rank", Align::right},
                     {"GPU"},
                     {group.single() ? "UUID" : ""},
                     {"its NUMA", Align::right},
                     {"cores", Align::right},
                     {"CPUs"},
                     {"NUMA", Align::right},
                     {"memory"},
                     {"NIC"},
                     {"distance"},
                     {"verdict"}});
    const auto uuids = group.single() ? uuids_of(group.first()) : std::vector<std::string>{};
    for (std::size_t i = 0; i < group.first().rows.size(); ++i) {
        const MapRow& row = group.first().rows[i];
        const std::string marks = notes.marks(row);
        add_row(table, row, uuids,
                {ranks_of(group, i), "", "", "", std::to_string(row.cores), row.cpus,
                 numbers(row.numa), row.memory, join(row.nics, ","), row.distance,
                 fmt::format("{}{}{}", name_of(row.verdict), marks.empty() ? "" : " ", marks)});
    }
    return table.text(colours);
}

std::string explanations_of(const Group& group) {
    std::string text;
    for (const MapRow& row : group.first().rows)
        for (std::size_t i = 0; i < row.explanation.size(); ++i)
            text += i == 0 ? fmt::format("rank {}: {}\n", row.rank, row.explanation[i])
                           : fmt::format("    {}\n", row.explanation[i]);
    return text;
}

std::string conclusion(const StepMap& map) {
    int ranks = 0, noted = 0, bad = 0, with_gpu = 0;
    for (const MapNode& node : map.nodes)
        for (const MapRow& row : node.rows) {
            ++ranks;
            with_gpu += !row.gpu_pci.empty();
            noted += row.verdict == Verdict::note;
            bad += row.verdict == Verdict::bad;
        }
    const std::string of = counted(ranks, "rank");
    const bool described = map.nodes.front().simulated;
    const std::string how = described   ? "placed on a described machine, nothing was bound"
                            : map.bound ? "placed, bound and read back"
                                        : "as the launcher left them";
    if (bad > 0) return fmt::format("{} of {} {} bad\n", bad, of, bad == 1 ? "is" : "are");
    if (noted > 0)
        return fmt::format("{} {}; {} {} an exception\n", of, how, noted,
                           noted == 1 ? "has" : "have");
    return fmt::format("{} {}{}\n", of, how, with_gpu == ranks ? "; all near their GPUs" : "");
}

}  // namespace

std::string map_table(const StepMap& map, bool colours) {
    std::string text;
    MapNotes notes;
    for (const Group& group : groups_of(map)) {
        text += fmt::format("{}: {}\n{}", names_of(group), group.first().machine,
                            rows_of(group, notes, colours));
        for (const std::string& note : group.first().notes) text += note + "\n";
        text += explanations_of(group) + "\n";
    }
    return text + notes.text() + conclusion(map);
}

}  // namespace warpstep::report
