// SPDX-License-Identifier: Apache-2.0
// A rule as a row of a table, and what its function writes its verdicts with.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "runtime/check/facts.hpp"
#include "runtime/check/finding.hpp"

namespace warpstep::check {

class Judge;

struct Rule {
    const char* id;        ///< "gpu-shared-by-ranks"; never changes, never is used again
    const char* family;    ///< the heading it stands under: "GPU visibility"
    Severity severity;     ///< what it is when it fires
    Privilege privilege;   ///< what its evidence needs
    Level level;           ///< from which level on it is judged
    const char* symptom;   ///< what the user sees, one line
    const char* cause;     ///< why, one or two sentences
    const char* evidence;  ///< what is compared with what
    const char* fix;       ///< what to type or do, where the finding does not say it more exactly
    /// Writes at least one finding. Reads the facts, nothing else; throws nothing on purpose.
    void (*judge)(const Facts& facts, Judge& judge);
};

/// A figure beside a verdict.
struct Figure {
    std::string measured, expected, unit;
    std::string peers = {};
};

/// Collects the findings of one rule.
class Judge {
  public:
    Judge(const Rule& rule, std::vector<Finding>& findings) : rule_(rule), findings_(findings) {}

    void pass(Subject subject, std::string evidence, Figure figure = {});
    /// The rule fires: FAIL for an error, WARN for a warning or an information. Without `fix` the
    /// rule's own.
    void fire(Subject subject, std::string evidence, Figure figure = {}, std::string fix = "");
    /// Fires as a warning though the rule's severity is error.
    void warn(Subject subject, std::string evidence, Figure figure = {}, std::string fix = "");
    /// Fires as an error though the rule's severity is less.
    void fail(Subject subject, std::string evidence, Figure figure = {}, std::string fix = "");
    void unknown(Subject subject, std::string why);
    /// UNKNOWN of what could be read, but is not understood: it counts also for those without the
    /// rule's privilege.
    void unclear(Subject subject, std::string evidence, std::string fix);
    void skip(std::string why, Subject subject = {});

    const Rule& rule() const { return rule_; }

  private:
    void add(Verdict verdict, Severity severity, Subject subject, std::string evidence,
             Figure figure, std::string fix);
    const Rule& rule_;
    std::vector<Finding>& findings_;
};

Subject subject_of(const RankFacts& rank);
Subject subject_of(const NodeFacts& node);
Subject subject_of(const NodeFacts& node, const GpuFacts& gpu);
Subject subject_of(const ProgramFacts& program);

}  // namespace warpstep::check
