// SPDX-License-Identifier: Apache-2.0
// `params:` and the --set overrides.
#include <map>

#include "runtime/base/text.hpp"
#include "runtime/workload/load_sections.hpp"

namespace warpstep::workload {
namespace {

struct Override {
    std::string name;
    Expression value;
};

Override parse_override(const std::string& text) {
    const auto equals = text.find('=');
    const std::string name(trim(text.substr(0, equals)));
    if (equals == std::string::npos || name.empty() || trim(text.substr(equals + 1)).empty()) {
        fail<ConfigError>(
            "malformed --set '{}' (it has no name or no value); write --set name=expression", text);
    }
    const std::string value = text.substr(equals + 1);
    return {name, Expression::parse(value, {"--set " + name, 0, 1})};
}

// The last one of a name holds.
std::map<std::string, Expression> parse_overrides(const std::vector<std::string>& texts) {
    std::map<std::string, Expression> result;
    for (const std::string& text : texts) {
        Override parsed = parse_override(text);
        result.insert_or_assign(parsed.name, std::move(parsed.value));
    }
    return result;
}

void refuse_unknown(const std::map<std::string, Expression>& overrides,
                    const DeclaredNames& names) {
    const std::vector<std::string> params = names.all_of(DeclaredNames::Kind::param);
    for (const auto& [name, value] : overrides) {
        if (names.is(DeclaredNames::Kind::param, name)) continue;
        const std::string near = nearest(name, params);
        const std::string hint = near.empty() ? "" : fmt::format("; did you mean '{}'?", near);
        const std::string known = params.empty() ? "none" : join(params, ", ");
        fail<ConfigError>("--set names an unknown param '{}'{} (params of this file: {})", name,
                          hint, known);
    }
}

}  // namespace

std::vector<Param> load_params(const YamlNode* node, const std::vector<std::string>& overrides,
                               LoadContext& context) {
    const auto replaced = parse_overrides(overrides);
    std::vector<Param> params;
    if (node != nullptr) {
        const YamlMap map = node->map();
        for (const auto& [name, mark, value] : map.entries()) {
            // The file's own value is checked even where it is replaced.
            Expression expression = load_fixed(value, context);
            if (const auto it = replaced.find(name); it != replaced.end()) {
                context.names.check_fixed(it->second);
                expression = it->second;
            }
            context.names.declare(DeclaredNames::Kind::param, name, mark);
            params.push_back({name, std::move(expression)});
        }
    }
    refuse_unknown(replaced, context.names);
    return params;
}

}  // namespace warpstep::workload
