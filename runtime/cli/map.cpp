// SPDX-License-Identifier: Apache-2.0
// `warpstep map`: place and bind, read back, one table for the whole step.
#include "runtime/cli/map.hpp"

#include <unistd.h>

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstdio>
#include <iostream>

#include "runtime/base/file.hpp"
#include "runtime/cli/commands.hpp"
#include "runtime/cli/lead_options.hpp"
#include "runtime/cli/map_rows.hpp"
#include "runtime/report/placement_svg.hpp"
#include "runtime/report/stack_svg.hpp"

namespace warpstep::cli {
namespace {

std::string text_of(const report::StepMap& map, const MapOptions& options) {
    if (options.format == "json") return map_json(map);
    if (options.format == "table")
        return map_table(map, options.output.empty() && ::isatty(STDOUT_FILENO));
    std::vector<std::string> pictures;
    for (const report::MapNode& node : map.nodes) pictures.push_back(node.picture);
    return report::stack_svg(pictures);
}

int say(const report::StepMap& map, const MapOptions& options) {
    const std::string text = text_of(map, options);
    if (options.output.empty())
        std::cout << text << std::flush;
    else
        write_file_atomically(options.output, text);
    return static_cast<int>(verdict_of(map) == report::Verdict::bad ? ExitCode::failed
                                                                    : ExitCode::passed);
}

/// Followers are not needed for the rest: a bad verdict ends this task only, which is enough.
void bind_here(const MapOptions& options, Led& led) {
    if (!options.as_is) bind_all(led);
    led.party.end(0);
}

int map_together(const MapOptions& options, Led& led) {
    report::MapNode mine =
        map_node({led.node, led.request, led.placement, led.party.tasks(), led.step.node_name(),
                  options.as_is, options.strict, options.lead.explain});
    if (options.format == "svg")
        mine.picture = report::placement_svg({{{led.step.node_name()}, led.node, led.placement}});
    auto& channel = *led.leaders.channel;
    const auto blobs = channel.gather(encode(mine), led.deadline);
    int code = 0;
    if (led.leaders.step.rank == 0) {
        report::StepMap whole{
            led.step.job_id, led.step.step_id, version_text(), {}, !options.as_is};
        for (const std::string& blob : blobs) whole.nodes.push_back(report::decode_map_node(blob));
        code = say(whole, options);
    }
    code = channel.agree(code, led.deadline);
    channel.close(led.deadline);
    return code;
}

}  // namespace

CLI::App* add_map(CLI::App& app, MapOptions& options) {
    auto* command = app.add_subcommand(
        "map", "Who has what in this step: GPU, cores, memory, NIC, distance, verdict");
    add_lead_options(*command, options.lead);
    command->add_flag("--as-is", options.as_is, "bind nothing: show what the launcher did");
    command->add_flag("--strict", options.strict, "exceptions are bad, too");
    command->add_option("--format", options.format, "table (default), json or svg")
        ->check(CLI::IsMember({"table", "json", "svg"}))
        ->option_text("FORMAT");
    command->add_option("--output", options.output, "write to FILE instead of stdout")
        ->option_text("FILE");
    return command;
}

int map(const MapOptions& options) {
    return lead(options.lead, {[&](Led& led) { bind_here(options, led); },
                               [&](Led& led) { return map_together(options, led); }});
}

}  // namespace warpstep::cli
