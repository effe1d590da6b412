// SPDX-License-Identifier: Apache-2.0
// Private to the room: which GPU one entry of a list means.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "runtime/topology/visible_gpus.hpp"

namespace warpstep::topology {

/// The GPUs that lists can name, in the order in which ordinals count them.
class GpuNames {
  public:
    GpuNames(const std::vector<Gpu>& gpus, GpuList::Kind kind);

    /// Index into `gpus` of the one that is meant; nothing for none or several.
    std::optional<int> find(std::string_view entry) const;
    /// All that can be used.
    std::vector<int> all() const;
    bool empty() const { return counted_.empty(); }

    static std::optional<int> ordinal(std::string_view entry);

  private:
    std::optional<int> by_ordinal(int ordinal) const;
    std::optional<int> by_uuid(std::string_view uuid) const;
    std::optional<int> by_mig_uuid(std::string_view uuid) const;
    std::optional<int> by_mig_path(std::string_view entry) const;

    const std::vector<Gpu>& gpus_;
    std::vector<int> counted_;  ///< whole GPUs and instances
    std::vector<int> parents_;  ///< whole GPUs and first instances
    bool count_instances_;
};

}  // namespace warpstep::topology
