// SPDX-License-Identifier: Apache-2.0
// Who has what in a step, as read back from the system, and what is wrong with it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace warpstep::report {

enum class Verdict { ok, note, bad };
std::string_view name_of(Verdict verdict);

struct MapRow {
    int rank = 0, local_rank = 0;
    std::vector<int> gpu_index;         ///< by PCI address over the whole machine
    std::vector<std::string> gpu_pci;   ///< one for each GPU
    std::vector<std::string> gpu_uuid;  ///< "" where nothing tells
    std::vector<int> gpu_numa;          ///< -1: unknown or several
    std::string cpus, planned_cpus;     ///< OS indices: read back, and as they should be
    int cores = 0;
    std::vector<int> numa;  ///< of the cores
    std::string memory;     ///< policy read back
    std::vector<std::string> nics;
    std::string distance;  ///< from cores to GPU: "near", "32", "same package", …
    Verdict verdict = Verdict::ok;
    std::vector<std::string> notes;        ///< why, what is wrong first
    std::vector<std::string> explanation;  ///< plain sentences, when asked for
};

struct MapNode {
    std::string name;
    std::string machine;     ///< "2 packages, 2 NUMA nodes, 112 cores, 8 GPUs (live)"
    bool simulated = false;  ///< nothing was bound: the rows say what was planned
    std::vector<MapRow> rows;
    std::vector<std::string> notes;  ///< of the node: what is idle and why
    std::string picture;             ///< its part of the SVG, when asked for
};

struct StepMap {
    std::string job, step, version;
    std::vector<MapNode> nodes;  ///< by their lowest rank
    bool bound = true;           ///< false: as the launcher left it
};

/// The worst of all rows.
Verdict verdict_of(const StepMap& map);

/// For people: a line for each rank and GPU; nodes that differ only in names, ranks and identities
/// are said once. Ends with one sentence.
std::string map_table(const StepMap& map, bool colours);
/// {"version":1,"job","step","bound","verdict","nodes":[{"name","machine","simulated","ranks":[…],
/// "notes":[…]}]}
std::string map_json(const StepMap& map);

/// One node as it travels to rank 0. Errors: CommError for bytes that are none.
std::string encode(const MapNode& node);
MapNode decode_map_node(std::string_view bytes);

}  // namespace warpstep::report
