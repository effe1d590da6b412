// SPDX-License-Identifier: Apache-2.0
// Network adapters and the ports of fabrics. Source:
// Documentation/ABI/stable/sysfs-class-infiniband of the Linux kernel.
#include <fmt/format.h>

#include <array>
#include <cstdlib>

#include "runtime/check/collect/files.hpp"
#include "runtime/check/collect/parts.hpp"

namespace warpstep::check {

namespace {

/// Counters of errors; what a port has carried is none.
constexpr std::array error_counters = {"symbol_error",
                                       "link_error_recovery",
                                       "link_downed",
                                       "port_rcv_errors",
                                       "port_rcv_remote_physical_errors",
                                       "port_xmit_discards",
                                       "local_link_integrity_errors",
                                       "excessive_buffer_overrun_errors",
                                       "VL15_dropped"};
constexpr std::array hardware_counters = {"out_of_sequence", "packet_seq_err",
                                          "local_ack_timeout_err", "rnr_nak_retry_err"};

void read_counters(const std::string& folder, const char* name, NicFacts& nic) {
    const auto value = number_of(folder + "/" + name);
    if (value && *value >= 0) nic.errors[name] = static_cast<std::uint64_t>(*value);
}

/// "4: ACTIVE" to "ACTIVE".
std::string after_colon(const std::string& text) {
    const auto colon = text.find(": ");
    return colon == text.npos ? text : text.substr(colon + 2);
}

/// Gbit/s of "400 Gb/sec (4X NDR)".
std::optional<double> rate_in(const std::string& text) {
    char* end = nullptr;
    const double rate = std::strtod(text.c_str(), &end);
    if (end == text.c_str() || std::string(end).rfind(" Gb/sec", 0) != 0) return std::nullopt;
    return rate;
}

void add_ports(const Sources& sources, const NicFacts& adapter, NodeFacts& facts) {
    const std::string ports =
        fmt::format("{}/class/infiniband/{}/ports", sources.sys, adapter.name);
    for (const int port : numbered_entries(ports, "")) {
        const std::string folder = fmt::format("{}/{}", ports, port);
        NicFacts nic = adapter;
        nic.fabric = true;
        nic.port = port;
        nic.state = after_colon(line_of(folder + "/state").value_or(""));
        nic.link_layer = line_of(folder + "/link_layer").value_or("");
        nic.rate_gbit_s = rate_in(line_of(folder + "/rate").value_or(""));
        for (const char* name : error_counters) read_counters(folder + "/counters", name, nic);
        for (const char* name : hardware_counters)
            read_counters(folder + "/hw_counters", name, nic);
        facts.nics.push_back(nic);
    }
}

void add_interface(const Sources& sources, NicFacts nic, NodeFacts& facts) {
    const std::string folder = sources.sys + "/class/net/" + nic.name;
    nic.state = line_of(folder + "/operstate").value_or("");
    const auto speed = number_of(folder + "/speed");  // Mbit/s, -1: no link
    if (speed && *speed > 0) nic.rate_gbit_s = static_cast<double>(*speed) / 1000;
    facts.nics.push_back(nic);
}

NicFacts adapter_of(const topology::Nic& nic) {
    NicFacts facts;
    facts.name = nic.name;
    facts.pci = show(nic.pci);
    facts.fabric = nic.fabric;
    facts.numa = nic.numa;
    facts.near_cpus = show(nic.near_cpus);
    return facts;
}

/// An adapter that hwloc does not show, as in containers without the PCI bus.
NicFacts adapter_named(const Sources& sources, const std::string& name) {
    NicFacts facts;
    facts.name = name;
    const std::string device = sources.sys + "/class/infiniband/" + name + "/device";
    facts.numa = static_cast<int>(number_of(device + "/numa_node").value_or(-1));
    facts.near_cpus = line_of(device + "/local_cpulist").value_or("");
    return facts;
}

}  // namespace

void collect_nics(const Sources& sources, const topology::Node& node, NodeFacts& facts) {
    for (const topology::Nic& nic : node.nics) {
        const std::size_t before = facts.nics.size();
        if (node.simulated) {
            facts.nics.push_back(adapter_of(nic));
            continue;
        }
        if (nic.fabric) add_ports(sources, adapter_of(nic), facts);
        if (facts.nics.size() == before) add_interface(sources, adapter_of(nic), facts);
    }
    if (node.simulated) return;
    for (const std::string& name : entries_of(sources.sys + "/class/infiniband")) {
        bool known = false;
        for (const topology::Nic& nic : node.nics) known = known || nic.name == name;
        if (!known) add_ports(sources, adapter_named(sources, name), facts);
    }
}

}  // namespace warpstep::check
