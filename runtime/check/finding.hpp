// SPDX-License-Identifier: Apache-2.0
// A rule's verdict on one subject.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace warpstep::check {

/// What a rule that fires does to the run.
enum class Severity { error, warning, information };
/// `unknown`: could not be measured, `evidence` says why. `skip`: does not apply.
enum class Verdict { pass, warn, fail, unknown, skip };
/// What the evidence needs.
enum class Privilege { user, root };
enum class Level { quick, standard, full };

std::string_view name_of(Severity severity);    ///< "error", "warning", "information"
std::string_view name_of(Verdict verdict);      ///< "PASS", "WARN", "FAIL", "UNKNOWN", "SKIP"
std::string_view name_of(Privilege privilege);  ///< "user", "root"
std::string_view name_of(Level level);          ///< "quick", "standard", "full"

/// Whom a verdict is about; empty where it does not apply. Neither node nor rank: the step.
struct Subject {
    std::string node;
    int rank = -1;
    std::string gpu_uuid, serial, pci;
    friend bool operator==(const Subject&, const Subject&) = default;
};
/// "GPU-1234… on n2", "rank 3 on n2", "n2", "the step"
std::string show(const Subject& subject);

struct Finding {
    std::string rule;
    Severity severity = Severity::information;
    Verdict verdict = Verdict::unknown;
    Subject subject;
    std::string measured, expected, unit;  ///< "" where there is no single figure
    std::string evidence;                  ///< one sentence: what was seen
    std::string fix;                       ///< what to type or do, "" for pass and skip
    std::string peers;                     ///< how the others compare: "median 2.97 TB/s of 8"
    /// UNKNOWN though its evidence could be read: it counts whatever privilege the rule names.
    bool was_read = false;
};

}  // namespace warpstep::check
