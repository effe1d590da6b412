// SPDX-License-Identifier: Apache-2.0
#include <nlohmann/json.hpp>

#include "runtime/plan/order.hpp"
#include "runtime/report/dry_run_parts.hpp"

namespace warpstep::report {
namespace {

using Json = nlohmann::ordered_json;
using plan::RankPlan;
using plan::StepPlan;

Json of(const workload::Value& value) {
    return std::visit([](const auto& data) { return Json(data); }, value.data);
}

Json of(const plan::BufferPlan& plan, const workload::BufferSpec& spec) {
    return {{"name", plan.name},
            {"dtype", warpstep::name_of(plan.dtype)},
            {"shape", plan.shape},
            {"bytes", plan.bytes()},
            {"memory", name_of(plan.memory)},
            {"content", show_init(plan, spec)},
            {"collective", plan.collective}};
}

Json of(const plan::MemoryNeeds& needs) {
    return {{"device", needs.device},
            {"managed", needs.managed},
            {"pinned", needs.pinned},
            {"host", needs.host}};
}

Json of(const plan::DatasetPlan& set) {
    Json json{{"name", set.name},
              {"rows", set.rows},
              {"features", set.features},
              {"batches", set.batches},
              {"batch_rows", set.batch_rows},
              {"rows_of_rank", set.rows_here}};
    if (set.seed) json["shuffle_seed"] = *set.seed;
    return json;
}

void add_loops(Json& json, const StepPlan& step) {
    if (step.turns.empty()) return;
    Json loops = Json::array();
    for (std::size_t i = 0; i < step.turns.size(); ++i) {
        loops.push_back({{"variable", step.spec->for_each[i].variable}, {"turns", step.turns[i]}});
    }
    json["for_each"] = std::move(loops);
}

void add_collective(Json& json, const StepPlan& step) {
    if (!step.note) return;
    if (step.message_bytes) json["message_bytes"] = *step.message_bytes;
    json["group"] = step.group ? Json(*step.group) : Json(nullptr);
}

Json of(const StepPlan& step, const workload::Workload& workload) {
    const workload::Step& spec = *step.spec;
    Json json{{"number", step.number}, {"name", spec.name}, {"depth", step.depth}};
    if (!spec.run.empty()) json["run"] = spec.run;
    if (!spec.run.empty()) json["stream"] = plan::stream_of(spec);
    json["active"] = step.active;
    if (!step.condition.empty()) json["if"] = step.condition;
    if (step.device) json["device"] = *step.device;
    if (!spec.needs.empty()) {
        Json needs = Json::array();
        for (const auto& need : spec.needs) needs.push_back(need.step);
        json["needs"] = std::move(needs);
    }
    if (step.active) {
        json["warmup"] = step.warmup;
        json["times"] = step.times;
    }
    if (step.launches) {
        json["launches"] = *step.launches;
        json["graph_warmup"] = step.graph_warmup;
    }
    add_loops(json, step);
    if (step.launch) {
        json["grid"] = step.launch->grid;
        json["block"] = step.launch->block;
        json["shared_bytes"] = step.launch->shared_bytes;
    }
    const auto accesses = plan::accesses_of(spec, workload);
    json["reads"] = accesses.reads;
    json["writes"] = accesses.writes;
    if (!accesses.data.empty()) json["data"] = accesses.data;
    add_collective(json, step);
    return json;
}

Json of(const RankPlan& program, const std::vector<int>& ranks,
        const workload::Workload& workload) {
    Json json{{"ranks", ranks}, {"params", Json::object()}};
    for (const auto& [name, value] : program.params) json["params"][name] = of(value);
    for (const char* list : {"buffers", "memory", "datasets", "steps"}) json[list] = Json::array();
    for (std::size_t i = 0; i < program.buffers.size(); ++i) {
        json["buffers"].push_back(of(program.buffers[i], workload.buffers[i]));
    }
    for (const auto& needs : program.needs) json["memory"].push_back(of(needs));
    for (const auto& set : program.datasets) json["datasets"].push_back(of(set));
    for (const auto& step : program.steps) json["steps"].push_back(of(step, workload));
    return json;
}

}  // namespace

std::string dry_run_json(const DryRun& run) {
    const auto& facts = run.facts;
    const auto& device = facts.devices.front();
    Json json{{"version", 2},
              {"workload", run.workload.name},
              {"file", run.workload.path},
              {"hash", run.workload.hash},
              {"ranks", run.ranks},
              {"nodes", run.nodes},
              {"topology", run.topology.empty() ? Json(nullptr) : Json(run.topology)},
              {"combinations", run.combinations},
              {"devices_of_rank", facts.devices.size()},
              {"device",
               {{"kind", device::name_of(device.facts.kind)},
                {"name", device.facts.name},
                {"here", run.device_is_here}}},
              {"notes", run.notes},
              {"not_checked_here", run.unchecked},
              {"problems", run.problems},
              {"programs", Json::array()}};
    json["device"]["free_bytes"] = device.free ? Json(*device.free) : Json(nullptr);
    const bool told = facts.host.has_value();
    const bool in_all = told && facts.host->in_all;
    json["host_free_bytes"] = told && !in_all ? Json(facts.host->available) : Json(nullptr);
    json["host_bytes"] = in_all ? Json(facts.host->available) : Json(nullptr);
    const auto groups = fold(run.programs.size(), [&](std::size_t a, std::size_t b) {
        return run.programs[a]->same_as(*run.programs[b]);
    });
    for (const auto& group : groups) {
        json["programs"].push_back(
            of(*run.programs[static_cast<std::size_t>(group.front())], group, run.workload));
    }
    return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace warpstep::report
