// SPDX-License-Identifier: Apache-2.0
// A placement of a whole step as it is written to files and sent between ranks.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "runtime/placement/placement.hpp"

namespace warpstep::placement {

struct DocumentGpu {
    std::string pci, uuid;  ///< uuid: of the instance where it is one
    int index = 0, numa = -1;
    friend bool operator==(const DocumentGpu&, const DocumentGpu&) = default;
};

struct DocumentTask {
    int local_rank = 0;
    std::vector<DocumentGpu> gpus;
    topology::CpuSet cpus;  ///< OS indices
    int cores = 0;
    std::vector<int> numa;
    std::vector<std::string> nics;  ///< name, or PCI address where it has none
    bool remote = false;
    std::vector<std::string> notes;
    friend bool operator==(const DocumentTask&, const DocumentTask&) = default;
};

struct DocumentNode {
    std::string name;
    std::vector<DocumentTask> tasks;
    std::vector<DocumentGpu> idle_gpus;
    topology::CpuSet idle_cpus;
    std::vector<std::string> notes;
    friend bool operator==(const DocumentNode&, const DocumentNode&) = default;
};

DocumentNode describe(const std::string& name, const topology::Node& node,
                      const Placement& placement);

/// {"version":1,"nodes":[{"name","tasks":[{"local_rank","gpus":[{"pci","uuid","index","numa"}],
/// "cpus":"0-7","cores":8,"numa":[0],"nics":[…],"remote":false,"notes":[…]}],"idle_gpus":[…],
/// "idle_cpus":"…","notes":[…]}],"hash":"…"}
std::string to_json(const std::vector<DocumentNode>& nodes);
/// Errors: ConfigError for text that is not such a document, a version other than 1, a hash that
/// does not fit.
std::vector<DocumentNode> from_json(std::string_view text);

/// The same on every rank that planned the same: of everything but the notes.
std::string hash_of(const std::vector<DocumentNode>& nodes);

}  // namespace warpstep::placement
