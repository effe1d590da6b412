// SPDX-License-Identifier: Apache-2.0
#include "runtime/report/step_map.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "runtime/base/error.hpp"

namespace warpstep::report {
namespace {

using Json = nlohmann::ordered_json;

Json json_of(const MapRow& row) {
    Json gpus = Json::array();
    for (std::size_t i = 0; i < row.gpu_pci.size(); ++i)
        gpus.push_back({{"index", row.gpu_index[i]},
                        {"pci", row.gpu_pci[i]},
                        {"uuid", row.gpu_uuid[i]},
                        {"numa", row.gpu_numa[i]}});
    Json json{{"rank", row.rank},
              {"local_rank", row.local_rank},
              {"gpus", gpus},
              {"cpus", row.cpus},
              {"planned_cpus", row.planned_cpus},
              {"cores", row.cores},
              {"numa", row.numa},
              {"memory", row.memory},
              {"nics", row.nics},
              {"distance", row.distance},
              {"verdict", name_of(row.verdict)},
              {"notes", row.notes}};
    if (!row.explanation.empty()) json["explanation"] = row.explanation;
    return json;
}

MapRow row_from(const Json& json) {
    MapRow row;
    row.rank = json.at("rank");
    row.local_rank = json.at("local_rank");
    for (const Json& gpu : json.at("gpus")) {
        row.gpu_index.push_back(gpu.at("index"));
        row.gpu_pci.push_back(gpu.at("pci"));
        row.gpu_uuid.push_back(gpu.at("uuid"));
        row.gpu_numa.push_back(gpu.at("numa"));
    }
    row.cpus = json.at("cpus");
    row.planned_cpus = json.at("planned_cpus");
    row.cores = json.at("cores");
    row.numa = json.at("numa").get<std::vector<int>>();
    row.memory = json.at("memory");
    row.nics = json.at("nics").get<std::vector<std::string>>();
    row.distance = json.at("distance");
    for (const Verdict verdict : {Verdict::ok, Verdict::note, Verdict::bad})
        if (json.at("verdict") == name_of(verdict)) row.verdict = verdict;
    row.notes = json.at("notes").get<std::vector<std::string>>();
    row.explanation = json.value("explanation", std::vector<std::string>{});
    return row;
}

Json json_of(const MapNode& node) {
    Json rows = Json::array();
    for (const MapRow& row : node.rows) rows.push_back(json_of(row));
    return {{"name", node.name},
            {"machine", node.machine},
            {"simulated", node.simulated},
            {"ranks", rows},
            {"notes", node.notes}};
}

}  // namespace

std::string_view name_of(Verdict verdict) {
    if (verdict == Verdict::ok) return "ok";
    return verdict == Verdict::note ? "note" : "bad";
}

Verdict verdict_of(const StepMap& map) {
    Verdict worst = Verdict::ok;
    for (const MapNode& node : map.nodes)
        for (const MapRow& row : node.rows) worst = std::max(worst, row.verdict);
    return worst;
}

std::string map_json(const StepMap& map) {
    Json json{{"version", 1},          {"warpstep", map.version},
              {"job", map.job},        {"step", map.step},
              {"bound", map.bound},    {"verdict", name_of(verdict_of(map))},
              {"nodes", Json::array()}};
    for (const MapNode& node : map.nodes) json["nodes"].push_back(json_of(node));
    return json.dump(2) + "\n";
}

std::string encode(const MapNode& node) {
    Json json = json_of(node);
    json["picture"] = node.picture;
    const auto bytes = Json::to_msgpack(json);
    return {bytes.begin(), bytes.end()};
}

MapNode decode_map_node(std::string_view bytes) {
    try {
        const Json json = Json::from_msgpack(bytes);
        MapNode node;
        node.name = json.at("name");
        node.machine = json.at("machine");
        node.simulated = json.at("simulated");
        for (const Json& row : json.at("ranks")) node.rows.push_back(row_from(row));
        node.notes = json.at("notes").get<std::vector<std::string>>();
        node.picture = json.at("picture");
        return node;
    } catch (const Json::exception& error) {
        fail<CommError>(
            "a node sent bytes that are no map ({}); start all ranks with the same warpstep",
            error.what());
    }
}

}  // namespace warpstep::report
