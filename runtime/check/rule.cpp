// SPDX-License-Identifier: Apache-2.0
#include "runtime/check/rule.hpp"

namespace warpstep::check {

void Judge::add(Verdict verdict, Severity severity, Subject subject, std::string evidence,
                Figure figure, std::string fix) {
    findings_.push_back({rule_.id, severity, verdict, std::move(subject),
                         std::move(figure.measured), std::move(figure.expected),
                         std::move(figure.unit), std::move(evidence), std::move(fix),
                         std::move(figure.peers), false});
}

void Judge::pass(Subject subject, std::string evidence, Figure figure) {
    add(Verdict::pass, rule_.severity, std::move(subject), std::move(evidence), std::move(figure),
        "");
}

void Judge::fire(Subject subject, std::string evidence, Figure figure, std::string fix) {
    const Verdict verdict = rule_.severity == Severity::error ? Verdict::fail : Verdict::warn;
    add(verdict, rule_.severity, std::move(subject), std::move(evidence), std::move(figure),
        fix.empty() ? rule_.fix : std::move(fix));
}

void Judge::warn(Subject subject, std::string evidence, Figure figure, std::string fix) {
    add(Verdict::warn, Severity::warning, std::move(subject), std::move(evidence),
        std::move(figure), fix.empty() ? rule_.fix : std::move(fix));
}

void Judge::fail(Subject subject, std::string evidence, Figure figure, std::string fix) {
    add(Verdict::fail, Severity::error, std::move(subject), std::move(evidence), std::move(figure),
        fix.empty() ? rule_.fix : std::move(fix));
}

void Judge::unknown(Subject subject, std::string why) {
    add(Verdict::unknown, rule_.severity, std::move(subject), std::move(why), {}, rule_.fix);
}

void Judge::unclear(Subject subject, std::string evidence, std::string fix) {
    add(Verdict::unknown, rule_.severity, std::move(subject), std::move(evidence), {},
        fix.empty() ? rule_.fix : std::move(fix));
    findings_.back().was_read = true;
}

void Judge::skip(std::string why, Subject subject) {
    add(Verdict::skip, rule_.severity, std::move(subject), std::move(why), {}, "");
}

Subject subject_of(const RankFacts& rank) {
    return {rank.node, rank.rank, "", "", ""};
}

Subject subject_of(const NodeFacts& node) {
    return {node.name, -1, "", "", ""};
}

Subject subject_of(const NodeFacts& node, const GpuFacts& gpu) {
    return {node.name, -1, gpu.uuid, gpu.serial, gpu.pci};
}

Subject subject_of(const ProgramFacts& program) {
    return {program.node, program.rank, "", "", ""};
}

}  // namespace warpstep::check
