// SPDX-License-Identifier: Apache-2.0
// `verify:`, `expect:` and `report:`, what is judged and shown.
#include "runtime/workload/load_sections.hpp"

namespace warpstep::workload {
namespace {

const std::vector<LaterKey> later_rules{{"reference", "compare with an element expression: equals"},
                                        {"same_as", "compare with an element expression: equals"}};

void load_same(const YamlMap& map, VerifyRule& rule) {
    if (map.entries().size() != 1) {
        fail_at(map.mark(),
                "'same_on_all_ranks' stands alone (it compares bit by bit); remove the other keys "
                "of {}",
                map.title());
    }
    const YamlNode& same = map.require("same_on_all_ranks");
    if (!same.truth())
        same.fail("'same_on_all_ranks' can only be true; remove it to skip the comparison");
    rule.same_on_all_ranks = true;
}

void load_tolerance(const YamlMap& map, VerifyRule& rule) {
    if (const YamlNode* node = map.find("exact")) rule.exact = node->truth();
    if (const YamlNode* node = map.find("ulp")) rule.ulp = load_number(*node);
    if (const YamlNode* node = map.find("rtol")) rule.rtol = load_number(*node);
    if (const YamlNode* node = map.find("atol")) rule.atol = load_number(*node);
    if (const YamlNode* node = map.find("allow_nan")) rule.allow_nan = node->truth();
    const bool relative = rule.rtol || rule.atol;
    if ((rule.exact ? 1 : 0) + (rule.ulp ? 1 : 0) + (relative ? 1 : 0) > 1) {
        fail_at(map.mark(), "{} mixes tolerances; give one of 'exact', 'ulp' or 'rtol' with 'atol'",
                map.title());
    }
}

VerifyRule load_rule(const YamlMap::Entry& entry, const LoadContext& context) {
    check_buffer(entry.key, entry.mark, context);
    const YamlMap map = entry.value.map();
    map.allow({"equals", "same_on_all_ranks", "exact", "ulp", "rtol", "atol", "allow_nan"},
              later_rules);
    VerifyRule rule;
    rule.buffer = entry.key;
    rule.mark = entry.mark;
    const YamlNode* equals = map.find("equals");
    if (map.find("same_on_all_ranks") != nullptr) {
        load_same(map, rule);
        return rule;
    }
    if (equals == nullptr)
        fail_at(map.mark(), "{} needs 'equals' or 'same_on_all_ranks'", map.title());
    rule.equals = equals->expression();
    context.names.check_elements(*rule.equals);
    load_tolerance(map, rule);
    return rule;
}

}  // namespace

std::vector<VerifyRule> load_verify(const YamlNode* node, const LoadContext& context) {
    std::vector<VerifyRule> rules;
    if (node == nullptr) return rules;
    const YamlMap map = node->map();
    for (const YamlMap::Entry& entry : map.entries()) rules.push_back(load_rule(entry, context));
    return rules;
}

// Metrics are known only after the run, so names are not checked here.
std::vector<Expectation> load_expect(const YamlNode* node) {
    std::vector<Expectation> expectations;
    if (node == nullptr) return expectations;
    for (const YamlNode& entry : node->list()) {
        if (!entry.is_map()) {
            expectations.push_back({entry.expression(), std::nullopt});
            continue;
        }
        const YamlMap map = entry.map();
        map.allow({"that", "when"});
        Expectation expectation{map.require("that").expression(), std::nullopt};
        if (const YamlNode* when = map.find("when")) expectation.when = when->expression();
        expectations.push_back(std::move(expectation));
    }
    return expectations;
}

ReportRequest load_report(const YamlNode* node, const LoadContext& context) {
    ReportRequest request;
    if (node == nullptr) return request;
    const char* const why = "output files are chosen on the command line";
    const YamlMap map = node->map();
    map.allow({"values"}, {{"json", why}, {"junit", why}, {"csv", why}, {"prometheus", why}});
    if (const YamlNode* values = map.find("values")) {
        for (const YamlNode& value : values->list()) {
            check_buffer(value.text(), value.mark(), context);
            request.values.push_back(value.text());
        }
    }
    return request;
}

}  // namespace warpstep::workload
