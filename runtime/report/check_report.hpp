// SPDX-License-Identifier: Apache-2.0
// What `warpstep check` found, and how it is said in each format.
#pragma once

#include <ctime>
#include <string>
#include <vector>

#include "runtime/check/facts.hpp"
#include "runtime/check/finding.hpp"
#include "runtime/check/rule.hpp"

namespace warpstep::report {

struct CheckReport {
    std::string answer;  ///< one sentence that stands before everything else
    std::vector<check::Finding> findings;
    check::GpuSet decided;                ///< Judgement::decided
    const check::Facts* facts = nullptr;  ///< not owned; nullptr: nothing was found out
    check::Level level = check::Level::quick;
    std::string job, step;         ///< of Slurm, "" outside it
    std::string warpstep;          ///< version
    std::time_t date = 0;          ///< seconds since 1970
    double seconds = 0;            ///< it took
    int exit_code = 0;             ///< of the process
    std::string degraded_because;  ///< why not all ranks came together, "" when they did
};

struct CheckStyle {
    bool colours = false;  ///< of a terminal, in texts for people
    bool verbose = false;  ///< lists what passed and every subject of what fires
};

/// The report as "text", "json", "junit", "prometheus", "html" or "nagios". Errors: ConfigError for
/// another format.
std::string show(const CheckReport& report, const std::string& format, CheckStyle style = {});

/// The exit code of a monitoring plugin: 0 ok, 1 warning, 2 critical, 3 unknown. Source: Monitoring
/// Plugins Development Guidelines, "Plugin Return Codes".
int nagios_code(const CheckReport& report);

/// docs/troubleshooting.md: every rule under its family, with symptom, cause, evidence and fix.
std::string troubleshooting_page(const std::vector<check::Rule>& rules);
/// One row for each rule.
std::string check_list(const std::vector<check::Rule>& rules, bool colours);
/// One rule in full.
std::string check_explain(const check::Rule& rule);

}  // namespace warpstep::report
