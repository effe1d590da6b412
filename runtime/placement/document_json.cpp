// SPDX-License-Identifier: Apache-2.0
#include <nlohmann/json.hpp>

#include "runtime/base/error.hpp"
#include "runtime/base/text.hpp"
#include "runtime/placement/document.hpp"

namespace warpstep::placement {

namespace {

using Json = nlohmann::ordered_json;

constexpr int version = 1;

enum class Notes { with, without };

Json gpus_json(const std::vector<DocumentGpu>& gpus) {
    Json list = Json::array();
    for (const DocumentGpu& gpu : gpus)
        list.push_back(
            {{"pci", gpu.pci}, {"uuid", gpu.uuid}, {"index", gpu.index}, {"numa", gpu.numa}});
    return list;
}

Json task_json(const DocumentTask& task, Notes notes) {
    Json json = {{"local_rank", task.local_rank},
                 {"gpus", gpus_json(task.gpus)},
                 {"cpus", show(task.cpus)},
                 {"cores", task.cores},
                 {"numa", task.numa},
                 {"nics", task.nics},
                 {"remote", task.remote}};
    if (notes == Notes::with) json["notes"] = task.notes;
    return json;
}

Json nodes_json(const std::vector<DocumentNode>& nodes, Notes notes) {
    Json list = Json::array();
    for (const DocumentNode& node : nodes) {
        Json tasks = Json::array();
        for (const DocumentTask& task : node.tasks) tasks.push_back(task_json(task, notes));
        Json json = {{"name", node.name},
                     {"tasks", tasks},
                     {"idle_gpus", gpus_json(node.idle_gpus)},
                     {"idle_cpus", show(node.idle_cpus)}};
        if (notes == Notes::with) json["notes"] = node.notes;
        list.push_back(std::move(json));
    }
    return list;
}

std::vector<DocumentGpu> gpus_from(const Json& list) {
    std::vector<DocumentGpu> gpus;
    for (const Json& json : list)
        gpus.push_back({json.at("pci").get<std::string>(), json.at("uuid").get<std::string>(),
                        json.at("index").get<int>(), json.at("numa").get<int>()});
    return gpus;
}

topology::CpuSet cpus_from(const Json& json) {
    const auto text = json.get<std::string>();
    return text.empty() ? topology::CpuSet() : topology::CpuSet::parse(text);
}

DocumentTask task_from(const Json& json) {
    DocumentTask task;
    task.local_rank = json.at("local_rank").get<int>();
    task.gpus = gpus_from(json.at("gpus"));
    task.cpus = cpus_from(json.at("cpus"));
    task.cores = json.at("cores").get<int>();
    task.numa = json.at("numa").get<std::vector<int>>();
    task.nics = json.at("nics").get<std::vector<std::string>>();
    task.remote = json.at("remote").get<bool>();
    task.notes = json.at("notes").get<std::vector<std::string>>();
    return task;
}

DocumentNode node_from(const Json& json) {
    DocumentNode node;
    node.name = json.at("name").get<std::string>();
    for (const Json& task : json.at("tasks")) node.tasks.push_back(task_from(task));
    node.idle_gpus = gpus_from(json.at("idle_gpus"));
    node.idle_cpus = cpus_from(json.at("idle_cpus"));
    node.notes = json.at("notes").get<std::vector<std::string>>();
    return node;
}

}  // namespace

std::string to_json(const std::vector<DocumentNode>& nodes) {
    const Json json = {
        {"version", version}, {"nodes", nodes_json(nodes, Notes::with)}, {"hash", hash_of(nodes)}};
    return json.dump(1) + "\n";
}

std::vector<DocumentNode> from_json(std::string_view text) {
    std::vector<DocumentNode> nodes;
    std::string hash;
    try {
        const Json json = Json::parse(text);
        const int found = json.at("version").get<int>();
        if (found != version)
            fail<ConfigError>(
                "the placement has version {} (this program knows {}); write it again with "
                "warpstep plan",
                found, version);
        for (const Json& node : json.at("nodes")) nodes.push_back(node_from(node));
        hash = json.at("hash").get<std::string>();
    } catch (const Json::exception& error) {
        fail<ConfigError>("not a placement ({}); write one with warpstep plan", error.what());
    }
    if (hash != hash_of(nodes))
        fail<ConfigError>(
            "the placement does not fit its hash {} (it was changed, its content has {}); write it "
            "again with warpstep plan",
            hash, hash_of(nodes));
    return nodes;
}

std::string hash_of(const std::vector<DocumentNode>& nodes) {
    return hash_hex(nodes_json(nodes, Notes::without).dump());
}

}  // namespace warpstep::placement
