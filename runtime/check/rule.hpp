// SPDX-License-Identifier: Apache-2.0
// A rule as a row of a table, and what its function writes its verdicts with.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "runtime/check/facts.hpp"
#include "runtime/check/finding.hpp"

namespace warpstep::check {

class Judge;

/// Whom a rule looks at, one after the other, and what it says of each. Functions that make one are
/// in rules/walks.hpp.
struct Walk {
    Kind over = Kind::step;
    /// The verdict is on the state of GPUs: one that passes shows that they are sound.
    bool is_state = false;
    /// Reads the facts, nothing else; throws nothing on purpose.
    std::function<void(const Facts& facts, Judge& judge)> look;
};

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
    Walk walk;
};

/// A figure beside a verdict.
struct Figure {
    std::string measured, expected, unit;
    std::string peers = {};
};

/// Collects the findings of one rule: what is said of each subject. They are put together for
/// people by check/fold.hpp, never by a rule.
class Judge {
  public:
    Judge(const Rule& rule, Judgement& judgement) : rule_(rule), judgement_(judgement) {}

    void pass(Subject subject, std::string evidence, Figure figure = {});
    /// The rule fires: FAIL for an error, WARN for a warning or an information. Without `fix` the
    /// rule's own.
    void fire(Subject subject, std::string evidence, Figure figure = {}, std::string fix = "");
    /// The same with Finding::common, for evidence that is worded differently on each subject.
    void fire(Subject subject, std::string common, std::string evidence, Figure figure,
              std::string fix = "");
    /// Fires as a warning though the rule's severity is error.
    void warn(Subject subject, std::string evidence, Figure figure = {}, std::string fix = "");
    void warn(Subject subject, std::string common, std::string evidence, Figure figure,
              std::string fix = "");
    /// Fires as an error though the rule's severity is less.
    void fail(Subject subject, std::string common, std::string evidence, Figure figure,
              std::string fix = "");
    void unknown(Subject subject, std::string why);
    /// UNKNOWN of what could be read, but is not understood: it counts also for those without the
    /// rule's privilege.
    void unclear(Subject subject, std::string common, std::string evidence, std::string fix);
    /// Kept when nothing else is said.
    void skip(std::string why);

    /// Nothing was said but what was skipped.
    bool is_silent() const;
    /// PASS about the step when the rule is silent: nothing of what it looks for was found.
    void pass_if_silent(std::string evidence);
    /// The same with SKIP.
    void skip_if_silent(std::string why);

    /// Writes what was counted. Once, when the rule has seen all.
    void close();

    const Rule& rule() const { return rule_; }

  private:
    Finding made(Verdict verdict, Severity severity, Subject subject, std::string evidence,
                 Figure figure, std::string fix) const;
    void add(Finding finding);
    Verdict own_verdict() const;
    std::string fix_or_own(std::string fix) const;

    const Rule& rule_;
    Judgement& judgement_;
    bool fired_ = false;
    struct Passed {
        Finding finding;       ///< of the first
        bool differs = false;  ///< whether the others have another evidence
    };
    std::vector<Passed> passed_;    ///< one for each kind of subject
    std::vector<Finding> skipped_;  ///< one for each reason
    std::vector<Finding> unknown_;
    std::map<std::string, std::size_t> places_;  ///< in `unknown_`, by node and reason
};

Subject subject_of(const RankFacts& rank);
Subject subject_of(const NodeFacts& node);
Subject subject_of(const NodeFacts& node, const GpuFacts& gpu);
Subject subject_of(const ProgramFacts& program);

}  // namespace warpstep::check
