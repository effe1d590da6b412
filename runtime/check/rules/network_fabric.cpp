// SPDX-License-Identifier: Apache-2.0
// InfiniBand and RoCE: ports, their place, and the way from the GPU's memory to them.
#include <fmt/format.h>
#include <strings.h>

#include <algorithm>
#include <map>

#include "runtime/base/text.hpp"
#include "runtime/check/network_address.hpp"
#include "runtime/check/rules/network_parts.hpp"
#include "runtime/check/rules/walks.hpp"

namespace warpstep::check {
namespace {

constexpr char no_fabric[] = "no InfiniBand or RoCE adapter";

bool has_fabric(const NodeFacts& node) {
    return std::any_of(node.nics.begin(), node.nics.end(),
                       [](const NicFacts& nic) { return nic.fabric; });
}

bool has_granted_gpu(const NodeFacts& node) {
    return node.has_nvidia && std::any_of(node.gpus.begin(), node.gpus.end(),
                                          [](const GpuFacts& gpu) { return gpu.granted; });
}

std::string show(const NicFacts& nic) {
    return fmt::format("{} port {}", nic.name, nic.port);
}

/// Ports that NCCL is to use on a node: those that NCCL_IB_HCA names there.
std::vector<const NicFacts*> ports_of(const Facts& facts, const NodeFacts& node) {
    const auto ranks = facts.ranks_on(node.name);
    const auto list = ranks.empty() ? std::nullopt : variable(ranks.front()->env, "NCCL_IB_HCA");
    std::vector<const NicFacts*> found;
    for (const NicFacts& nic : node.nics) {
        if (nic.fabric && nccl_names(list.value_or(""), nic.name, nic.port)) found.push_back(&nic);
    }
    return found;
}

/// By adapter and port: the rate that most nodes have there, the larger one of equals.
class UsualRates {
  public:
    explicit UsualRates(const Facts& facts) {
        for (const NodeFacts& node : facts.nodes) {
            for (const NicFacts& nic : node.nics) {
                const bool counts = nic.fabric && nic.state == "ACTIVE" && nic.rate_gbit_s;
                if (counts && !node.described) ++seen_[show(nic)][*nic.rate_gbit_s];
            }
        }
    }

    /// 0 where no node tells.
    double of(const NicFacts& nic) const {
        const auto found = seen_.find(show(nic));
        double usual = 0;
        int most = 0;
        if (found == seen_.end()) return usual;
        for (const auto& [rate, count] : found->second) {  // ascending
            if (count >= most) usual = rate;
            most = std::max(most, count);
        }
        return usual;
    }

  private:
    std::map<std::string, std::map<double, int>> seen_;
};

/// The counters that are not 0: "symbol_error 12, link_downed 1".
std::string errors_of(const NicFacts& nic) {
    std::vector<std::string> told;
    for (const auto& [name, count] : nic.errors) {
        if (count > 0) told.push_back(fmt::format("{} {}", name, count));
    }
    return join(told, ", ");
}

/// Whether nothing is wrong with the port; says what else.
bool judge_port(const NodeFacts& node, const NicFacts& nic, double usual, Judge& judge) {
    const Subject subject = subject_of(node);
    const std::string query = fmt::format("ibstat {} {} on the node", nic.name, nic.port);
    if (nic.state.empty()) {
        judge.unknown(subject, show(nic) + ": its state could not be read");
    } else if (nic.state != "ACTIVE") {
        judge.fire(
            subject, fmt::format("{} is {}", show(nic), nic.state), {nic.state, "ACTIVE", ""},
            fmt::format("{}, then cable, transceiver, switch port and subnet manager; if the "
                        "port is not meant to be used: export NCCL_IB_HCA=^={}:{}",
                        query, nic.name, nic.port));
    } else if (nic.rate_gbit_s && *nic.rate_gbit_s < usual) {
        judge.fire(
            subject,
            fmt::format("{} runs at {:.4g} Gbit/s, at {:.4g} on other nodes", show(nic),
                        *nic.rate_gbit_s, usual),
            {fmt::format("{:.4g}", *nic.rate_gbit_s), fmt::format("{:.4g}", usual), "Gbit/s"},
            query + ", then reseat or replace cable and transceiver");
    } else if (const std::string errors = errors_of(nic); !errors.empty()) {
        judge.warn(subject, "a port has counted errors",
                   fmt::format("{} has counted {}", show(nic), errors), {},
                   fmt::format("grep . /sys/class/infiniband/{}/ports/{}/counters/* twice with "
                               "traffic between; where they rise, replace the cable",
                               nic.name, nic.port));
    } else {
        return true;
    }
    return false;
}

void judge_ports(const Facts& facts, Judge& judge) {
    const UsualRates usual(facts);
    for (const NodeFacts& node : facts.nodes) {
        if (node.described) {
            judge.skip("the node is described, its adapters are not here");
            continue;
        }
        const auto ports = ports_of(facts, node);
        std::size_t sound = 0;
        for (const NicFacts* nic : ports) {
            if (judge_port(node, *nic, usual.of(*nic), judge)) ++sound;
        }
        if (!ports.empty() && sound == ports.size())
            judge.pass(subject_of(node),
                       fmt::format("{} ports are ACTIVE and count no errors", ports.size()));
    }
    judge.skip(no_fabric);
}

void judge_far_adapters(const Facts& facts, Judge& judge) {
    if (facts.nodes.size() < 2) return judge.skip("one node");
    for (const NodeFacts& node : facts.nodes) {
        const auto ports = ports_of(facts, node);
        if (ports.empty()) continue;
        for (const GpuFacts& gpu : node.gpus) {
            if (!gpu.granted || gpu.numa < 0) continue;
            const auto near = std::find_if(ports.begin(), ports.end(), [&](const NicFacts* nic) {
                return nic->numa == gpu.numa ||
                       (nic->numa < 0 && !gpu.near_cpus.empty() && nic->near_cpus == gpu.near_cpus);
            });
            const Subject subject = subject_of(node, gpu);
            if (near != ports.end())
                judge.pass(subject,
                           fmt::format("{} is on its NUMA node {}", (*near)->name, gpu.numa));
            else
                judge.fire(subject, fmt::format("no adapter is on its NUMA node {}", gpu.numa));
        }
    }
    judge.skip("no adapter of a fabric, or no granted GPU whose NUMA node is known");
}

bool is_loaded(const NodeFacts& node, const char* module) {
    const auto found = node.modules.find(module);
    return found != node.modules.end() && found->second;
}

void judge_gdr(const Facts&, const NodeFacts& node, Judge& judge) {
    const Subject subject = subject_of(node);
    if (!has_fabric(node) || !has_granted_gpu(node))
        judge.skip("no granted NVIDIA GPU beside an InfiniBand or RoCE adapter");
    else if (is_loaded(node, "nvidia_peermem") || is_loaded(node, "nv_peer_mem"))
        judge.pass(subject, "nvidia_peermem is loaded");
    else if (node.dma_buf == true)
        judge.pass(subject, "the driver exports memory through DMA-BUF");
    else if (!node.dma_buf)
        judge.unknown(
            subject,
            "nvidia_peermem is not loaded, and whether the driver has DMA-BUF is not known");
    else
        judge.fire(subject, "nvidia_peermem is not loaded and the driver has no DMA-BUF");
}

void judge_fallback(const Facts&, const NodeFacts& node, const RankFacts& rank, Judge& judge) {
    if (!has_fabric(node)) return judge.skip(no_fabric);
    const std::string disable = variable(rank.env, "NCCL_IB_DISABLE").value_or("");
    const std::string net = variable(rank.env, "NCCL_NET").value_or("");
    if (!disable.empty() && disable != "0")
        judge.fire(subject_of(rank), fmt::format("NCCL_IB_DISABLE={}", disable), {},
                   "unset NCCL_IB_DISABLE");
    else if (strcasecmp(net.c_str(), "socket") == 0)
        judge.fire(subject_of(rank), fmt::format("NCCL_NET={}", net), {}, "unset NCCL_NET");
    else
        judge.pass(subject_of(rank), "nothing keeps NCCL from the adapters");
}

void judge_acs_iommu(const Facts&, const NodeFacts& node, Judge& judge) {
    const Subject subject = subject_of(node);
    if (node.virtual_machine)
        judge.skip("a virtual machine needs both");
    else if (!has_granted_gpu(node))
        judge.skip("no NVIDIA GPU was granted");
    else if (node.acs_redirect == true)
        judge.fire(subject, "ACS sends traffic between PCI devices through the CPU", {},
                   "disable ACS in the firmware, or as root for each bridge (lspci -d "
                   "::0604): setpci -s BRIDGE ECAP_ACS+0x6.w=0000");
    else if (node.iommu_translating == true)
        judge.fire(subject, "the IOMMU translates the addresses of devices", {},
                   "boot the kernel with iommu=pt");
    else if (!node.acs_redirect || !node.iommu_translating)
        judge.unknown(subject, "only root may read the bridges and the IOMMU");
    else
        judge.pass(subject, "no ACS redirection, no translating IOMMU");
}

}  // namespace

std::vector<Rule> families::network_fabric() {
    return {
        {"net-port", network_family, Severity::error, Privilege::user, Level::quick,
         "Collectives between nodes are slow or fail with IBV_WC_RETRY_EXC_ERR.",
         "A port of InfiniBand or RoCE is down, runs slower than the same port of other nodes, or "
         "counts errors (a warning).",
         "State, rate and error counters of all ports that NCCL_IB_HCA does not leave out, in "
         "/sys/class/infiniband, against ACTIVE, the rate that most nodes have there, and 0.",
         "ibstat on the node, then cable, transceiver and switch port", over_nodes(judge_ports)},
        {"net-nic-far", network_family, Severity::information, Privilege::user, Level::quick,
         "Some GPUs talk to other nodes slower than others.",
         "No adapter of the fabric is attached to the NUMA node of the GPU, so that its traffic "
         "crosses the link between the sockets.",
         "The NUMA node of each granted GPU against those of the adapters, with several nodes.",
         "leave out GPUs far from an adapter, or tell NCCL the topology that it cannot see: export "
         "NCCL_TOPO_FILE=FILE.xml",
         over_gpus(judge_far_adapters)},
        {"net-gdr-off", network_family, Severity::warning, Privilege::user, Level::quick,
         "Rates between nodes are half of what the adapters can do.",
         "Without GPUDirect RDMA the data of GPUs passes through host memory: neither the module "
         "nvidia_peermem nor DMA-BUF of the open kernel modules is there.",
         "Loaded modules and the driver's DMA-BUF support on nodes with a fabric and granted GPUs.",
         "as root: modprobe nvidia_peermem (and a line in /etc/modules-load.d), or install the "
         "open kernel modules",
         each_real_node(judge_gdr)},
        {"net-socket-fallback", network_family, Severity::warning, Privilege::user, Level::quick,
         "Rates between nodes are those of Ethernet though there is InfiniBand or RoCE.",
         "A variable keeps NCCL from the adapters: somebody's workaround that was never removed.",
         "NCCL_IB_DISABLE and NCCL_NET of every rank on a node with such an adapter.",
         "unset NCCL_IB_DISABLE NCCL_NET", each_placed_rank(judge_fallback)},
        {"net-acs-iommu", network_family, Severity::warning, Privilege::root, Level::quick,
         "Copies between GPUs over PCIe, and GPUDirect RDMA, are slow or hang.",
         "On bare metal, ACS redirection on bridges or a translating IOMMU sends traffic between "
         "PCI devices through the CPU. (Virtual machines need both.)",
         "The ACS control bits of all bridges, and the mode of the IOMMU.",
         "disable ACS in the firmware; boot the kernel with iommu=pt",
         each_real_node(judge_acs_iommu)},
    };
}

}  // namespace warpstep::check
