// SPDX-License-Identifier: Apache-2.0
// `ranks:` and `placement:`, what the step must look like.
#include "runtime/workload/load_sections.hpp"

namespace warpstep::workload {
namespace {

std::optional<int> automatic_or_integer(const YamlNode* node, int least) {
    if (node == nullptr || node->text() == "auto") return std::nullopt;
    return load_integer(*node, least);
}

template <typename Policy>
Policy policy(const YamlNode* node) {
    if (node == nullptr) return Policy::near_gpu;
    return node->one_of({"near_gpu", "inherit"}) == "inherit" ? Policy::inherit : Policy::near_gpu;
}

}  // namespace

RankRule load_ranks(const YamlNode* node, const LoadContext& context) {
    RankRule rule;
    if (node == nullptr) return rule;
    const YamlMap map = node->map();
    map.allow({"exact", "min", "max", "multiple_of", "per_node"});
    const auto read = [&](const char* key, std::optional<Expression>& target) {
        if (const YamlNode* value = map.find(key)) target = load_count(*value, context, 1);
    };
    read("exact", rule.exact);
    read("min", rule.min);
    read("max", rule.max);
    read("multiple_of", rule.multiple_of);
    read("per_node", rule.per_node);
    return rule;
}

PlacementRequest load_placement(const YamlNode* node) {
    PlacementRequest request;
    if (node == nullptr) return request;
    const YamlMap map = node->map();
    map.allow({"gpus_per_task", "cpus_per_task", "share", "cpu", "memory", "strict"});
    request.gpus_per_task = automatic_or_integer(map.find("gpus_per_task"), 0);
    request.cpus_per_task = automatic_or_integer(map.find("cpus_per_task"), 1);
    if (const YamlNode* share = map.find("share"); share != nullptr && share->text() != "false") {
        request.share = load_integer(*share, 1);
    }
    request.cpu = policy<CpuPolicy>(map.find("cpu"));
    request.memory = policy<MemoryPolicy>(map.find("memory"));
    if (const YamlNode* strict = map.find("strict")) request.strict = strict->truth();
    return request;
}

}  // namespace warpstep::workload
