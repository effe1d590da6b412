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

// `- { read: x }` or `- { value: n, type: i64 }`.
KernelArgument load_argument(const YamlNode& node, const LoadContext& context) {
    constexpr std::array<std::pair<const char*, Role>, 4> roles{{{"read", Role::read},
                                                                 {"write", Role::write},
                                                                 {"update", Role::update},
                                                                 {"value", Role::value}}};
    const Fields fields(node, kernel_argument_section());
    KernelArgument argument;
    argument.mark = node.mark();
    for (const auto& [key, role] : roles) {
        if (fields.find(key) == nullptr) continue;
        argument.role = role;
        if (role != Role::value) argument.buffer = load_buffer_name(fields.at(key), context);
    }
    argument.value = load_fixed(fields, "value", context);
    argument.type = fields.word("type", value_type_words, argument.type);
    return argument;
}

// One extent, or a list of up to three; none where the key is not given.
std::vector<Expression> load_extents(const Fields& fields, std::string_view key,
                                     const LoadContext& context) {
    const YamlNode* node = fields.find(key);
    if (node == nullptr) return {};
    const Form& form = fields.form(key);
    if (!node->is_list()) return {load_count(*node, form, context)};
    std::vector<Expression> extents;
    for (const YamlNode& extent : node->list())
        extents.push_back(load_count(extent, form, context));
    return extents;
}

void check_name(const YamlMap::Entry& entry, const LoadContext& context) {
    if (!is_identifier(entry.key)) {
        fail_at(entry.mark,
                "'{}' cannot name a kernel (letters, digits and '_', no digit first); rename it",
                entry.key);
    }
    if (find_operation(entry.key, context) != nullptr) {
        fail_at(entry.mark,
                "'{0}' cannot name a kernel (it is a built-in operation); rename it, as in my_{0}",
                entry.key);
    }
}

KernelSpec load_kernel(const YamlMap::Entry& entry, const LoadContext& context) {
    check_name(entry, context);
    const Fields fields(entry.value, kernel_section());
    KernelSpec spec;
    spec.name = entry.key;
    spec.mark = entry.mark;
    spec.entry = entry.key;
    if (const YamlNode* node = fields.find("entry")) {
        spec.entry = trim(node->text());
        if (spec.entry.empty()) node->fail("'entry' is empty; name a __global__ function");
    }
    load_kernel_code(fields, context, spec);
    if (const YamlNode* args = fields.find("args")) {
        for (const YamlNode& node : args->list()) spec.args.push_back(load_argument(node, context));
    }
    spec.threads = load_extents(fields, "threads", context);
    spec.grid = load_extents(fields, "grid", context);
    spec.block = load_extents(fields, "block", context);
    spec.shared = load_fixed(fields, "shared", context);
    spec.bytes = load_fixed(fields, "bytes", context);
    spec.flops = load_fixed(fields, "flops", context);
    return spec;
}

}  // namespace

std::size_t size_of(ValueType type) {
    switch (type) {
        case ValueType::i8:
        case ValueType::u8:
            return 1;
        case ValueType::i16:
        case ValueType::u16:
        case ValueType::f16:
        case ValueType::bf16:
            return 2;
        case ValueType::i32:
        case ValueType::u32:
        case ValueType::f32:
            return 4;
        case ValueType::i64:
        case ValueType::u64:
        case ValueType::f64:
            return 8;
    }
    return 0;
}

std::string_view name_of(ValueType type) {
    for (const auto& [word, value] : value_type_words) {
        if (value == type) return word;
    }
    return "?";
}

std::vector<KernelSpec> load_kernels(const YamlNode* node, LoadContext& context) {
    std::vector<KernelSpec> specs;
    if (node == nullptr) return specs;
    const YamlMap map = node->map();
    for (const YamlMap::Entry& entry : map.entries()) {
        context.errors.gather([&] { specs.push_back(load_kernel(entry, context)); });
        context.kernels.push_back(entry.key);
    }
    return specs;
}

}  // namespace warpstep::workload
