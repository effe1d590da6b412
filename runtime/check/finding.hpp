// SPDX-License-Identifier: Apache-2.0
// A rule's verdict on one subject.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <utility>
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

/// What a rule looks at, and what a verdict is about.
enum class Kind { step, node, rank, gpu };
/// "2 GPUs", "1 rank"
std::string show_count(std::size_t count, Kind kind);

/// Whom a verdict is about, or where something was measured; empty where it does not apply. Neither
/// node nor rank: the step.
struct Subject {
    std::string node;
    int rank = -1;
    std::string gpu_uuid, serial, pci;
    Kind kind() const;
    friend bool operator==(const Subject&, const Subject&) = default;
};
/// "GPU-1234… on n2", "rank 3 on n2", "n2", "the step"
std::string show(const Subject& subject);

/// What fires is about one subject. What could not be measured for one reason is said once for each
/// node; what passes and what does not apply is counted.
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
    /// What it shares with others of its rule whose evidence differs: "Xid 79 since boot". "": the
    /// evidence, apart from its numbers and names.
    std::string common = {};
    int count = 1;           ///< of subjects; `evidence` is the first one's, `subject` what is
                             ///< the same for all
    Kind kind = Kind::step;  ///< of the subjects, where they are more than one
    /// Whom it is about.
    Kind about() const { return count > 1 ? kind : subject.kind(); }
    /// All subjects of an UNKNOWN that was said for several, none of others.
    std::vector<Subject> subjects = {};
};

/// GPUs: node, and UUID or, where it is not known, PCI address.
using GpuSet = std::set<std::pair<std::string, std::string>>;
std::pair<std::string, std::string> key_of(const Subject& gpu);

/// What the rules found.
struct Judgement {
    std::vector<Finding> findings;
    GpuSet decided;  ///< for which a rule about the state of GPUs could tell
};

}  // namespace warpstep::check
