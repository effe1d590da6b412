// SPDX-License-Identifier: Apache-2.0
#include "runtime/cli/plan_nodes.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <map>
#include <utility>

#include "runtime/base/error.hpp"
#include "runtime/base/text.hpp"
#include "runtime/topology/discover.hpp"
#include "runtime/topology/visible_gpus.hpp"

namespace warpstep::cli {
namespace {

using topology::Node;

constexpr int most_nodes = 65536;

struct Source {
    std::string path;  ///< or "live"
    int count = 1;
};

bool exists(const std::string& path) {
    struct stat status {};
    return ::stat(path.c_str(), &status) == 0;
}

// A file whose name ends like a count is that file.
Source parse_source(const std::string& text) {
    const auto x = text.rfind('x');
    if (exists(text) || x == std::string::npos || x == 0 || x + 1 == text.size()) return {text, 1};
    int count = 0;
    const auto [end, error] = std::from_chars(&text[x + 1], text.data() + text.size(), count);
    if (end != text.data() + text.size()) return {text, 1};
    if (error != std::errc{} || count < 1 || count > most_nodes)
        fail<ConfigError>("--topology '{}' asks for {} nodes (1 to {} are possible)", text,
                          text.substr(x + 1), most_nodes);
    return {text.substr(0, x), count};
}

void grant_cpus(const std::string& list, Node& node) {
    const auto allowed = topology::CpuSet::parse(list);
    if (allowed.empty() || !node.cpus.contains(allowed))
        fail<ConfigError>("--allowed-cpus '{}' are not CPUs of {} (it has {})", list, node.source,
                          show(node.cpus));
    node.allowed = allowed;
}

void grant_gpus(const std::string& list, Node& node) {
    const bool none = trim(list).empty() || trim(list) == "NoDevFiles" || trim(list) == "-1";
    if (node.gpus.empty() && !none)
        fail<ConfigError>("--gpus '{}' names GPUs, but {} has none", list, node.source);
    try {
        const auto granted = topology::visible_gpus(topology::GpuList{list}, node.gpus,
                                                    topology::UnknownGpu::is_error);
        node.visible_order = node.step_gpus = granted.order;
        std::sort(node.step_gpus.begin(), node.step_gpus.end());
        node.notes.insert(node.notes.end(), granted.notes.begin(), granted.notes.end());
    } catch (const ConfigError&) {
        fail<ConfigError>(
            "--gpus '{}' has an entry that names no single GPU ({} has {}); write ordinals or "
            "UUIDs, for example --gpus 0",
            list, node.source, node.gpus.size());
    }
}

Node read_node(const std::string& path, const PlanOptions& options) {
    topology::NodeRequest request;
    if (path == "live")
        request = topology::node_request(std::getenv);
    else
        request.xml = path;
    if (options.gpus) {
        request.visible_gpus.reset();
        request.slurm_gpus.reset();
    }
    if (options.allowed_cpus) request.allowed_cpus.reset();
    Node node = topology::discover_node(request);
    if (options.allowed_cpus) grant_cpus(*options.allowed_cpus, node);
    if (options.gpus) grant_gpus(*options.gpus, node);
    return node;
}

int default_tasks(const Node& node, const PlanOptions& options) {
    const int gpus = static_cast<int>(node.step_gpus.size());
    return std::max(1, gpus / options.gpus_per_task.value_or(1));
}

placement::Request request_of(const PlanOptions& options, int tasks) {
    placement::Request request;
    request.tasks = tasks;
    request.gpus_per_task = options.gpus_per_task;
    request.cpus_per_task = options.cpus_per_task;
    request.pus_per_core = options.pus_per_core;
    request.share = options.share;
    request.strict = options.strict;
    request.interleave = options.interleave;
    return request;
}

class Planner {
  public:
    explicit Planner(const PlanOptions& options) : options_(options) {
        for (const auto& text : options.topologies) sources_.push_back(parse_source(text));
        if (sources_.empty()) sources_.push_back({"live", 1});
        for (const Source& source : sources_) nodes_ += source.count;
        if (nodes_ > most_nodes)
            fail<ConfigError>("--topology asks for {} nodes (1 to {} are possible)", nodes_,
                              most_nodes);
        if (options.tasks_in_all && *options.tasks_in_all < nodes_)
            fail<ConfigError>("--ntasks {} leaves nodes without a task (there are {}); ask for {}",
                              *options.tasks_in_all, nodes_, nodes_);
    }

    PlannedStep plan() {
        for (const Source& source : sources_)
            for (int i = 0; i < source.count; ++i) add(source.path);
        return std::move(step_);
    }

  private:
    void add(const std::string& path) {
        auto read = machines_.find(path);
        if (read == machines_.end())
            read = machines_.emplace(path, read_node(path, options_)).first;
        const std::size_t index = step_.group_of_node.size();
        const int tasks = tasks_of(index, read->second);
        const auto [group, is_new] = groups_.try_emplace({path, tasks}, step_.groups.size());
        const std::string name = fmt::format("n{}", index + 1);
        if (is_new) place(name, read->second, tasks);
        step_.groups[group->second].names.push_back(name);
        step_.group_of_node.push_back(group->second);
    }

    // Slurm's default distribution: equal blocks, one more for the first nodes.
    int tasks_of(std::size_t node, const Node& machine) const {
        if (options_.tasks_per_node) return *options_.tasks_per_node;
        if (!options_.tasks_in_all) return default_tasks(machine, options_);
        const int rest = *options_.tasks_in_all % nodes_;
        return *options_.tasks_in_all / nodes_ + (static_cast<int>(node) < rest ? 1 : 0);
    }

    void place(const std::string& name, const Node& machine, int tasks) {
        const placement::Request request = request_of(options_, tasks);
        try {
            step_.groups.push_back({{}, machine, placement::plan(machine, request)});
        } catch (const ConfigError& error) {
            if (nodes_ == 1) throw;
            fail<ConfigError>("{} ({}): {}", name, machine.source, error.what());
        }
        step_.requests.push_back(request);
    }

    const PlanOptions& options_;
    std::vector<Source> sources_;
    int nodes_ = 0;
    std::map<std::string, Node> machines_;
    std::map<std::pair<std::string, int>, std::size_t> groups_;
    PlannedStep step_;
};

}  // namespace

PlannedStep plan_step(const PlanOptions& options) {
    return Planner(options).plan();
}

}  // namespace warpstep::cli
