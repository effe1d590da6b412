// SPDX-License-Identifier: Apache-2.0
// `kernels:`, functions that the user brings.
#include <algorithm>
#include <array>

#include "runtime/base/text.hpp"
#include "runtime/workload/load_sections.hpp"
#include "runtime/workload/names.hpp"

namespace warpstep::workload {
namespace {

using Role = KernelArgument::Role;

struct TypeFacts {
    std::string_view name;
    ValueType type;
    std::size_t bytes;
};
constexpr std::array<TypeFacts, 12> types{{{"i8", ValueType::i8, 1},
                                           {"u8", ValueType::u8, 1},
                                           {"i16", ValueType::i16, 2},
                                           {"u16", ValueType::u16, 2},
                                           {"i32", ValueType::i32, 4},
                                           {"u32", ValueType::u32, 4},
                                           {"i64", ValueType::i64, 8},
                                           {"u64", ValueType::u64, 8},
                                           {"f16", ValueType::f16, 2},
                                           {"bf16", ValueType::bf16, 2},
                                           {"f32", ValueType::f32, 4},
                                           {"f64", ValueType::f64, 8}}};

const TypeFacts& facts_of(ValueType type) {
    return *std::find_if(types.begin(), types.end(),
                         [&](const TypeFacts& facts) { return facts.type == type; });
}

ValueType load_type(const YamlNode& node) {
    std::vector<std::string> words;
    for (const TypeFacts& facts : types) words.emplace_back(facts.name);
    const std::string word = node.one_of(words);
    return std::find_if(types.begin(), types.end(),
                        [&](const TypeFacts& facts) { return facts.name == word; })
        ->type;
}

// `- { read: x }` or `- { value: n, type: i64 }`.
KernelArgument load_argument(const YamlNode& node, const LoadContext& context) {
    constexpr std::array<std::pair<const char*, Role>, 4> roles{{{"read", Role::read},
                                                                 {"write", Role::write},
                                                                 {"update", Role::update},
                                                                 {"value", Role::value}}};
    const YamlMap map = node.map();
    map.allow({"read", "write", "update", "value", "type"});
    KernelArgument argument;
    argument.mark = node.mark();
    const YamlNode* content = nullptr;
    for (const auto& [key, role] : roles) {
        const YamlNode* found = map.find(key);
        if (found == nullptr) continue;
        if (content != nullptr) {
            found->fail(
                "an argument has one of 'read', 'write', 'update' and 'value'; make two "
                "entries");
        }
        content = found;
        argument.role = role;
    }
    if (content == nullptr) {
        node.fail(
            "an argument needs one of 'read', 'write', 'update' and 'value'; write {{ read: "
            "buffer }} or {{ value: expression, type: i32 }}");
    }
    const YamlNode* type = map.find("type");
    if (argument.role != Role::value) {
        if (type != nullptr)
            type->fail("'type' belongs to a value (a buffer is a pointer); remove it");
        argument.buffer = content->text();
        check_buffer(argument.buffer, content->mark(), context);
        return argument;
    }
    argument.value = load_fixed(*content, context);
    if (type == nullptr) {
        content->fail(
            "a value needs its type as in the kernel's signature; write {{ value: {}, "
            "type: i32 }}",
            content->text());
    }
    argument.type = load_type(*type);
    return argument;
}

// One extent, or a list of up to three.
std::vector<Expression> load_extents(const YamlNode& node, const LoadContext& context,
                                     std::int64_t least) {
    if (!node.is_list()) return {load_count(node, context, least)};
    std::vector<Expression> extents;
    for (const YamlNode& extent : node.list())
        extents.push_back(load_count(extent, context, least));
    if (extents.empty() || extents.size() > 3) {
        node.fail("{} has {} extents (there are x, y and z); give 1 to 3", node.title(),
                  extents.size());
    }
    return extents;
}

void load_shape(const YamlMap& map, const LoadContext& context, KernelSpec& spec) {
    const YamlNode* threads = map.find("threads");
    const YamlNode* grid = map.find("grid");
    if ((threads == nullptr) == (grid == nullptr)) {
        fail_at(map.mark(), "{} needs exactly one of 'threads' and 'grid'", map.title());
    }
    if (threads != nullptr) spec.threads = load_extents(*threads, context, 0);
    if (grid != nullptr) spec.grid = load_extents(*grid, context, 1);
    if (const YamlNode* block = map.find("block")) spec.block = load_extents(*block, context, 1);
    if (const YamlNode* shared = map.find("shared")) spec.shared = load_fixed(*shared, context);
    if (const YamlNode* bytes = map.find("bytes")) spec.bytes = load_fixed(*bytes, context);
    if (const YamlNode* flops = map.find("flops")) spec.flops = load_fixed(*flops, context);
}

void check_name(const YamlMap::Entry& entry, const LoadContext& context) {
    if (!is_identifier(entry.key)) {
        fail_at(entry.mark,
                "'{}' cannot name a kernel (letters, digits and '_', no digit first); rename it",
                entry.key);
    }
    for (const OperationSignature& operation : context.operations) {
        if (operation.name == entry.key) {
            fail_at(entry.mark,
                    "'{0}' cannot name a kernel (it is a built-in operation); rename it, as in "
                    "my_{0}",
                    entry.key);
        }
    }
}

KernelSpec load_kernel(const YamlMap::Entry& entry, const LoadContext& context) {
    check_name(entry, context);
    const YamlMap map = entry.value.map();
    map.allow({"source", "file", "entry", "args", "threads", "grid", "block", "shared", "options",
               "include", "bytes", "flops"});
    KernelSpec spec;
    spec.name = entry.key;
    spec.mark = entry.mark;
    spec.entry = entry.key;
    if (const YamlNode* node = map.find("entry")) {
        spec.entry = trim(node->text());
        if (spec.entry.empty()) node->fail("'entry' is empty; name a __global__ function");
    }
    load_kernel_code(map, context, spec);
    if (const YamlNode* args = map.find("args")) {
        for (const YamlNode& node : args->list()) spec.args.push_back(load_argument(node, context));
    }
    load_shape(map, context, spec);
    return spec;
}

}  // namespace

std::size_t size_of(ValueType type) {
    return facts_of(type).bytes;
}

std::string_view name_of(ValueType type) {
    return facts_of(type).name;
}

std::vector<KernelSpec> load_kernels(const YamlNode* node, LoadContext& context) {
    std::vector<KernelSpec> specs;
    if (node == nullptr) return specs;
    const YamlMap map = node->map();
    for (const YamlMap::Entry& entry : map.entries()) {
        specs.push_back(load_kernel(entry, context));
        context.kernels.push_back(entry.key);
    }
    return specs;
}

}  // namespace warpstep::workload
