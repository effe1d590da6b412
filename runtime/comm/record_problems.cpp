// SPDX-License-Identifier: Apache-2.0
// The checks that every rank runs on everybody's records. Pure: the same records give the same
// verdict everywhere.
#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <utility>

#include "runtime/base/counted.hpp"
#include "runtime/base/text.hpp"
#include "runtime/comm/rank_names.hpp"
#include "runtime/comm/record.hpp"

namespace warpstep::comm {
namespace {

using Records = std::vector<Record>;
using Key = std::function<std::string(const Record&)>;
/// Ranks by the value they have, in the order in which the values first occur.
using Groups = std::vector<std::pair<std::string, std::vector<int>>>;

struct Problem {
    int code;
    std::string text;
};
using Problems = std::vector<Problem>;

Groups groups_by(const Records& records, const Key& key) {
    Groups groups;
    std::map<std::string, std::size_t> places;
    for (std::size_t rank = 0; rank < records.size(); ++rank) {
        const std::string value = key(records[rank]);
        const auto [place, is_new] = places.try_emplace(value, groups.size());
        if (is_new) groups.push_back({value, {}});
        groups[place->second].second.push_back(static_cast<int>(rank));
    }
    return groups;
}

std::string names(const Records& records, const std::vector<int>& ranks) {
    return show_ranks(ranks,
                      [&](int rank) { return records[static_cast<std::size_t>(rank)].host; });
}

std::string show_groups(const Records& records, const Groups& groups) {
    std::vector<std::string> pieces;
    for (const auto& [value, ranks] : groups) {
        pieces.push_back(
            fmt::format("{} on {}", value.empty() ? "none" : value, names(records, ranks)));
    }
    return join(pieces, "; ");
}

void add_refusals(const Records& records, Problems& problems) {
    for (const auto& [text, ranks] : groups_by(records, [](auto& r) { return r.refusal; })) {
        if (text.empty()) continue;
        int code = 0;
        for (const int rank : ranks) {
            code = std::max(code, records[static_cast<std::size_t>(rank)].refusal_code);
        }
        problems.push_back({code, fmt::format("{}: {}", names(records, ranks), text)});
    }
}

void add_other_workloads(const Records& records, Problems& problems) {
    const auto groups = groups_by(records, [](auto& r) { return r.config_hash; });
    for (std::size_t i = 1; i < groups.size(); ++i) {
        problems.push_back(
            {2, fmt::format("{} would run another workload than {} (file, overrides or warpstep "
                            "binary differ); give every task the same file, --set and binary, on a "
                            "file system that all nodes see; what only some ranks do belongs into "
                            "the file, with if: rank == 0",
                            names(records, groups[i].second), names(records, groups[0].second))});
    }
}

void add_mixed_devices(const Records& records, Problems& problems) {
    const auto groups = groups_by(records, [](auto& r) { return r.device; });
    if (groups.size() < 2) return;
    problems.push_back(
        {3, fmt::format("one step cannot mix devices ({}); request a GPU for every task with "
                        "--gpus-per-task=1, or run all on the host with --device host",
                        show_groups(records, groups))});
}

// Members are numbered by rank and device, so every rank must open equally many.
void add_mixed_counts(const Records& records, Problems& problems) {
    const auto groups = groups_by(records, [](auto& r) { return counted(r.devices, "device"); });
    if (groups.size() < 2) return;
    problems.push_back(
        {2, fmt::format("every task must have equally many devices ({}); request as many GPUs on "
                        "every node, or set placement.gpus_per_task to the least",
                        show_groups(records, groups))});
}

// Versions matter where they are used: not on the host, and not before all ranks agree on the
// device.
void add_mixed_versions(const Records& records, Problems& problems) {
    const auto on_cuda = [](const Record& r) { return r.device == "cuda"; };
    if (!std::all_of(records.begin(), records.end(), on_cuda)) return;
    const std::pair<const char*, std::string Record::*> versions[] = {
        {"CUDA driver", &Record::cuda_driver},
        {"CUDA runtime", &Record::cuda_runtime},
        {"NCCL", &Record::nccl},
    };
    for (const auto& [what, field] : versions) {
        const auto groups = groups_by(records, [f = field](auto& r) { return r.*f; });
        if (groups.size() < 2) continue;
        problems.push_back({3, fmt::format("{} versions differ ({}); load the same version on "
                                           "every node, or leave the odd ones out with --exclude",
                                           what, show_groups(records, groups))});
    }
}

void add_shared_gpus(const Records& records, int share, Problems& problems) {
    const auto groups = groups_by(records, [](auto& r) {
        return r.gpu_uuid.empty() ? std::string() : r.host + "\n" + r.gpu_uuid;
    });
    for (const auto& [gpu, ranks] : groups) {
        if (gpu.empty() || static_cast<int>(ranks.size()) <= share) continue;
        const Record& first = records[static_cast<std::size_t>(ranks.front())];
        problems.push_back(
            {2,
             fmt::format("{} use one GPU, {} at {} ({} may); request one per task with "
                         "--gpus-per-task=1, or set placement.share to {}",
                         names(records, ranks), first.gpu_uuid, first.gpu_pci,
                         share == 1 ? "one rank" : fmt::format("{} ranks", share), ranks.size())});
    }
}

// Virtual nodes of one machine are fine as long as each has GPUs of its own, or computes on the
// host.
void add_one_machine_as_two(const Records& records, Problems& problems) {
    const auto gpu_of = [](const Record& r) {
        const bool known = r.device == "cuda" && !r.boot_id.empty() && !r.gpu_uuid.empty();
        return known ? r.boot_id + "\n" + r.gpu_uuid : std::string();
    };
    for (const auto& [gpu, ranks] : groups_by(records, gpu_of)) {
        const Record& first = records[static_cast<std::size_t>(ranks.front())];
        const auto other = std::find_if(ranks.begin(), ranks.end(), [&](int rank) {
            return records[static_cast<std::size_t>(rank)].host != first.host;
        });
        if (gpu.empty() || other == ranks.end()) continue;
        problems.push_back(
            {3, fmt::format(
                    "{} and {} are one machine under two names (same boot id), and ranks of "
                    "both would take {}; give each machine one NodeName in slurm.conf",
                    first.host, records[static_cast<std::size_t>(*other)].host, first.gpu_uuid)});
        return;
    }
}

Problems find_problems(const Records& records, int share) {
    Problems problems;
    add_refusals(records, problems);
    // What the others would report then mostly follows from the refusal: a rank that found no GPU
    // says "host".
    if (!problems.empty()) return problems;
    add_other_workloads(records, problems);
    add_mixed_devices(records, problems);
    add_mixed_counts(records, problems);
    add_mixed_versions(records, problems);
    add_shared_gpus(records, share, problems);
    add_one_machine_as_two(records, problems);
    return problems;
}

}  // namespace

std::vector<std::string> problems(const Records& records, int share) {
    std::vector<std::string> texts;
    for (auto& problem : find_problems(records, share)) texts.push_back(std::move(problem.text));
    return texts;
}

int exit_code_of(const Records& records, int share) {
    const auto found = find_problems(records, share);
    int code = 0;
    for (const auto& problem : found) code = std::max(code, problem.code);
    return !found.empty() && code == 0 ? 3 : code;
}

}  // namespace warpstep::comm
