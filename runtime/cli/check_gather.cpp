// SPDX-License-Identifier: Apache-2.0
#include "runtime/cli/check_gather.hpp"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "runtime/base/error.hpp"
#include "runtime/check/facts_json.hpp"
#include "runtime/cli/check_children.hpp"
#include "runtime/cli/commands.hpp"
#include "runtime/process/open_files.hpp"
#include "runtime/topology/discover.hpp"

namespace warpstep::cli {
namespace {

using check::Facts;
using check::NodeFacts;
using check::RankFacts;

/// Longer than everything that collecting a node may take.
constexpr std::chrono::seconds gathering{90};

double wall_clock_s() {
    return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch())
        .count();
}

/// The machine without its GPUs' own words: the driver may hang, so a child asks it.
topology::Node machine() {
    auto request = topology::node_request([](const char* name) { return std::getenv(name); });
    request.ask_nvml = false;
    return topology::discover_node(request);
}

/// What a rank sends: itself, and for the first of a node the node and the programs on it.
struct Part {
    RankFacts rank;
    std::optional<NodeFacts> node;
    std::vector<check::ProgramFacts> programs;
};

std::string encode(const Part& part) {
    nlohmann::json document{{"rank", check::encode(part.rank)},
                            {"programs", check::encode(part.programs)}};
    if (part.node) document["node"] = check::encode(*part.node);
    return document.dump();
}

Part decode_part(const std::string& bytes) {
    const auto document = nlohmann::json::parse(bytes, nullptr, false);
    if (!document.is_object())
        fail<CommError>("a rank sent no facts; start all ranks with the same warpstep");
    Part part;
    part.rank = check::decode_rank(document.at("rank").get<std::string>());
    part.programs = check::decode_programs(document.at("programs").get<std::string>());
    if (document.contains("node"))
        part.node = check::decode_node(document["node"].get<std::string>());
    return part;
}

bool has(const std::vector<std::string>& names, const std::string& name) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

/// What the tasks of a node were given, all together.
void unite(NodeFacts& node, const std::vector<const RankFacts*>& tasks) {
    topology::CpuSet cpus;
    node.ranks.clear();
    for (const RankFacts* task : tasks) {
        node.ranks.push_back(task->rank);
        cpus = cpus | topology::CpuSet::parse(task->cpus);
        if (!task->cuda_gpus) continue;
        for (check::GpuFacts& gpu : node.gpus)
            gpu.granted = gpu.granted || has(*task->cuda_gpus, gpu.uuid);
    }
    if (!cpus.empty()) node.allowed_cpus = show(cpus);
}

Part own_part(const CheckOptions& options, const check::Sources& sources, const Muster& muster,
              RankFacts rank) {
    Part part{std::move(rank), std::nullopt, {}};
    if (muster.present.local_rank != 0) return part;
    part.node = collect_this_node(sources);
    part.node->name = part.rank.node;
    if (options.watched_step)
        part.programs = check::collect_programs(sources, *options.watched_step, part.node->gpus);
    return part;
}

}  // namespace

RankFacts collect_own(const check::Sources& sources) {
    RankFacts facts = check::collect_rank(sources);
    // Programs get what this one was given, not what it has raised for its own peers.
    if (facts.open_files.soft) facts.open_files.soft = process::inherited_open_files().rlim_cur;
    facts.warpstep = version_text();
    const bool nvidia = facts.nvml_gpus && !facts.nvml_gpus->empty();
    if (nvidia || !facts.nvml_problem.empty()) ask_cuda(sources, facts);
    return facts;
}

NodeFacts collect_this_node(const check::Sources& sources) {
    return check::collect_node(sources, machine());
}

Facts gather_facts(const CheckOptions& options, const check::Sources& sources, Muster& muster,
                   RankFacts own) {
    check::add_step(own, muster.step);
    own.pmix = muster.pmix;
    Part mine = own_part(options, sources, muster, std::move(own));
    comm::ControlChannel& channel = *muster.channel;
    // All clocks are read after the same message.
    channel.broadcast("now", Deadline::in(gathering));
    mine.rank.clock_s = wall_clock_s();
    const auto blobs = channel.gather(encode(mine), Deadline::in(gathering));

    Facts facts;
    facts.intent = options.intent;
    facts.size = muster.step.size;
    facts.silent_ranks = muster.silent;
    facts.silence = muster.silence;
    if (muster.present.rank != 0) return facts;
    for (const std::string& blob : blobs) {
        Part part = decode_part(blob);
        part.rank.clock_offset_s = part.rank.clock_s - mine.rank.clock_s;
        facts.ranks.push_back(std::move(part.rank));
        if (part.node) facts.nodes.push_back(std::move(*part.node));
        for (auto& program : part.programs) facts.programs.push_back(std::move(program));
    }
    for (NodeFacts& node : facts.nodes) unite(node, facts.ranks_on(node.name));
    if (options.watched_step) watch_programs(facts);
    return facts;
}

void watch_programs(Facts& facts) {
    std::vector<RankFacts> watched;
    for (const check::ProgramFacts& program : facts.programs) {
        if (!program.is_task || !program.env) continue;
        const auto* here = facts.node(program.node);
        const auto looker = facts.ranks_on(program.node);
        RankFacts rank = looker.empty() ? RankFacts{} : *looker.front();
        rank.env = *program.env;
        rank.pid = program.pid;
        rank.rank = std::max(program.rank, 0);
        rank.local_rank = std::max(program.local_rank, 0);
        rank.size = check::number(rank.env, "SLURM_STEP_NUM_TASKS").value_or(1);
        rank.cpus = program.cpus;
        rank.mems = program.mems;
        rank.signals = program.signals;
        const bool batch = program.rank < 0 || !rank.env.contains("SLURM_STEP_ID");
        rank.started_by = batch ? "batch" : "step";
        // Whether its PMIx server answers cannot be seen from outside; that it has one can.
        rank.pmix = {};
        rank.pmix.asked = !batch;
        rank.pmix.answered = rank.env.contains("PMIX_RANK");
        if (!rank.pmix.answered) rank.pmix.problem = "no PMIX_RANK in its environment";
        rank.cuda_gpus.reset();
        if (here == nullptr) rank.nvml_gpus.reset();
        watched.push_back(std::move(rank));
    }
    if (watched.empty()) return;
    std::sort(watched.begin(), watched.end(),
              [](const RankFacts& a, const RankFacts& b) { return a.rank < b.rank; });
    for (RankFacts& rank : watched) {
        rank.local_size = static_cast<int>(
            std::count_if(watched.begin(), watched.end(),
                          [&](const RankFacts& other) { return other.node == rank.node; }));
    }
    facts.size = watched.front().size;
    facts.ranks = std::move(watched);
    for (NodeFacts& node : facts.nodes) unite(node, facts.ranks_on(node.name));
}

}  // namespace warpstep::cli
