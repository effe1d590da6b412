// SPDX-License-Identifier: Apache-2.0
// The child that asks NVML, and what its parent makes of the answer.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "runtime/base/error.hpp"
#include "runtime/check/collect.hpp"
#include "runtime/check/collect/bus.hpp"
#include "runtime/check/collect/files.hpp"
#include "runtime/check/collect/nvml.hpp"
#include "runtime/check/collect/process.hpp"
#include "runtime/check/facts_json.hpp"

namespace warpstep::check {

namespace {

using namespace topology;
using nvml::Library;

void add_owners(const Sources& sources, GpuFacts& gpu) {
    const std::string job = variable(sources.env, "SLURM_JOB_ID").value_or("");
    const std::string step = variable(sources.env, "SLURM_STEP_ID").value_or("");
    for (GpuProcess& process : gpu.processes) {
        const auto status = text_of(process_folder(sources, process.pid) + "/status");
        if (!status) continue;
        process.command = command_of(sources, process.pid);
        const std::string users = variable(colon_lines(*status), "Uid").value_or("");
        if (const auto user = number_in(users.substr(0, users.find_first_of("\t "))))
            process.user = user_name(static_cast<unsigned>(*user));
        const Membership membership = membership_of(sources, process.pid);
        process.of_this_job = !job.empty() && membership.job == job;
        process.of_this_step = process.of_this_job && !step.empty() && membership.step == step;
    }
}

GpuFacts read_gpu(const Sources& sources, const Library& library, unsigned index,
                  GpuDetail detail) {
    GpuFacts gpu;
    nvml::Device device = nullptr;
    gpu.index = static_cast<int>(index);
    if (const int status = library.device(index, &device); status != nvml::success) {
        gpu.problem = library.explain(status);
        gpu.granted = status != nvml::no_permission;
        return gpu;
    }
    read_identity(library, device, gpu);
    gpu.openable = device_file_opens(sources, gpu.minor);
    if (detail == GpuDetail::list) return gpu;
    read_use(library, device, gpu);
    add_owners(sources, gpu);
    gpu.health = read_health(library, device);
    gpu.speed = read_speed(library, device);
    gpu.modes = read_modes(library, device);
    gpu.links = read_links(library, device);
    return gpu;
}

NodeFacts ask_nvml(const Sources& sources, GpuDetail detail) {
    NodeFacts report;
    const Library library(sources.nvml_library());
    report.gpu_problem = library.problem;
    if (!report.gpu_problem.empty()) return report;
    int status =
        library.init_with_flags ? library.init_with_flags(nvml::init_no_gpus) : library.init();
    unsigned count = 0;
    const bool initialised = status == nvml::success;
    if (initialised) status = library.device_count(&count);
    if (status != nvml::success) report.gpu_problem = library.explain(status);
    std::array<char, 96> version{};
    if (initialised && library.driver_version &&
        library.driver_version(version.data(), version.size() - 1) == nvml::success)
        report.driver = version.data();
    int cuda = 0;
    if (initialised && library.cuda_driver_version &&
        library.cuda_driver_version(&cuda) == nvml::success)
        report.cuda_driver_version = cuda;
    for (unsigned i = 0; i < count; ++i)
        report.gpus.push_back(read_gpu(sources, library, i, detail));
    if (initialised) library.shutdown();
    return report;
}

/// NVML counts GPUs by PCI address, so that those whose handles it refuses are, in order, those of
/// the bus that it does not name.
void name_refused(const std::vector<GpuFacts>& on_bus, std::vector<GpuFacts>& told) {
    std::vector<const GpuFacts*> unnamed;
    for (const GpuFacts& gpu : on_bus) {
        const bool named = std::any_of(told.begin(), told.end(),
                                       [&](const GpuFacts& other) { return other.pci == gpu.pci; });
        if (!named) unnamed.push_back(&gpu);
    }
    auto next = unnamed.begin();
    for (GpuFacts& gpu : told)
        if (gpu.pci.empty() && next != unnamed.end()) gpu.pci = (*next++)->pci;
}

/// What NVML told, with what the bus and the driver's files know besides.
GpuFacts joined(GpuFacts told, const GpuFacts& known) {
    const auto fill = [](std::string& empty, const std::string& value) {
        if (empty.empty()) empty = value;
    };
    fill(told.uuid, known.uuid);
    fill(told.name, known.name);
    fill(told.vbios, known.vbios);
    fill(told.serial, known.serial);
    if (told.minor < 0) told.minor = known.minor;
    if (told.memory_bytes == 0) told.memory_bytes = known.memory_bytes;
    told.on_bus = known.on_bus;
    if (known.openable) told.openable = known.openable;
    told.numa = known.numa;
    told.near_cpus = known.near_cpus;
    told.granted = told.granted && known.granted;
    told.health.xids = known.health.xids;
    return told;
}

/// A GPU of the bus that NVML does not name. One whose file cannot be opened is another's.
GpuFacts unlisted(GpuFacts gpu) {
    gpu.in_nvml = false;
    if (gpu.openable == false) gpu.granted = false;
    return gpu;
}

}  // namespace

std::string gpu_report(const Sources& sources, GpuDetail detail) {
    return encode(ask_nvml(sources, detail));
}

void add_gpu_report(NodeFacts& node, const process::ChildEnd& end,
                    std::chrono::milliseconds limit) {
    if (!end.ok()) {
        node.collector_problem = "the process that asks NVML " + process::explain(end, limit);
        return;
    }
    NodeFacts report;
    try {
        report = decode_node(end.output);
    } catch (const Error& error) {
        node.collector_problem = fmt::format("the process that asks NVML: {}", error.what());
        return;
    }
    node.gpu_problem = report.gpu_problem;
    if (!report.driver.empty()) node.driver = report.driver;
    node.cuda_driver_version = report.cuda_driver_version;
    if (!report.gpu_problem.empty()) return;
    name_refused(node.gpus, report.gpus);
    std::vector<GpuFacts> all;
    for (GpuFacts& told : report.gpus) {
        const auto known = std::find_if(node.gpus.begin(), node.gpus.end(), [&](const auto& gpu) {
            return gpu.pci == told.pci && !gpu.pci.empty();
        });
        if (known == node.gpus.end()) told.on_bus = node.gpus.empty();
        all.push_back(known == node.gpus.end() ? told : joined(told, *known));
    }
    for (const GpuFacts& known : node.gpus) {
        const bool told = std::any_of(all.begin(), all.end(),
                                      [&](const GpuFacts& gpu) { return gpu.pci == known.pci; });
        if (!told) all.push_back(unlisted(known));
    }
    std::stable_sort(all.begin(), all.end(),
                     [](const GpuFacts& a, const GpuFacts& b) { return a.pci < b.pci; });
    node.gpus = std::move(all);
}

}  // namespace warpstep::check
