// SPDX-License-Identifier: Apache-2.0
#include "runtime/cli/operation_guide.hpp"

#include <algorithm>

#include "kernels/catalog.hpp"
#include "runtime/plan/operations.hpp"

namespace warpstep::cli {
namespace {

using kernels::Parameter;
using Arguments = std::vector<GuideArgument>;

constexpr const char* real = "f32 f64";
constexpr const char* computable = "f32 f64 i32 i64";
constexpr const char* any = "any";

/// Buffers of kernels, whose roles the catalog knows.
GuideArgument buffer(const std::string& name, std::string types, std::string shape,
                     std::string note = "") {
    return {name, "", std::move(types), std::move(shape), std::move(note), name};
}
GuideArgument value(std::string name, std::optional<std::string> example, std::string note = "") {
    return {std::move(name), "value", "", "", std::move(note), std::move(example)};
}
GuideArgument word(std::string name, std::string note = "",
                   std::optional<std::string> example = std::nullopt) {
    return {std::move(name), "word", "", "", std::move(note), std::move(example)};
}
GuideArgument with_role(std::string role, GuideArgument argument) {
    argument.role = std::move(role);
    return argument;
}
GuideArgument left_out(GuideArgument argument) {
    argument.example.reset();
    return argument;
}

Arguments operator+(Arguments a, const Arguments& b) {
    a.insert(a.end(), b.begin(), b.end());
    return a;
}

Arguments matrices() {
    const std::string types = "f32 f64 f16 bf16 f8e4m3";
    return {buffer("a", types, "m k", "[k, m] with transpose_a: yes"),
            buffer("b", types, "k n", "[n, k] with transpose_b: yes"),
            buffer("c", "f32 f64 f16 bf16", "m n", "of a's type; f32 for narrow types")};
}

Arguments multiplication_words() {
    return {word("compute", "tf32 for f32, fast for f8e4m3"),
            word("transpose_a", "a is stored [k, m]"), word("transpose_b", "b is stored [n, k]")};
}

Arguments product() {
    return matrices() +
           Arguments{value("alpha", {}), value("beta", {}, "0: the old c is not read")} +
           multiplication_words();
}

Arguments memory_test(const Arguments& more = {}) {
    return Arguments{buffer("buffer", any, "n", "multiples of 8 bytes; its content is lost"),
                     buffer("report", "i64", "3", "errors, index of the first, wrong bits")} +
           more;
}

Arguments stream(std::string_view vectors, const Arguments& more = {}) {
    Arguments all;
    for (const char name : vectors) all.push_back(buffer(std::string(1, name), real, "n"));
    return all + more;
}

Arguments rows_and(const GuideArgument& last) {
    return {
        buffer("x", real, "rows*features", "row-major; or data"),
        buffer("y", real, "rows", "or data"), buffer("w", real, "features"), last,
        left_out(with_role("dataset", buffer("data", "f32", "", "a batch, instead of x and y")))};
}

/// The arguments of kernels that need more than the catalog says.
std::vector<std::pair<std::string, Arguments>> kernel_arguments() {
    const GuideArgument scalar = value("scalar", "0.4");
    const GuideArgument sum = buffer("sum", "f64", "1");
    return {
        {"axpy", {value("alpha", "2"), buffer("x", real, "n"), buffer("y", real, "n")}},
        {"burn",
         matrices() +
             Arguments{buffer("first", "f32 f64 f16 bf16", "m n", "as c"),
                       buffer("report", "i64", "4", "errors, first_wrong, checksum, rounds"),
                       value("rounds", "2", "products in one launch")} +
             multiplication_words()},
        {"checksum", {buffer("x", any, "n"), buffer("sum", "i64", "1")}},
        {"fill", {buffer("buffer", any, "n"), value("value", "1", "converted to the type")}},
        {"gemm", product()},
        {"gemm.naive", product()},
        {"histogram",
         {buffer("x", computable, "n"), buffer("bins", "i64", "bins"), value("lo", "0"),
          value("hi", "1", "lo < hi; what lies outside is not counted")}},
        {"jacobi2d",
         {buffer("from", real, "rows columns"), buffer("to", real, "rows columns"),
          buffer("residual", "f64", "1", "largest |to - from|; may be left out")}},
        {"jacobi2d.edges",
         {buffer("grid", real, "rows columns"), value("top_left", "1"), value("top_right", "0"),
          value("bottom_left", "0"), value("bottom_right", "0")}},
        {"linear.gradient", rows_and(buffer("grad", real, "features", "the sum, not the mean"))},
        {"linear.squared_error", rows_and(buffer("error", "f64", "1"))},
        {"mean_squared_error",
         {buffer("x", real, "n"), buffer("y", real, "n"), buffer("error", "f64", "1")}},
        {"memtest.bit_fade", memory_test({value("seconds", "0.1", "between writing and reading")})},
        {"memtest.moving_inversions", memory_test()},
        {"memtest.own_address", memory_test()},
        {"memtest.random", memory_test({value("seed", "1")})},
        {"memtest.walking_bit", memory_test()},
        {"reduction",
         {buffer("x", computable, "n"),
          buffer("result", "f64 i64", "1", "i64 where x holds integers"), word("op", "", "max")}},
        {"scale",
         {buffer("buffer", computable, "n"),
          value("factor", "2", "whole where the elements are whole")}},
        {"scan", {buffer("x", computable, "n"), buffer("y", computable, "n"), word("kind")}},
        {"sgd.step",
         {buffer("w", real, "n"), buffer("grad", real, "n"),
          buffer("velocity", real, "n", "needed with momentum; zero at first"),
          value("learning_rate", "0.01"), value("momentum", "0.9"), value("weight_decay", {}),
          word("nesterov")}},
        {"spin", {value("seconds", "0.01", "0 to 3600")}},
        {"stream.add", stream("abc")},
        {"stream.copy", stream("ac")},
        {"stream.dot", stream("ab", {sum})},
        {"stream.mul", stream("bc", {scalar})},
        {"stream.nstream", stream("abc", {scalar})},
        {"stream.read", stream("a", {sum})},
        {"stream.triad", stream("abc", {scalar})},
        {"stream.write", stream("a", {scalar})},
        {"transpose", {buffer("from", any, "rows columns"), buffer("to", any, "columns rows")}},
    };
}

std::string_view name_of(Parameter::Role role) {
    switch (role) {
        case Parameter::Role::read:
            return "read";
        case Parameter::Role::write:
            return "write";
        case Parameter::Role::update:
            return "update";
        case Parameter::Role::value:
            return "value";
        case Parameter::Role::word:
            return "word";
    }
    return "";
}

void add_what_the_catalog_says(const kernels::Kernel& kernel, OperationGuide& guide) {
    guide.summary = kernel.summary;
    guide.bytes = kernel.bytes_formula;
    guide.flops = kernel.flops_formula;
    for (auto& argument : guide.arguments) {
        const auto it = std::find_if(
            kernel.parameters.begin(), kernel.parameters.end(),
            [&](const Parameter& parameter) { return parameter.name == argument.name; });
        if (it == kernel.parameters.end()) continue;
        argument.role = name_of(it->role);
        if (it->role == Parameter::Role::value && it->optional) {
            argument.note +=
                fmt::format("{}default {}", argument.note.empty() ? "" : "; ", it->default_number);
        }
    }
}

std::string_view name_of(plan::OperationArgument::Role role) {
    using Role = plan::OperationArgument::Role;
    switch (role) {
        case Role::read:
            return "read";
        case Role::write:
            return "write";
        case Role::update:
            return "update";
        case Role::value:
            return "value";
        case Role::word:
        case Role::text:
            return "word";
        case Role::dataset:
            break;
    }
    return "dataset";
}

/// Of what only the runtime can do, whose rows say it all.
OperationGuide guide_of(const plan::OperationRow& row) {
    OperationGuide guide{row.name, row.summary, row.bytes, row.flops, {}, row.collective};
    for (const auto& argument : row.arguments) {
        guide.arguments.push_back({argument.name, std::string(name_of(argument.role)),
                                   argument.types, argument.shape, argument.note,
                                   argument.example});
    }
    return guide;
}

std::vector<OperationGuide> make_guides() {
    std::vector<OperationGuide> guides;
    for (const auto& row : plan::operation_rows()) {
        if (row.kernel == nullptr) guides.push_back(guide_of(row));
    }
    for (auto& [name, arguments] : kernel_arguments()) {
        const kernels::Kernel* kernel = kernels::find(name);
        if (kernel == nullptr) continue;
        add_what_the_catalog_says(
            *kernel, guides.emplace_back(OperationGuide{name, "", "", "", std::move(arguments)}));
    }
    std::sort(guides.begin(), guides.end(),
              [](const auto& a, const auto& b) { return a.name < b.name; });
    return guides;
}

}  // namespace

const std::vector<OperationGuide>& operation_guides() {
    static const std::vector<OperationGuide> all = make_guides();
    return all;
}

const OperationGuide* find_guide(std::string_view name) {
    for (const auto& guide : operation_guides()) {
        if (guide.name == name) return &guide;
    }
    return nullptr;
}

}  // namespace warpstep::cli
