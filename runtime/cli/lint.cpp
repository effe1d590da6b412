// SPDX-License-Identifier: Apache-2.0
#include "runtime/cli/lint.hpp"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <iostream>

#include "runtime/base/counted.hpp"
#include "runtime/base/error.hpp"
#include "runtime/base/file.hpp"
#include "runtime/lint/lint.hpp"
#include "runtime/process/child.hpp"

namespace warpstep::cli {
namespace {

using check::lint::Remark;
using check::lint::Weight;

constexpr check::SlurmVersion newest{25, 5, 0};

check::SlurmVersion version_for(const LintOptions& options, std::string& source) {
    if (!options.slurm_version.empty()) {
        source = "as asked for";
        const auto version = check::parse_slurm_version(options.slurm_version);
        if (!version)
            fail<ConfigError>("'{}' is no version of Slurm; type for example --slurm-version 23.11",
                              options.slurm_version);
        return *version;
    }
    const auto srun =
        process::run_child({{"srun", "--version"}, {}, {}, ""}, std::chrono::seconds(5));
    if (srun.ok()) {
        if (const auto version = check::parse_slurm_version(srun.output)) {
            source = "srun here";
            return *version;
        }
    }
    source = "no srun here; --slurm-version tells another";
    return newest;
}

std::string script_text(const std::string& file) {
    if (file != "-") return read_file(file);
    return read_stream(std::cin, "the standard input");
}

const char* name_of(Weight weight) {
    return weight == Weight::warning ? "warning" : "information";
}

void say(const std::string& file, const std::vector<Remark>& remarks) {
    for (const Remark& remark : remarks) {
        fmt::print("{}:{}: {}: {} [{}]\n    {}\n", file, remark.line, name_of(remark.weight),
                   remark.text, remark.id, remark.fix);
    }
}

nlohmann::json document_of(const std::string& file, const std::vector<Remark>& remarks) {
    nlohmann::json list = nlohmann::json::array();
    for (const Remark& remark : remarks) {
        list.push_back({{"file", file},
                        {"line", remark.line},
                        {"rule", remark.id},
                        {"severity", name_of(remark.weight)},
                        {"text", remark.text},
                        {"fix", remark.fix}});
    }
    return list;
}

}  // namespace

CLI::App* add_lint(CLI::App& app, LintOptions& options) {
    auto* command =
        app.add_subcommand("lint", "What will go wrong with an sbatch script, before it is sent");
    command->add_option("SCRIPT", options.files, "sbatch scripts, - for stdin")->required();
    command
        ->add_option("--slurm-version", options.slurm_version,
                     "judge for this version (that of srun here)")
        ->option_text("VERSION");
    command->add_flag("--json", options.json, "one JSON document instead of text");
    return command;
}

int lint(const LintOptions& options) {
    std::string source;
    const check::SlurmVersion version = version_for(options, source);
    nlohmann::json all = nlohmann::json::array();
    int warnings = 0, others = 0;
    for (const std::string& file : options.files) {
        const auto remarks =
            check::lint::lint(check::lint::read_script(script_text(file)), version);
        for (const Remark& remark : remarks)
            ++(remark.weight == Weight::warning ? warnings : others);
        if (!options.json) say(file, remarks);
        for (auto& remark : document_of(file, remarks)) all.push_back(remark);
    }
    if (options.json) {
        std::cout << nlohmann::json{{"schema", "warpstep.lint/1"},
                                    {"slurm_version", show(version)},
                                    {"remarks", all}}
                         .dump(1)
                  << "\n";
    } else {
        const std::string scripts = options.files.size() == 1
                                        ? options.files[0]
                                        : fmt::format("{} scripts", options.files.size());
        const std::string found = warnings + others == 0
                                      ? "nothing to say about " + scripts
                                      : fmt::format("{} and {} on {}", counted(warnings, "warning"),
                                                    counted(others, "remark"), scripts);
        fmt::print("{}, judged for Slurm {} ({})\n", found, show(version), source);
    }
    return static_cast<int>(warnings > 0 ? ExitCode::failed : ExitCode::passed);
}

}  // namespace warpstep::cli
