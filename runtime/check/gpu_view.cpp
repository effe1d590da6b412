// SPDX-License-Identifier: Apache-2.0
#include "runtime/check/gpu_view.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "runtime/base/error.hpp"
#include "runtime/topology/visible_gpus.hpp"

namespace warpstep::check {
namespace {

using topology::Gpu;
using topology::GpuList;
using topology::UnknownGpu;
using Names = std::vector<std::string>;

bool same_gpu(const GpuFacts& gpu, const SeenGpu& seen) {
    return gpu.uuid.empty() || seen.uuid.empty() ? gpu.pci == seen.pci : gpu.uuid == seen.uuid;
}

bool reaches(const NodeFacts& node, const GpuFacts& gpu, const RankFacts* rank) {
    if (rank == nullptr || !rank->nvml_gpus)
        return node.described || (gpu.in_nvml && gpu.openable.value_or(true));
    return std::any_of(rank->nvml_gpus->begin(), rank->nvml_gpus->end(), [&](const SeenGpu& seen) {
        return same_gpu(gpu, seen) && (node.described || seen.openable.value_or(true));
    });
}

topology::PciAddress address_of(const std::string& pci, int index) {
    const auto address = topology::PciAddress::parse(pci);
    return address ? *address : topology::PciAddress{~0u, static_cast<unsigned>(index), 0, 0};
}

void add_gpu(const GpuFacts& facts, bool reachable, std::vector<Gpu>& gpus) {
    Gpu gpu;
    gpu.pci = address_of(facts.pci, facts.index);
    gpu.name = facts.name;
    gpu.uuid = facts.uuid;
    gpu.vendor = topology::nvidia_vendor;
    gpu.visible = reachable;
    const bool mig = facts.modes.mig_current.value_or(false);
    gpu.usable = !mig || !facts.modes.mig_instances.empty();
    if (!mig || facts.modes.mig_instances.empty()) gpus.push_back(gpu);
    for (const std::string& instance : mig ? facts.modes.mig_instances : Names{}) {
        gpu.mig_uuid = instance;
        ++gpu.mig_index;
        gpus.push_back(gpu);
    }
}

/// The GPUs of the node; visible: what the process can open. Without the node's facts what the
/// rank itself saw.
std::vector<Gpu> gpus_of(const NodeFacts* node, const RankFacts* rank) {
    std::vector<Gpu> gpus;
    if (node != nullptr) {
        for (const GpuFacts& gpu : node->gpus) add_gpu(gpu, reaches(*node, gpu, rank), gpus);
        return gpus;
    }
    if (rank == nullptr || !rank->nvml_gpus) return gpus;
    for (const SeenGpu& seen : *rank->nvml_gpus) {
        GpuFacts gpu;
        gpu.uuid = seen.uuid;
        gpu.pci = seen.pci;
        add_gpu(gpu, seen.openable.value_or(true), gpus);
    }
    return gpus;
}

std::string called(const Gpu& gpu) {
    return gpu.visible_name().empty() ? show(gpu.pci) : gpu.visible_name();
}

Names names(const std::vector<Gpu>& gpus, const std::vector<int>& order) {
    Names result;
    for (const int i : order) result.push_back(called(gpus[static_cast<std::size_t>(i)]));
    return result;
}

std::optional<GpuList> list_of(const std::map<std::string, std::string>& env, const char* name,
                               GpuList::Kind kind) {
    const auto text = variable(env, name);
    if (!text) return std::nullopt;
    return GpuList{*text, kind, variable(env, "CUDA_DEVICE_ORDER") == "PCI_BUS_ID"};
}

/// What Slurm's numbers count: /dev/nvidiaN in place N where device files ascend with the PCI
/// addresses, so that GPUs which are hidden from everybody leave a gap; else the list as it is.
struct Slots {
    std::vector<Gpu> gpus;
    Names names;
};

Slots slots_by_address(std::vector<Gpu> gpus) {
    Slots slots;
    for (Gpu& gpu : gpus) {
        gpu.visible = true;
        slots.names.push_back(called(gpu));
    }
    slots.gpus = std::move(gpus);
    return slots;
}

Slots slots_of(const NodeFacts& node, const std::vector<Gpu>& gpus) {
    constexpr int most = 1024;  // far above any node
    Slots slots;
    for (std::size_t i = 0; i < node.gpus.size(); ++i) {
        const int minor = node.gpus[i].minor;
        const bool ascends = minor >= static_cast<int>(slots.gpus.size()) && minor < most;
        if (gpus.size() != node.gpus.size() || !gpus[i].mig_uuid.empty() || !ascends)
            return slots_by_address(gpus);
        Gpu gap;
        gap.vendor = topology::nvidia_vendor;
        gap.usable = false;
        slots.gpus.resize(static_cast<std::size_t>(minor), gap);
        slots.gpus.push_back(gpus[i]);
        slots.gpus.back().visible = true;
        slots.names.resize(static_cast<std::size_t>(minor));
        slots.names.push_back(called(gpus[i]));
    }
    for (std::size_t i = 0; i < slots.gpus.size(); ++i)
        slots.gpus[i].pci = {static_cast<unsigned>(i), 0, 0, 0};
    return slots;
}

bool holds_names(const std::string& list) {
    return list.find("GPU-") != list.npos || list.find("MIG-") != list.npos;
}

void add_granted(const NodeFacts* node, const GpuList& list, const std::vector<Gpu>& gpus,
                 GpuView& view) {
    if (node == nullptr) {
        view.granted_problem = "nothing is known about its node";
        return;
    }
    const Slots slots = slots_of(*node, gpus);
    const bool whole = node->configured_gpus == static_cast<int>(node->gpus.size());
    if (whole && slots.names.size() > node->gpus.size() && !holds_names(list.text)) {
        view.granted_problem = fmt::format(
            "SLURM_STEP_GPUS={} counts whole GPUs on {}, of which some are divided by MIG",
            list.text, node->name);
        return;
    }
    try {
        view.granted = Names{};
        for (const int i : topology::visible_gpus(list, slots.gpus, UnknownGpu::is_error).order)
            view.granted->push_back(slots.names[static_cast<std::size_t>(i)]);
    } catch (const ConfigError&) {
        view.granted.reset();
        view.granted_problem =
            fmt::format("SLURM_STEP_GPUS={} names a GPU that is not among the {} known on {}",
                        list.text, node->gpus.size(), node->name);
    }
}

GpuView view_of(const NodeFacts* node, const std::map<std::string, std::string>& env,
                const std::vector<Gpu>& gpus) {
    GpuView view;
    std::vector<int> reachable;
    for (std::size_t i = 0; i < gpus.size(); ++i) {
        if (gpus[i].visible) reachable.push_back(static_cast<int>(i));
    }
    view.reachable = names(gpus, reachable);
    const auto list = list_of(env, "CUDA_VISIBLE_DEVICES", GpuList::Kind::cuda);
    view.visible = names(gpus, topology::visible_gpus(list, gpus, UnknownGpu::ends_list).order);
    if (const auto grant = list_of(env, "SLURM_STEP_GPUS", GpuList::Kind::slurm))
        add_granted(node, *grant, gpus, view);
    return view;
}

std::string why_no_nvml(const NodeFacts* node, const RankFacts& rank) {
    if (!rank.nvml_problem.empty()) return rank.nvml_problem;
    if (node != nullptr && !node->gpu_problem.empty()) return node->gpu_problem;
    return "NVML did not answer";
}

GpuView found_view(const Facts& facts, const RankFacts& rank) {
    const NodeFacts* node = facts.node(rank.node);
    const std::vector<Gpu> gpus = gpus_of(node, &rank);
    GpuView view = view_of(node, rank.env, gpus);
    const bool cuda_told = rank.cuda_gpus && rank.cuda_status.value_or(0) == 0;
    const bool none_here = node != nullptr && node->gpus.empty() && node->gpu_problem.empty();
    const bool described = node != nullptr && node->described;
    if (cuda_told) {
        view.visible = rank.cuda_gpus;
    } else if (!rank.nvml_gpus && !described && !none_here) {
        view.visible.reset();
        view.visible_problem = why_no_nvml(node, rank);
    }
    return view;
}

/// What SLURM_STEP_GPUS tells the ranks of a node together.
std::set<std::string> told_granted(const Facts& facts, const NodeFacts& node) {
    std::set<std::string> told;
    for (const RankFacts* rank : facts.ranks_on(node.name)) {
        const GpuView view = view_of(facts, *rank);
        if (view.granted) told.insert(view.granted->begin(), view.granted->end());
    }
    return told;
}

}  // namespace

std::optional<std::string> GpuView::only() const {
    if (!visible || visible->size() != 1) return std::nullopt;
    return visible->front();
}

GpuView view_of(const Facts& facts, const RankFacts& rank) {
    if (!facts.memo || facts.memo->of != facts.ranks.data()) return found_view(facts, rank);
    auto& known = facts.memo->views[&rank];
    if (!known) known = std::make_shared<const GpuView>(found_view(facts, rank));
    return *known;
}

GpuView view_of(const Facts& facts, const ProgramFacts& program) {
    const NodeFacts* node = facts.node(program.node);
    if (node == nullptr || !program.env) {
        GpuView view;
        view.visible_problem =
            node == nullptr ? "nothing is known about its node" : "its environment is not readable";
        return view;
    }
    return view_of(node, *program.env, gpus_of(node, nullptr));
}

std::vector<const GpuFacts*> granted_gpus(const Facts& facts, const NodeFacts& node) {
    const std::set<std::string> told = told_granted(facts, node);
    std::vector<const GpuFacts*> result;
    for (const GpuFacts& gpu : node.gpus) {
        if (gpu.granted || told.contains(name_of(gpu))) result.push_back(&gpu);
    }
    return result;
}

std::vector<std::string> granted_on(const Facts& facts, const NodeFacts& node) {
    const std::set<std::string> told = told_granted(facts, node);
    if (std::any_of(told.begin(), told.end(), is_mig)) return {told.begin(), told.end()};
    Names result;
    for (const GpuFacts* gpu : granted_gpus(facts, node)) result.push_back(name_of(*gpu));
    return result;
}

std::string name_of(const GpuFacts& gpu) {
    return gpu.uuid.empty() ? gpu.pci : gpu.uuid;
}

bool is_mig(const std::string& gpu_name) {
    return gpu_name.rfind("MIG-", 0) == 0;
}

}  // namespace warpstep::check
