// SPDX-License-Identifier: Apache-2.0
// Private to the room: the owner of a loaded hwloc topology.
#pragma once

#include <hwloc.h>

#include <memory>
#include <string>
#include <string_view>

namespace warpstep::topology {

/// A loaded topology with all its I/O objects and with the CPUs that are not allowed. Move-only.
class HwlocTopology {
  public:
    /// This machine. Errors: EnvironmentError when hwloc cannot read it or was told to read another
    /// one.
    static HwlocTopology live();
    /// From the text of the file at `path`. Errors: ConfigError when it is not an hwloc topology of
    /// version 1 or 2.
    static HwlocTopology from_xml(const std::string& path, const std::string& xml);

    hwloc_topology_t get() const { return handle_.get(); }

  private:
    HwlocTopology();

    struct Destroy {
        void operator()(hwloc_topology_t topology) const { hwloc_topology_destroy(topology); }
    };
    std::unique_ptr<hwloc_topology, Destroy> handle_;
};

/// The text of a file that may be an hwloc topology. Errors: ConfigError when it cannot be read, is
/// no plain file, or is obviously something else.
std::string read_topology_file(const std::string& path);

/// How many PCI functions and bridges of such a text hwloc leaves out, because it was built without
/// PCI domains of more than 16 bits.
int lost_pci_functions(std::string_view xml);

}  // namespace warpstep::topology
