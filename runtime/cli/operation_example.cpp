// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "runtime/base/text.hpp"
#include "runtime/cli/operation_text.hpp"

namespace warpstep::cli {
namespace {

using Role = plan::OperationArgument::Role;

// Sizes that are large enough to look at and small enough to paste and run anywhere.
const std::map<std::string, std::string> extents{{"n", "1Mi"},
                                                 {"n*ranks", "1Mi * ranks"},
                                                 {"bins", "64"},
                                                 {"rows", "1000"},
                                                 {"rows*features", "1000 * 10"},
                                                 {"features", "10"},
                                                 {"columns", "256"},
                                                 {"m", "256"},
                                                 {"k", "256"}};

std::string extent(const std::string& symbol) {
    const auto it = extents.find(symbol);
    return it == extents.end() ? symbol : it->second;
}

std::string extents_of(const plan::OperationArgument& argument) {
    const auto symbols = split(argument.shape, ' ');
    if (symbols.size() == 1) return "count: " + extent(symbols[0]);
    // Grids and matrices are square, so that transposed ones fit.
    std::vector<std::string> sizes(symbols.size(), extent("m"));
    return fmt::format("shape: [{}]", join(sizes, ", "));
}

std::string type_of(const plan::OperationArgument& argument) {
    const std::string first = argument.types.substr(0, argument.types.find(' '));
    return first == "any" ? "f32" : first;
}

std::string buffer_line(const plan::OperationArgument& argument) {
    const bool filled = argument.role == Role::read && type_of(argument).front() == 'f';
    return fmt::format("  {}: {{ dtype: {}, {}{} }}\n", argument.name, type_of(argument),
                       extents_of(argument), filled ? ", init: { random: uniform, seed: 1 }" : "");
}

constexpr const char* dataset_lines =
    "datasets:\n"
    "  data: { file: data.csv, target: y, batch: { global: 32 } }\n";

}  // namespace

std::string example_of(const plan::OperationRow& row) {
    std::string buffers, datasets;
    std::vector<std::string> arguments;
    for (const auto& argument : row.arguments) {
        if (!argument.example) continue;
        arguments.push_back(fmt::format("{}: {}", argument.name, *argument.example));
        if (argument.role == Role::dataset)
            datasets = dataset_lines;
        else if (argument.is_buffer())
            buffers += buffer_line(argument);
    }
    std::string text = datasets + (buffers.empty() ? "" : "buffers:\n" + buffers);
    std::string step = row.name;
    std::replace(step.begin(), step.end(), '.', '-');
    text += fmt::format("steps:\n  - name: {}\n    run: {}\n", step, row.name);
    if (!arguments.empty()) text += fmt::format("    with: {{ {} }}\n", join(arguments, ", "));
    return text;
}

}  // namespace warpstep::cli
