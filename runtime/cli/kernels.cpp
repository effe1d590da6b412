// SPDX-License-Identifier: Apache-2.0
// `warpstep kernels`: what `run:` may name.
#include "kernels/catalog.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

#include "runtime/base/error.hpp"
#include "runtime/base/text.hpp"
#include "runtime/cli/commands.hpp"
#include "runtime/cli/operation_guide.hpp"
#include "runtime/plan/operations.hpp"
#include "runtime/report/text_table.hpp"

namespace warpstep::cli {
namespace {

bool is_coloured() {
    return ::isatty(STDOUT_FILENO) == 1;
}

std::string names_of(const std::vector<GuideArgument>& arguments) {
    std::vector<std::string> names;
    for (const auto& argument : arguments) names.push_back(argument.name);
    return join(names, ", ");
}

int show_all() {
    report::TextTable table({{"run"}, {"computes"}, {"arguments"}});
    for (const auto& guide : operation_guides()) {
        table.add({guide.name, guide.summary, names_of(guide.arguments)});
    }
    fmt::print("{}\nTypes, shapes, bytes, flops and an example of one: warpstep kernels NAME\n",
               table.text(is_coloured()));
    return 0;
}

// "avg, max, min, prod, sum"; the first is the default of a kernel's word.
std::vector<std::string> words_of(const std::string& operation, const std::string& argument) {
    for (const auto& signature : plan::operations()) {
        if (signature.name != operation) continue;
        const auto it = signature.words.find(argument);
        if (it != signature.words.end()) return it->second;
    }
    return {};
}

std::string note_of(const OperationGuide& guide, const GuideArgument& argument) {
    const auto words = words_of(guide.name, argument.name);
    if (words.empty()) return argument.note;
    std::string text = join(words, ", ");
    if (kernels::find(guide.name) != nullptr) text += "; default " + words.front();
    return argument.note.empty() ? text : text + "; " + argument.note;
}

std::string show_shape(const GuideArgument& argument) {
    if (argument.shape.empty()) return "";
    return fmt::format("[{}]", join(split(argument.shape, ' '), ", "));
}

std::string argument_table(const OperationGuide& guide) {
    report::TextTable table({{"argument"}, {"role"}, {"types"}, {"shape"}, {"note"}});
    for (const auto& argument : guide.arguments) {
        table.add({argument.name, argument.role, argument.types, show_shape(argument),
                   note_of(guide, argument)});
    }
    return table.empty() ? "no arguments\n" : table.text(is_coloured());
}

std::string cost_of(const OperationGuide& guide) {
    const bool is_message = guide.collective && guide.flops == "0" && guide.bytes != "0";
    std::string text = fmt::format("bytes: {}{}\nflops: {}\n", guide.bytes,
                                   is_message ? ", the message" : "", guide.flops);
    if (guide.bytes.find("size") != std::string::npos) {
        text += "of one launch; size: bytes of one element\n";
    }
    if (guide.collective) text += "collective: every rank takes part, or its group\n";
    return text;
}

std::string report_of(const std::string& name) {
    const kernels::Kernel* kernel = kernels::find(name);
    if (kernel == nullptr || kernel->report.empty()) return "";
    return fmt::format("report: {}; each is a number of the step, for expect\n",
                       join(kernel->report, ", "));
}

int show_one(const OperationGuide& guide) {
    fmt::print("{}: {}\n\n{}\n{}{}\n{}", guide.name, guide.summary, argument_table(guide),
               cost_of(guide), report_of(guide.name), example_of(guide));
    return 0;
}

}  // namespace

int kernels(const std::string& name) {
    if (name.empty()) return show_all();
    if (const OperationGuide* guide = find_guide(name)) return show_one(*guide);
    std::vector<std::string> known;
    for (const auto& guide : operation_guides()) known.push_back(guide.name);
    fail<ConfigError>("no kernel '{}'{}", name, suggestion(name, known));
}

}  // namespace warpstep::cli
