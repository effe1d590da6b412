// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "runtime/topology/discover.hpp"
#include "tests/support/topology_xml.hpp"

namespace warpstep::testing {

inline topology::Node discover_xml(const std::string& xml, topology::NodeRequest request = {}) {
    const TemporaryFile file(xml);
    request.xml = file.path();
    return topology::discover_node(request);
}

inline topology::Node discover(const MachineModel& machine, topology::NodeRequest request = {}) {
    return discover_xml(topology_xml(machine), std::move(request));
}

}  // namespace warpstep::testing
