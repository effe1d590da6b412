// SPDX-License-Identifier: Apache-2.0
// A rule's verdicts on many GPUs, nodes or ranks, gathered so that what they share is said once.
#pragma once

#include <string>
#include <vector>

#include "runtime/check/rule.hpp"

namespace warpstep::check {

class Tally {
  public:
    /// `text` is the whole evidence: subjects with the same one are written together.
    void pass(Subject subject, const std::string& text);
    void unknown(Subject subject, const std::string& text);
    void skip(Subject subject, const std::string& text);
    /// Judge::unclear. `kind`, `evidence` and `fix` as for fire.
    void unclear(Subject subject, std::string kind, std::string evidence, std::string fix);

    /// The rule fires on `subject`, as its severity says. `kind` is what it shares with others
    /// ("a remapped row waits for a reset") and `evidence` what was seen on it, figures included.
    /// Those written together share a `fix` that differs in the GPU's UUID only; another that
    /// differs gives way to the rule's own.
    void fire(Subject subject, std::string kind, std::string evidence, Figure figure = {},
              std::string fix = "");
    /// The same as a warning, or as an error, whatever the rule's severity.
    void warn(Subject subject, std::string kind, std::string evidence, Figure figure = {},
              std::string fix = "");
    void fail(Subject subject, std::string kind, std::string evidence, Figure figure = {},
              std::string fix = "");

    /// One finding when all subjects share a verdict or all of a node do, one for the step when
    /// more than `few` do, else one for each.
    void write(Judge& judge) const;

    static constexpr std::size_t few = 8;

  private:
    enum class Mode { pass, fire, warn, fail, unknown, unclear, skip };
    struct Entry {
        Mode mode;
        Subject subject;
        std::string kind, evidence;
        Figure figure;
        std::string fix;
    };
    using Group = std::vector<const Entry*>;

    std::size_t judged_like(const Subject& subject, const std::string& node) const;
    void write_group(const Group& group, Judge& judge) const;
    void write_wholes(const Group& group, Judge& judge) const;
    void write_parts(const std::vector<Group>& parts, Judge& judge) const;
    static std::vector<Group> by_node(const Group& group);
    static std::string common_fix(const Group& group);
    static std::string with_uuid(const Entry& entry, const std::string& other);
    static void write_together(const Group& group, const Subject& subject, const std::string& whom,
                               Judge& judge);
    static void write_finding(const Entry& entry, Judge& judge);

    std::vector<Entry> entries_;
};

}  // namespace warpstep::check
