// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <CLI/App.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "runtime/check/facts.hpp"
#include "runtime/check/finding.hpp"

namespace warpstep::cli {

struct CheckOptions {
    check::Level level = check::Level::quick;
    std::string format = "text";  ///< text, json, junit, prometheus, html or nagios
    std::string output;           ///< "": stdout
    bool verbose = false, strict = false, list = false;
    std::vector<std::string> ignored;  ///< ids of rules that are not judged
    std::vector<std::string> failing;  ///< ids of rules whose warnings fail
    std::string explained;             ///< an id
    bool page = false;                 ///< all rules as a Markdown page
    std::string facts_file, save_facts;
    std::string learn, baseline, floors;
    std::optional<std::string> watched_step;  ///< "48.0", "48"
    check::Intent intent;
    int local_ranks = 0;
    std::chrono::seconds meeting_timeout{20};
    std::string collects;      ///< what this child of a check collects: list, health, cuda
    std::string watched_pids;  ///< this is the watcher of exec --diagnose
    int watch_after_s = 10;
};

CLI::App* add_check(CLI::App& app, CheckOptions& options);

/// Judges the step that this process is a task of (collective over it), another one, or facts from
/// a file. 1 with a finding that fails, 3 when something that had to be measured could not be.
int check(const CheckOptions& options);

}  // namespace warpstep::cli
