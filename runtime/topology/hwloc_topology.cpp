// SPDX-License-Identifier: Apache-2.0
#include "runtime/topology/hwloc_topology.hpp"

#include <cerrno>
#include <cstring>
#include <limits>
#include <string_view>

#include "runtime/base/error.hpp"
#include "runtime/base/file.hpp"

namespace warpstep::topology {

namespace {

/// The version of the root element: "2.0", "1" when it carries none (hwloc 1), "" when there is no
/// such element.
std::string xml_version(std::string_view xml) {
    const auto root = xml.find("<topology");
    if (root == xml.npos) return "";
    const std::string_view tag = xml.substr(root, xml.find('>', root) - root);
    constexpr std::string_view key = "version=\"";
    const auto start = tag.find(key);
    if (start == tag.npos) return "1";
    const std::string_view value = tag.substr(start + key.size());
    return std::string(value.substr(0, value.find('"')));
}

/// hwloc reports most of what is wrong with a file on stderr only, so the obvious is looked at
/// first.
void check_xml(const std::string& path, const std::string& xml) {
    const std::string version = xml_version(xml);
    if (version.empty())
        fail<ConfigError>(
            "{} is not an hwloc topology (no <topology> element); save one with: lstopo {}", path,
            path);
    if (version[0] != '1' && version[0] != '2')
        fail<ConfigError>(
            "{} has hwloc topology version {} (versions 1 and 2 can be read); save it with: "
            "lstopo --export-xml-flags v2 {}",
            path, version, path);
    if (xml.size() >= static_cast<std::size_t>(std::numeric_limits<int>::max()))
        fail<ConfigError>("{} is too large for an hwloc topology; save one with: lstopo {}", path,
                          path);
}

}  // namespace

HwlocTopology::HwlocTopology() {
    hwloc_topology_t topology = nullptr;
    if (hwloc_topology_init(&topology) != 0)
        fail<EnvironmentError>("cannot initialise hwloc ({}); check the hwloc installation",
                               std::strerror(errno));
    handle_.reset(topology);
    hwloc_topology_set_io_types_filter(topology, HWLOC_TYPE_FILTER_KEEP_ALL);
    // Without this flag hwloc drops what the cgroup forbids, and with it the locality of the GPUs
    // there.
    hwloc_topology_set_flags(topology, HWLOC_TOPOLOGY_FLAG_INCLUDE_DISALLOWED);
}

HwlocTopology HwlocTopology::live() {
    HwlocTopology topology;
    // The first four would open devices before the process is bound; the last leaks what
    // libpciaccess holds, and hwloc's Linux component finds the same devices in sysfs.
    for (const char* component : {"cuda", "opencl", "levelzero", "gl", "pci"})
        hwloc_topology_set_components(topology.get(), HWLOC_TOPOLOGY_COMPONENTS_FLAG_BLACKLIST,
                                      component);
    if (hwloc_topology_load(topology.get()) != 0)
        fail<EnvironmentError>("hwloc cannot read this machine ({}); try: lstopo",
                               std::strerror(errno));
    if (!hwloc_topology_is_thissystem(topology.get()))
        fail<EnvironmentError>(
            "hwloc describes another machine (HWLOC_XMLFILE, HWLOC_SYNTHETIC or HWLOC_FSROOT is "
            "set); unset it, or name the file in WARPSTEP_TOPOLOGY");
    return topology;
}

HwlocTopology HwlocTopology::from_xml(const std::string& path) {
    const std::string xml = read_file(path);
    check_xml(path, xml);
    HwlocTopology topology;
    const int size = static_cast<int>(xml.size()) + 1;  // hwloc counts the terminating zero
    if (hwloc_topology_set_xmlbuffer(topology.get(), xml.c_str(), size) != 0 ||
        hwloc_topology_load(topology.get()) != 0)
        fail<ConfigError>(
            "{} cannot be read as an hwloc topology (malformed or cut short); save it again with: "
            "lstopo {}",
            path, path);
    return topology;
}

}  // namespace warpstep::topology
