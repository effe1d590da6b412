// SPDX-License-Identifier: Apache-2.0
// `params:` and `matrix:`, and what replaces their values from outside.
#include <map>

#include "runtime/base/file.hpp"
#include "runtime/base/text.hpp"
#include "runtime/workload/load_sections.hpp"

namespace warpstep::workload {
namespace {

using NameKind = DeclaredNames::Kind;

constexpr std::size_t most_combinations = 10000;

void add_override(const std::string& text, Replacements& result) {
    const auto equals = text.find('=');
    const std::string name(trim(text.substr(0, equals)));
    if (equals == std::string::npos || name.empty() || trim(text.substr(equals + 1)).empty()) {
        fail<ConfigError>(
            "malformed --set '{}' (it has no name or no value); write --set name=expression", text);
    }
    result.insert_or_assign(name,
                            Expression::parse(text.substr(equals + 1), {"--set " + name, 0, 1}));
}

void add_file(const std::string& path, Replacements& result, std::string& texts) {
    Source source{path, read_file(path)};
    texts += source.text + "\n";
    const YamlMap map = parse_yaml(source, "write 'name: value'").map();
    for (const YamlMap::Entry& entry : map.entries())
        result.insert_or_assign(entry.key, entry.value.expression());
}

const Expression* find(const Replacements& replacements, const std::string& name,
                       const LoadContext& context) {
    const auto it = replacements.find(name);
    if (it == replacements.end()) return nullptr;
    context.names.check_fixed(it->second);
    return &it->second;
}

void check_size(const YamlNode& node, const std::vector<MatrixAxis>& axes) {
    std::size_t combinations = 1;
    for (const MatrixAxis& axis : axes) {
        combinations *= axis.values.size();
        if (combinations > most_combinations) {
            node.fail("'matrix' has more than {} combinations; shorten its lists",
                      most_combinations);
        }
    }
}

}  // namespace

Replacements load_replacements(const LoadOptions& options, std::string& texts) {
    Replacements result;
    for (const std::string& path : options.params_files) add_file(path, result, texts);
    for (const std::string& text : options.overrides) add_override(text, result);
    return result;
}

void refuse_unknown(const Replacements& replacements, const LoadContext& context) {
    const std::vector<std::string> params = context.names.all_of(NameKind::param);
    for (const auto& [name, value] : replacements) {
        if (context.names.is(NameKind::param, name)) continue;
        const std::string near = nearest(name, params);
        const std::string hint = near.empty() ? "" : fmt::format("; did you mean '{}'?", near);
        const std::string known = params.empty() ? "none" : join(params, ", ");
        if (value.mark().line > 0) {
            fail_at(value.mark(), "unknown param '{}'{} (params of {}: {})", name, hint,
                    context.path, known);
        }
        fail<ConfigError>("--set names an unknown param '{}'{} (params of this file: {})", name,
                          hint, known);
    }
}

std::vector<MatrixAxis> load_matrix(const YamlNode* node, const Replacements& replacements,
                                    LoadContext& context) {
    std::vector<MatrixAxis> axes;
    if (node == nullptr) return axes;
    const YamlMap map = node->map();
    const Form& list = find_key(file_section(), "matrix")->form.parts.front();
    for (const auto& [name, mark, value] : map.entries()) {
        check_form(value, list);
        MatrixAxis axis{name, {}};
        for (const YamlNode& entry : value.list())
            axis.values.push_back(load_fixed(entry, context));
        if (const Expression* replaced = find(replacements, name, context))
            axis.values = {*replaced};
        axes.push_back(std::move(axis));
    }
    // Declared only now: combinations are all there is, so no axis can depend on another.
    for (const auto& [name, mark, value] : map.entries())
        context.names.declare(NameKind::param, name, mark);
    check_size(*node, axes);
    return axes;
}

std::vector<Param> load_params(const YamlNode* node, const Replacements& replacements,
                               LoadContext& context) {
    std::vector<Param> params;
    if (node == nullptr) return params;
    const YamlMap map = node->map();
    for (const YamlMap::Entry& entry : map.entries()) {
        // The file's own value is checked even where it is replaced.
        context.errors.gather([&] {
            params.push_back({entry.key, load_fixed(entry.value, context)});
            if (const Expression* replaced = find(replacements, entry.key, context))
                params.back().value = *replaced;
        });
        context.names.declare(NameKind::param, entry.key, entry.mark);
    }
    return params;
}

}  // namespace warpstep::workload
