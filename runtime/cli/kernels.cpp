// SPDX-License-Identifier: Apache-2.0
#include "kernels/catalog.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include "runtime/base/error.hpp"
#include "runtime/base/text.hpp"
#include "runtime/cli/commands.hpp"
#include "runtime/report/text_table.hpp"

namespace warpstep::cli {
namespace {

using kernels::Kernel;
using kernels::Parameter;

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

std::string parameters_of(const Kernel& kernel) {
    std::vector<std::string> names;
    for (const auto& parameter : kernel.parameters) names.push_back(parameter.name);
    return join(names, ", ");
}

int show_all() {
    report::TextTable table({{"kernel"}, {"computes"}, {"arguments"}, {"bytes"}, {"flops"}});
    for (const auto& kernel : kernels::catalog()) {
        table.add({kernel.name, kernel.summary, parameters_of(kernel), kernel.bytes_formula,
                   kernel.flops_formula});
    }
    fmt::print(
        "{}\nn: elements; size: bytes of one element. One kernel in full: warpstep kernels NAME\n",
        table.text(::isatty(STDOUT_FILENO) == 1));
    return 0;
}

}  // namespace

int kernels(const std::string& name) {
    if (name.empty()) return show_all();
    const Kernel* kernel = kernels::find(name);
    if (kernel == nullptr) {
        std::vector<std::string> known;
        for (const auto& other : kernels::catalog()) known.push_back(other.name);
        fail<ConfigError>("no kernel '{}'{}", name, suggestion(name, known));
    }
    fmt::print("{}\n  {}\n", kernel->name, kernel->summary);
    for (const auto& parameter : kernel->parameters) {
        fmt::print("  {:<8} {}{}\n", parameter.name, name_of(parameter.role),
                   parameter.optional ? fmt::format(", default {}", parameter.default_number) : "");
    }
    fmt::print("  bytes    {}\n  flops    {}\n", kernel->bytes_formula, kernel->flops_formula);
    return 0;
}

}  // namespace warpstep::cli
