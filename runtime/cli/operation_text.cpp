// SPDX-License-Identifier: Apache-2.0
#include "runtime/cli/operation_text.hpp"

#include <fmt/format.h>

#include "runtime/base/text.hpp"

namespace warpstep::cli {

using plan::OperationArgument;
using plan::OperationRow;

std::string_view role_of(const OperationArgument& argument) {
    using Role = OperationArgument::Role;
    switch (argument.role) {
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

std::string shape_of(const OperationArgument& argument) {
    if (argument.shape.empty()) return "";
    return fmt::format("[{}]", join(split(argument.shape, ' '), ", "));
}

// The first word is the default of a kernel.
std::string note_of(const OperationRow& row, const OperationArgument& argument) {
    if (argument.words.empty()) return argument.note;
    std::string text = join(argument.words, ", ");
    if (row.kernel != nullptr) text += "; default " + argument.words.front();
    return argument.note.empty() ? text : text + "; " + argument.note;
}

std::string cost_of(const OperationRow& row) {
    const bool is_message = row.collective && row.flops == "0" && row.bytes != "0";
    std::string text = fmt::format("bytes: {}{}\nflops: {}\n", row.bytes,
                                   is_message ? ", the message" : "", row.flops);
    if (row.bytes.find("size") != std::string::npos) {
        text += "of one launch; size: bytes of one element\n";
    }
    if (row.collective) text += "collective: every rank takes part, or its group\n";
    return text;
}

std::string existence_of(const workload::Metric& metric) {
    std::string text(workload::show(metric.when));
    if (metric.no_value.empty()) return text;
    return text + (text.empty() ? "" : ", ") + "none where " + metric.no_value;
}

}  // namespace warpstep::cli
