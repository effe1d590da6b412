// SPDX-License-Identifier: Apache-2.0
#include "runtime/topology/hwloc_topology.hpp"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <limits>
#include <string_view>

#include "runtime/base/error.hpp"
#include "runtime/base/file.hpp"
#include "runtime/topology/node.hpp"

namespace warpstep::topology {

namespace {

// A machine of 1024 CPUs takes about one MiB.
constexpr std::uintmax_t largest_file = 64u << 20;

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
            "{} is not an hwloc topology (no <topology> element); save one with: lstopo node.xml",
            path);
    if (version[0] != '1' && version[0] != '2')
        fail<ConfigError>(
            "{} has hwloc topology version {} (versions 1 and 2 can be read); save it with: "
            "lstopo --export-xml-flags v2 node.xml",
            path, version);
}

/// A pipe would wait for a writer, and a disk image fill the memory.
void check_file(const std::string& path) {
    std::error_code ignored;
    const auto status = std::filesystem::status(path, ignored);
    if (std::filesystem::exists(status) && !std::filesystem::is_regular_file(status))
        fail<ConfigError>("cannot read {} (not a plain file); name an XML file of lstopo", path);
    const auto size = std::filesystem::file_size(path, ignored);
    if (!ignored && size > largest_file)
        fail<ConfigError>("{} is no hwloc topology ({} MiB large); name an XML file of lstopo",
                          path, size >> 20);
}

}  // namespace

std::string read_topology_file(const std::string& path) {
    check_file(path);
    std::string xml = read_file(path);
    check_xml(path, xml);
    return xml;
}

int lost_pci_functions(std::string_view xml) {
    using Domain = decltype(hwloc_obj_attr_u::hwloc_pcidev_attr_s::domain);
    constexpr std::string_view key = "pci_busid=\"";
    int lost = 0;
    for (auto at = xml.find(key); at != xml.npos; at = xml.find(key, at + 1)) {
        const std::string_view value = xml.substr(at + key.size(), 16);
        const auto address = PciAddress::parse(value.substr(0, value.find('"')));
        if (address && address->domain > std::numeric_limits<Domain>::max()) ++lost;
    }
    return lost;
}

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

HwlocTopology HwlocTopology::from_xml(const std::string& path, const std::string& xml) {
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
