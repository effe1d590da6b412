// SPDX-License-Identifier: Apache-2.0
#include "runtime/check/verdict.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <exception>

#include "runtime/check/rules.hpp"

namespace warpstep::check {

Judgement judge(const Facts& facts, const std::vector<const Rule*>& rules) {
    Judgement judgement;
    for (const Rule* rule : rules) {
        Judge writer(*rule, judgement);
        try {
            rule->walk.look(facts, writer);
        } catch (const std::exception& error) {
            writer.unknown({}, fmt::format("the rule could not be applied ({})", error.what()));
        }
        writer.close();
    }
    return judgement;
}

Judgement judge(const Facts& facts, Level level) {
    std::vector<const Rule*> chosen;
    for (const Rule& rule : rules()) {
        if (rule.level <= level) chosen.push_back(&rule);
    }
    return judge(facts, chosen);
}

ExitCode exit_code_of(const std::vector<Finding>& findings, bool strict) {
    bool unmeasured = false;
    for (const Finding& finding : findings) {
        if (finding.verdict == Verdict::fail) return ExitCode::failed;
        const bool warns =
            finding.verdict == Verdict::warn && finding.severity != Severity::information;
        if (strict && warns) return ExitCode::failed;
        const Rule* rule = find_rule(finding.rule);
        const bool measurable =
            rule == nullptr || rule->privilege == Privilege::user || finding.was_read;
        unmeasured = unmeasured || (finding.verdict == Verdict::unknown && measurable &&
                                    finding.severity == Severity::error);
    }
    return unmeasured ? ExitCode::no_verdict : ExitCode::passed;
}

}  // namespace warpstep::check
