// SPDX-License-Identifier: Apache-2.0
// Private to the room: the owner of a loaded hwloc topology.
#pragma once

#include <hwloc.h>

#include <memory>
#include <string>

namespace warpstep::topology {

/// A loaded topology with all its I/O objects and with the CPUs that are not allowed. Move-only.
class HwlocTopology {
  public:
    /// This machine. Errors: EnvironmentError when hwloc cannot read it or was told to read another
    /// one.
    static HwlocTopology live();
    /// Errors: ConfigError when the file cannot be read or is not an hwloc topology of version 1
    /// or 2.
    static HwlocTopology from_xml(const std::string& path);

    hwloc_topology_t get() const { return handle_.get(); }

  private:
    HwlocTopology();

    struct Destroy {
        void operator()(hwloc_topology_t topology) const { hwloc_topology_destroy(topology); }
    };
    std::unique_ptr<hwloc_topology, Destroy> handle_;
};

}  // namespace warpstep::topology
