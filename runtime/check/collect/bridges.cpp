// SPDX-License-Identifier: Apache-2.0
// What stands between GPUs and their peers: access control of bridges, address translation, errors
// of the links. Source: PCI Express Base Specification, capability structures and ACS.
#include <fmt/format.h>

#include <filesystem>
#include <sstream>

#include "runtime/base/text.hpp"
#include "runtime/check/collect/bus.hpp"
#include "runtime/check/collect/files.hpp"
#include "runtime/check/collect/parts.hpp"

namespace warpstep::check {

namespace {

constexpr std::size_t first_extended = 0x100, whole_space = 0x1000;
constexpr unsigned acs_capability = 0x000d, acs_control = 6;
constexpr unsigned request_redirect = 1 << 2, completion_redirect = 1 << 3;

unsigned word_at(const std::string& space, std::size_t offset) {
    return static_cast<unsigned char>(space[offset]) |
           static_cast<unsigned>(static_cast<unsigned char>(space[offset + 1])) << 8;
}

/// Nothing where the extended space is not readable (only root sees it) or has no ACS.
std::optional<bool> redirects(const std::string& space) {
    std::size_t offset = first_extended;
    for (int steps = 0; steps < 64 && offset >= first_extended && offset + 8 <= space.size();
         ++steps) {
        if (word_at(space, offset) == acs_capability)
            return (word_at(space, offset + acs_control) &
                    (request_redirect | completion_redirect)) != 0;
        offset = word_at(space, offset + 2) >> 4;
    }
    return std::nullopt;
}

/// Fatal and non-fatal errors since boot; corrected ones every link has.
std::optional<bool> has_errors(const std::string& folder) {
    std::optional<bool> any;
    for (const char* kind : {"fatal", "nonfatal"}) {
        const auto text = text_of(folder + "/aer_dev_" + kind);
        if (!text) continue;
        any = any.value_or(false);
        for (const std::string& line : split(*text, '\n')) {
            std::istringstream words(line);
            std::string name;
            std::uint64_t count = 0;
            if (words >> name >> count && name.rfind("TOTAL", 0) == 0 && count > 0) any = true;
        }
    }
    return any;
}

/// A GPU's own group; without a group nothing is translated.
bool translates(const std::string& folder) {
    const auto type = line_of(folder + "/iommu_group/type");
    return type && *type != "identity";
}

void merge(std::optional<bool>& all, std::optional<bool> one) {
    if (one) all = all.value_or(false) || *one;
}

}  // namespace

void collect_bridges(const Sources& sources, NodeFacts& facts) {
    for (const GpuFacts& gpu : facts.gpus) {
        const auto folders = folders_above(sources, gpu.pci);
        for (std::size_t i = 0; i < folders.size(); ++i) {
            merge(facts.aer_errors, has_errors(folders[i]));
            if (i == 0) continue;  // the GPU itself
            const std::string space = text_of(folders[i] + "/config").value_or("");
            // A bridge whose whole space is visible and has no ACS does not redirect.
            if (space.size() >= whole_space)
                merge(facts.acs_redirect, redirects(space).value_or(false));
        }
        if (!folders.empty()) merge(facts.iommu_translating, translates(folders.front()));
    }
}

}  // namespace warpstep::check
