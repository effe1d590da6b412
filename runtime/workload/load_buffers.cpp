// SPDX-License-Identifier: Apache-2.0
// `buffers:`, memory with a type, a size and first values.
#include "runtime/base/text.hpp"
#include "runtime/workload/load_sections.hpp"

namespace warpstep::workload {
namespace {

using Kind = BufferInit::Kind;

DType load_dtype(const YamlNode& node) {
    return *parse_dtype(node.one_of({"f32", "f64", "i32", "i64", "u8", "f16", "bf16", "f8e4m3"}));
}

std::vector<Expression> load_shape(const YamlMap& map, const LoadContext& context) {
    const YamlNode* count = map.find("count");
    const YamlNode* shape = map.find("shape");
    if ((count == nullptr) == (shape == nullptr)) {
        fail_at(map.mark(), "{} needs exactly one of 'count' and 'shape'", map.title());
    }
    if (count != nullptr) return {load_count(*count, context, 0)};
    std::vector<Expression> result;
    for (const YamlNode& extent : shape->list()) result.push_back(load_count(extent, context, 0));
    if (result.empty()) shape->fail("'shape' is empty; write [rows, columns]");
    return result;
}

MemoryKind load_memory(const YamlNode& node) {
    if (node.text() == "managed")
        refuse_later(node.mark(), {"managed", "buffers live in one place"});
    const std::string word = node.one_of({"device", "host", "host_pinned"});
    if (word == "host") return MemoryKind::host;
    return word == "device" ? MemoryKind::device : MemoryKind::host_pinned;
}

BufferInit load_random(const YamlMap& map, const LoadContext& context) {
    map.allow({"random", "seed"}, {{"file", "buffers start as zero, a number, iota or random"},
                                   {"offset", "buffers start as zero, a number, iota or random"}});
    const std::string word = map.require("random").one_of({"uniform", "normal", "small_integers"});
    BufferInit init;
    init.kind = word == "uniform"  ? Kind::uniform
                : word == "normal" ? Kind::normal
                                   : Kind::small_integers;
    if (const YamlNode* seed = map.find("seed")) init.seed = load_count(*seed, context, 0);
    return init;
}

BufferInit load_init(const YamlNode& node, const LoadContext& context) {
    if (node.is_map()) return load_random(node.map(), context);
    const std::string word = node.text();
    BufferInit init;
    if (word == "zero" || word == "iota") {
        init.kind = word == "zero" ? Kind::zero : Kind::iota;
        return init;
    }
    const Expression expression = node.expression();
    if (expression.root().kind == Node::Kind::name) {
        const std::string near = nearest(word, {"iota", "zero"});
        const bool declared = context.names.is(DeclaredNames::Kind::param, word);
        if (!near.empty() && !declared)
            node.fail("unknown init '{}'; did you mean '{}'?", word, near);
    }
    init.kind = Kind::number;
    init.number = load_fixed(node, context);
    return init;
}

BufferSpec load_buffer(const YamlMap::Entry& entry, const LoadContext& context) {
    const YamlMap map = entry.value.map();
    map.allow({"dtype", "count", "shape", "memory", "init"});
    BufferSpec spec;
    spec.name = entry.key;
    spec.mark = entry.mark;
    if (const YamlNode* node = map.find("dtype")) spec.dtype = load_dtype(*node);
    spec.shape = load_shape(map, context);
    if (const YamlNode* node = map.find("memory")) spec.memory = load_memory(*node);
    if (const YamlNode* node = map.find("init")) spec.init = load_init(*node, context);
    return spec;
}

}  // namespace

std::vector<BufferSpec> load_buffers(const YamlNode* node, LoadContext& context) {
    std::vector<BufferSpec> specs;
    if (node == nullptr) return specs;
    const YamlMap map = node->map();
    for (const YamlMap::Entry& entry : map.entries()) {
        context.names.declare(DeclaredNames::Kind::buffer, entry.key, entry.mark);
        specs.push_back(load_buffer(entry, context));
    }
    return specs;
}

}  // namespace warpstep::workload
