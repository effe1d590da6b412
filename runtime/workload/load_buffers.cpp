// SPDX-License-Identifier: Apache-2.0
// `buffers:`, memory with a type, a size and first values.
#include "runtime/base/text.hpp"
#include "runtime/workload/load_sections.hpp"

namespace warpstep::workload {
namespace {

std::vector<Expression> load_shape(const Fields& fields, const LoadContext& context) {
    if (auto count = load_count(fields, "count", context)) return {*std::move(count)};
    std::vector<Expression> result;
    for (const YamlNode& extent : fields.at("shape").list())
        result.push_back(load_count(extent, fields.form("shape"), context));
    return result;
}

BufferInit load_init_map(const Fields& fields, const LoadContext& context) {
    BufferInit init;
    if (const YamlNode* file = fields.find("file")) {
        init.kind = BufferInit::Kind::file;
        init.file = load_path(*file, context);
        init.offset = load_count(fields, "offset", context);
        return init;
    }
    init.kind = fields.word("random", random_words, BufferInit::Kind::uniform);
    init.seed = load_count(fields, "seed", context);
    return init;
}

BufferInit load_init(const YamlNode& node, const Form& form, const LoadContext& context) {
    if (node.is_map()) return load_init_map(Fields(node, init_section()), context);
    const std::string& word = node.text();
    BufferInit init;
    if (is_word(node, form)) {
        init.kind = meaning(init_words, word);
        return init;
    }
    const Expression expression = node.expression();
    if (expression.root().kind == Node::Kind::name) {
        const std::string near = nearest(word, words_of(init_words));
        const bool declared = context.names.is(DeclaredNames::Kind::param, word);
        if (!near.empty() && !declared)
            node.fail("unknown init '{}'; did you mean '{}'?", word, near);
    }
    init.kind = BufferInit::Kind::number;
    init.number = load_fixed(node, context);
    return init;
}

BufferSpec load_buffer(const YamlMap::Entry& entry, const LoadContext& context) {
    const Fields fields(entry.value, buffer_section());
    BufferSpec spec;
    spec.name = entry.key;
    spec.mark = entry.mark;
    spec.dtype = fields.word("dtype", dtype_words, spec.dtype);
    spec.shape = load_shape(fields, context);
    spec.memory = fields.word("memory", memory_words, spec.memory);
    if (const YamlNode* node = fields.find("init"))
        spec.init = load_init(*node, fields.form("init"), context);
    spec.finite = fields.find("finite") == nullptr || fields.truth("finite");
    return spec;
}

}  // namespace

std::vector<BufferSpec> load_buffers(const YamlNode* node, LoadContext& context) {
    std::vector<BufferSpec> specs;
    if (node == nullptr) return specs;
    const YamlMap map = node->map();
    for (const YamlMap::Entry& entry : map.entries()) {
        context.names.declare(DeclaredNames::Kind::buffer, entry.key, entry.mark);
        context.errors.gather([&] { specs.push_back(load_buffer(entry, context)); });
    }
    return specs;
}

}  // namespace warpstep::workload
