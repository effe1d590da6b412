// SPDX-License-Identifier: Apache-2.0
#include "runtime/cli/plan.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "runtime/base/error.hpp"
#include "runtime/base/file.hpp"
#include "runtime/cli/plan_nodes.hpp"
#include "runtime/cli/plan_self_test.hpp"
#include "runtime/placement/document.hpp"
#include "runtime/placement/explain.hpp"
#include "runtime/report/placement_gres.hpp"
#include "runtime/report/placement_srun.hpp"
#include "runtime/report/placement_svg.hpp"
#include "runtime/report/placement_table.hpp"

namespace warpstep::cli {
namespace {

std::string reasons(const report::PlacedNodes& nodes, const placement::Request& request) {
    std::string text = "\nwhy:\n";
    const auto sentences = placement::explain(nodes.node, request, nodes.placement);
    for (std::size_t rank = 0; rank < sentences.size(); ++rank) {
        std::string head = std::to_string(rank);
        for (const auto& sentence : sentences[rank]) {
            text += fmt::format("{:>4}  {}\n", head, sentence);
            head.clear();
        }
    }
    return text;
}

std::string table_of(const PlannedStep& step, bool explain, bool colours) {
    std::string text;
    for (std::size_t i = 0; i < step.groups.size(); ++i) {
        text += report::placement_table(step.groups[i], colours);
        if (explain) text += reasons(step.groups[i], step.requests[i]);
        text += "\n";
    }
    text += report::srun_flags(step.groups);
    const std::string gres = report::gres_lines(step.groups);
    return gres.empty() ? text : text + "\n" + gres;
}

std::string json_of(const PlannedStep& step) {
    std::vector<placement::DocumentNode> kinds;
    for (const auto& group : step.groups)
        kinds.push_back(placement::describe("", group.node, group.placement));
    std::vector<placement::DocumentNode> nodes;
    for (const std::size_t group : step.group_of_node) {
        nodes.push_back(kinds[group]);
        nodes.back().name = fmt::format("n{}", nodes.size());
    }
    std::string text = placement::to_json(nodes);
    if (text.empty() || text.back() != '\n') text += "\n";
    return text;
}

std::string text_of(const PlanOptions& options, const PlannedStep& step) {
    switch (options.format) {
        case PlanFormat::json:
            return json_of(step);
        case PlanFormat::svg:
            return report::placement_svg(step.groups);
        case PlanFormat::table:
            break;
    }
    return table_of(step, options.explain, options.output.empty() && ::isatty(STDOUT_FILENO) == 1);
}

void write(const std::string& text, const std::string& path) {
    if (!path.empty()) return write_file_atomically(path, text);
    if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() || std::fflush(stdout) != 0)
        fail<EnvironmentError>("cannot write to stdout ({})", std::strerror(errno));
}

}  // namespace

int plan(const PlanOptions& options) {
    if (options.explain && options.format != PlanFormat::table)
        fail<ConfigError>("--explain belongs to the table (--format {} has no place for it)",
                          options.format == PlanFormat::json ? "json" : "svg");
    if (!options.self_test.empty()) {
        const SelfTest test = self_test(options);
        write(test.text, "");
        return static_cast<int>(test.violations == 0 ? ExitCode::passed : ExitCode::failed);
    }
    write(text_of(options, plan_step(options)), options.output);
    return static_cast<int>(ExitCode::passed);
}

}  // namespace warpstep::cli
