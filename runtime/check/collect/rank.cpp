// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <chrono>

#include "runtime/base/error.hpp"
#include "runtime/check/collect.hpp"
#include "runtime/check/collect/bus.hpp"
#include "runtime/check/collect/files.hpp"
#include "runtime/check/collect/parts.hpp"
#include "runtime/process/memory_policy.hpp"
#include "runtime/step/environment.hpp"
#include "runtime/topology/discover.hpp"
#include "runtime/topology/visible_gpus.hpp"

namespace warpstep::check {

namespace {

/// The first of the variables that is a number.
int first_number(const Sources& sources, std::initializer_list<const char*> names, int otherwise) {
    for (const char* name : names)
        if (const auto value = number(sources.env, name)) return *value;
    return otherwise;
}

void claim_identity(const Sources& sources, RankFacts& facts) {
    const step::Environment claims =
        step::read_environment([&](const char* name) { return variable(sources.env, name); });
    const bool in_step = claims.in_step();
    if (in_step) {
        facts.rank = claims.proc_id.value_or(0);
        facts.size = claims.task_count();
        facts.local_rank = claims.local_id.value_or(0);
        facts.local_size = claims.node_tasks.value_or(1);
    } else {
        facts.rank = first_number(sources, {"OMPI_COMM_WORLD_RANK", "PMI_RANK", "PMIX_RANK"}, 0);
        facts.size = first_number(sources, {"OMPI_COMM_WORLD_SIZE", "PMI_SIZE"}, 1);
        facts.local_rank = first_number(sources, {"OMPI_COMM_WORLD_LOCAL_RANK"}, 0);
        facts.local_size = first_number(sources, {"OMPI_COMM_WORLD_LOCAL_SIZE"}, 1);
    }
    facts.node = claims.node_name.empty() ? sources.host_name : claims.node_name;
}

SeenGpu seen(const Sources& sources, const GpuFacts& gpu) {
    SeenGpu one{gpu.uuid, gpu.pci, gpu.minor, gpu.openable};
    if (!one.openable) one.openable = device_file_opens(sources, gpu.minor);
    return one;
}

/// CUDA's list is known where the machine is a description: what the variables make of it.
void take_described(const Sources& sources, const topology::Node& node, RankFacts& facts) {
    std::vector<SeenGpu> all;
    for (const topology::Gpu& gpu : node.gpus)
        all.push_back({gpu.visible_name(), show(gpu.pci), gpu.index, std::nullopt});
    facts.nvml_gpus = all;
    const auto request = topology::node_request([&](const char* name) -> const char* {
        const auto found = sources.env.find(name);
        return found == sources.env.end() ? nullptr : found->second.c_str();
    });
    std::optional<topology::GpuList> list;
    if (request.visible_gpus)
        list = topology::GpuList{*request.visible_gpus, topology::GpuList::Kind::cuda,
                                 request.device_order == "PCI_BUS_ID"};
    facts.cuda_gpus.emplace();
    const auto granted = topology::visible_gpus(list, node.gpus, topology::UnknownGpu::ends_list);
    for (const int gpu : granted.order)
        facts.cuda_gpus->push_back(node.gpus[static_cast<std::size_t>(gpu)].visible_name());
}

void take_cpus(const topology::Node& node, RankFacts& facts) {
    facts.cpus = show(node.allowed);
    facts.online_cpus = show(node.cpus);
    process::CpuList mems;
    for (const topology::NumaNode& numa : node.numa_nodes) mems.push_back(numa.os_index);
    facts.mems = process::show(mems);
}

void ask_nvml(const Sources& sources, RankFacts& facts) {
    NodeFacts node;
    add_gpu_report(node, run_gpu_child(sources, GpuDetail::list), sources.gpu_limit);
    facts.nvml_problem = node.collector_problem.empty() ? node.gpu_problem : node.collector_problem;
    facts.driver = node.driver;
    if (!facts.nvml_problem.empty()) return;
    facts.nvml_gpus.emplace();
    for (const GpuFacts& gpu : node.gpus) {
        if (gpu.problem.empty()) facts.nvml_gpus->push_back(seen(sources, gpu));
        if (!gpu.problem.empty() && gpu.granted && facts.nvml_problem.empty())
            facts.nvml_problem = "GPU " + std::to_string(gpu.index) + ": " + gpu.problem;
    }
}

}  // namespace

std::optional<topology::Node> described_node(const Sources& sources) {
    topology::NodeRequest request = topology::node_request([&](const char* name) -> const char* {
        const auto found = sources.env.find(name);
        return found == sources.env.end() ? nullptr : found->second.c_str();
    });
    if (!request.xml) return std::nullopt;
    // A list that names no GPU of the description is for a rule to judge.
    request.visible_gpus.reset();
    request.slurm_gpus.reset();
    return topology::discover_node(request);
}

process::ChildEnd run_gpu_child(const Sources& sources, GpuDetail detail) {
    const char* what = detail == GpuDetail::list ? "list" : "health";
    return sources.run({{sources.program, "check", "--collect-gpus", what}, {}, {}, ""},
                       sources.gpu_limit);
}

void collect_seen_gpus(const Sources& sources, RankFacts& facts) {
    const bool nvml_named = !variable(sources.env, "WARPSTEP_NVML_LIBRARY").value_or("").empty();
    try {
        if (const auto node = described_node(sources)) {
            take_cpus(*node, facts);
            take_described(sources, *node, facts);
            if (!nvml_named) return;
        }
    } catch (const Error& error) {
        facts.nvml_problem = error.what();
        return;
    }
    if (nvidia_is_here(sources)) ask_nvml(sources, facts);
    facts.uvm_openable = openable(sources.dev + "/nvidia-uvm");
}

RankFacts collect_rank(const Sources& sources) {
    RankFacts facts;
    claim_identity(sources, facts);
    facts.host_name = sources.host_name;
    facts.boot_id = line_of(sources.proc + "/sys/kernel/random/boot_id").value_or("");
    facts.pid = ::getpid();
    facts.user = ::getuid();
    facts.env = relevant_variables(sources.env);
    facts.omp_threads = number(sources.env, "OMP_NUM_THREADS");
    facts.memory_policy = process::memory_policy();
    collect_start(sources, facts);
    collect_limits(sources, facts);
    collect_shm(sources, facts);
    collect_seen_gpus(sources, facts);
    collect_network(sources, facts);
    facts.clock_s =
        std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
    return facts;
}

void add_step(RankFacts& facts, const step::Step& step) {
    facts.rank = step.rank;
    facts.size = step.size;
    facts.local_rank = step.local_rank;
    facts.local_size = step.local_size;
    if (!step.node_name().empty()) facts.node = step.node_name();
    if (step.launcher == step::Launcher::local_ranks) facts.started_by = "local";
}

}  // namespace warpstep::check
