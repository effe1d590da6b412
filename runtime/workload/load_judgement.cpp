// SPDX-License-Identifier: Apache-2.0
// `verify:`, `expect:`, `checkpoint:` and `report:`, what is judged, kept and shown.
#include "runtime/base/text.hpp"
#include "runtime/workload/load_sections.hpp"

namespace warpstep::workload {
namespace {

void check_alone(const YamlNode& node, const Fields& fields, const YamlNode& same) {
    if (node.size() != 1) {
        fail_at(fields.mark(),
                "'same_on_all_ranks' stands alone (it compares bit by bit); remove the other keys "
                "of {}",
                fields.title());
    }
    if (!same.truth())
        same.fail("'same_on_all_ranks' can only be true; remove it to skip the comparison");
}

void load_tolerance(const Fields& fields, VerifyRule& rule) {
    const auto number = [&](const char* key) {
        const YamlNode* node = fields.find(key);
        return node == nullptr ? std::nullopt : std::optional(load_number(*node));
    };
    rule.exact = fields.truth("exact");
    rule.ulp = number("ulp");
    rule.rtol = number("rtol");
    rule.atol = number("atol");
    rule.allow_nan = fields.truth("allow_nan");
    const bool relative = rule.rtol || rule.atol;
    if ((rule.exact ? 1 : 0) + (rule.ulp ? 1 : 0) + (relative ? 1 : 0) > 1) {
        fail_at(fields.mark(),
                "{} mixes tolerances; give one of 'exact', 'ulp' or 'rtol' with 'atol'",
                fields.title());
    }
}

std::string load_reference(const YamlNode& node, const LoadContext& context) {
    if (find_operation(node.text(), context) != nullptr) return node.text();
    std::vector<std::string> names;
    for (const OperationSignature& operation : context.operations) names.push_back(operation.name);
    node.fail("unknown operation '{}'{}", node.text(), suggestion(node.text(), names));
}

std::string load_other(const YamlNode& node, const std::string& buffer,
                       const LoadContext& context) {
    std::string other = load_buffer_name(node, context);
    if (other == buffer)
        node.fail("'{}' is always the same as itself; name another buffer", buffer);
    return other;
}

VerifyRule load_rule(const YamlMap::Entry& entry, const LoadContext& context) {
    check_buffer(entry.key, entry.mark, context);
    const Fields fields(entry.value, verify_section());
    VerifyRule rule;
    rule.buffer = entry.key;
    rule.mark = entry.mark;
    if (const YamlNode* same = fields.find("same_on_all_ranks")) {
        check_alone(entry.value, fields, *same);
        rule.same_on_all_ranks = true;
        return rule;
    }
    if (const YamlNode* equals = fields.find("equals")) {
        rule.equals = equals->expression();
        context.names.check_elements(*rule.equals);
    }
    if (const YamlNode* node = fields.find("reference"))
        rule.reference = load_reference(*node, context);
    if (const YamlNode* node = fields.find("same_as"))
        rule.same_as = load_other(*node, rule.buffer, context);
    load_tolerance(fields, rule);
    return rule;
}

std::vector<std::string> load_buffer_names(const YamlNode* node, const LoadContext& context) {
    std::vector<std::string> names;
    if (node == nullptr) return names;
    for (const YamlNode& entry : node->list()) names.push_back(load_buffer_name(entry, context));
    return names;
}

void load_every(const YamlNode& node, const LoadContext& context, CheckpointRequest& request) {
    if (!node.is_map()) return;
    const Fields fields(node, every_section());
    if (const YamlNode* time = fields.find("time")) {
        request.every = CheckpointRequest::Every::time;
        request.amount = load_duration(*time, context);
    } else {
        request.every = CheckpointRequest::Every::steps;
        request.amount = load_count(fields, "steps", context);
    }
}

Expectation load_expectation(const YamlNode& entry) {
    check_form(entry, find_key(file_section(), "expect")->form.parts.front());
    if (!entry.is_map()) return {entry.expression(), std::nullopt};
    const Fields fields(entry, expectation_section());
    Expectation expectation{fields.at("that").expression(), std::nullopt};
    if (const YamlNode* when = fields.find("when")) expectation.when = when->expression();
    return expectation;
}

}  // namespace

std::vector<VerifyRule> load_verify(const YamlNode* node, const LoadContext& context) {
    std::vector<VerifyRule> rules;
    if (node == nullptr) return rules;
    const YamlMap map = node->map();
    for (const YamlMap::Entry& entry : map.entries())
        context.errors.gather([&] { rules.push_back(load_rule(entry, context)); });
    return rules;
}

// Names are checked when all steps are known: check_expectations().
std::vector<Expectation> load_expect(const YamlNode* node, GatheredErrors& errors) {
    std::vector<Expectation> expectations;
    if (node == nullptr) return expectations;
    for (const YamlNode& entry : node->list())
        errors.gather([&] { expectations.push_back(load_expectation(entry)); });
    return expectations;
}

CheckpointRequest load_checkpoint(const YamlNode& node, const LoadContext& context) {
    const Fields fields(node, checkpoint_section());
    CheckpointRequest request;
    request.mark = node.mark();
    load_every(fields.at("every"), context, request);
    request.save = load_buffer_names(fields.find("save"), context);
    request.keep = load_count(fields, "keep", context);
    request.dir = fields.find("dir") == nullptr ? "checkpoints" : fields.text("dir");
    if (request.dir.empty()) fields.at("dir").fail("'dir' is empty; name a folder");
    return request;
}

ReportRequest load_report(const YamlNode* node, const LoadContext& context) {
    ReportRequest request;
    if (node == nullptr) return request;
    const Fields fields(*node, report_section());
    request.values = load_buffer_names(fields.find("values"), context);
    const auto path = [&](const char* key, std::string& target) {
        const YamlNode* given = fields.find(key);
        if (given == nullptr) return;
        target = given->text();
        if (target.empty()) given->fail("'{}' is empty; name a file", key);
    };
    path("json", request.json);
    path("junit", request.junit);
    path("csv", request.csv);
    path("prometheus", request.prometheus);
    return request;
}

}  // namespace warpstep::workload
