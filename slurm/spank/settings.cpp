// SPDX-License-Identifier: Apache-2.0
#include "slurm/spank/settings.hpp"

#include "runtime/process/failure.hpp"
#include "slurm/spank/words.hpp"

namespace warpstep::spank {
namespace {

using process::Failure;

[[noreturn]] void refuse(const Assignment& said, const char* expected) {
    throw Failure(2, "bad value '" + std::string(said.value) + "' of '" + std::string(said.name) +
                         "' in plugstack.conf; write " + expected);
}

bool is_on(const Assignment& said) {
    if (said.value != "on" && said.value != "off") refuse(said, "on or off");
    return said.value == "on";
}

std::chrono::seconds seconds(const Assignment& said) {
    const auto number = parse_number(said.value);
    if (!number || *number < 1 || *number > 3600) refuse(said, "a number from 1 to 3600");
    return std::chrono::seconds(*number);
}

void apply(Settings& settings, const Assignment& said) {
    if (said.name == "warpstep") {
        if (said.value.empty() || said.value.front() != '/') refuse(said, "an absolute path");
        settings.program = said.value;
    } else if (said.name == "default") {
        settings.on_by_default = is_on(said);
    } else if (said.name == "prepend") {
        settings.may_prepend = is_on(said);
    } else if (said.name == "timeout") {
        settings.deadline = seconds(said);
    } else {
        throw Failure(2, "unknown word '" + std::string(said.name) +
                             "' in plugstack.conf (there are warpstep=, default=, prepend=, "
                             "timeout=)");
    }
}

}  // namespace

Settings parse_settings(const std::vector<std::string_view>& words) {
    Settings settings;
    for (const std::string_view word : words) apply(settings, split_assignment(word));
    if (settings.program.empty())
        throw Failure(2, "no program in plugstack.conf; write warpstep=/path/to/bin/warpstep");
    return settings;
}

}  // namespace warpstep::spank
