// SPDX-License-Identifier: Apache-2.0
// `ranks:`, `placement:` and `streams:`, what the step must look like.
#include "runtime/workload/load_sections.hpp"

namespace warpstep::workload {
namespace {

// Nothing for a word: "auto", "false".
std::optional<int> word_or_integer(const Fields& fields, std::string_view key) {
    const YamlNode* node = fields.find(key);
    const Form& form = fields.form(key);
    if (node == nullptr || is_word(*node, form)) return std::nullopt;
    return load_integer(*node, form.parts.back().least);
}

}  // namespace

RankRule load_ranks(const YamlNode* node, const LoadContext& context) {
    RankRule rule;
    if (node == nullptr) return rule;
    const Fields fields(*node, ranks_section());
    rule.exact = load_count(fields, "exact", context);
    rule.min = load_count(fields, "min", context);
    rule.max = load_count(fields, "max", context);
    rule.multiple_of = load_count(fields, "multiple_of", context);
    rule.per_node = load_count(fields, "per_node", context);
    return rule;
}

PlacementRequest load_placement(const YamlNode* node) {
    PlacementRequest request;
    if (node == nullptr) return request;
    const Fields fields(*node, placement_section());
    request.gpus_per_task = word_or_integer(fields, "gpus_per_task");
    request.cpus_per_task = word_or_integer(fields, "cpus_per_task");
    request.share = word_or_integer(fields, "share").value_or(1);
    request.cpu = fields.word("cpu", cpu_words, request.cpu);
    request.memory = fields.word("memory", memory_policy_words, request.memory);
    request.strict = fields.truth("strict");
    return request;
}

std::vector<StreamSpec> load_streams(const YamlNode* node, LoadContext& context) {
    std::vector<StreamSpec> specs;
    if (node == nullptr) return specs;
    const YamlMap map = node->map();
    for (const YamlMap::Entry& entry : map.entries()) {
        if (!is_dashed_identifier(entry.key)) {
            fail_at(entry.mark,
                    "'{}' cannot name a stream (letters, digits, '_' and inner '-', no digit "
                    "first); rename it",
                    entry.key);
        }
        const Fields fields(entry.value, stream_section());
        specs.push_back({entry.key, fields.word("priority", priority_words, false), entry.mark});
        context.streams.push_back(entry.key);
    }
    return specs;
}

}  // namespace warpstep::workload
