// SPDX-License-Identifier: Apache-2.0
// One finding for what many ranks, nodes or GPUs have in common, so that a step of a thousand ranks
// says it once.
#pragma once

#include <string>
#include <vector>

#include "runtime/check/rule.hpp"

namespace warpstep::check {

/// Takes what a rule says about each subject and writes it when `write` is called. Subjects with
/// the same verdict and the same fix are one finding if they are more than a few, or all that were
/// judged; it then shows the first one's evidence and figure and names the others. What passes or
/// is unknown is always put together; skips are written only when nothing else was said.
class Census {
  public:
    Census(const Facts& facts, Judge& judge) : facts_(facts), judge_(judge) {}

    void pass(Subject subject, std::string evidence, Figure figure = {});
    void fire(Subject subject, std::string evidence, Figure figure = {}, std::string fix = "");
    void warn(Subject subject, std::string evidence, Figure figure = {}, std::string fix = "");
    void unknown(Subject subject, std::string why);
    void skip(std::string why);

    void write();

  private:
    enum class Said { fire, warn, unknown, pass };
    struct Case {
        Subject subject;
        std::string evidence;
        Figure figure;
    };
    struct Group {
        Said said;
        std::string fix;
        std::vector<Case> cases;
    };

    void add(Said said, Case one, std::string fix);
    void write(const Group& group);
    void say(Said said, const Case& one, const std::string& fix);
    Case together(const std::vector<Case>& cases) const;

    const Facts& facts_;
    Judge& judge_;
    std::vector<Group> groups_;
    std::vector<std::string> skips_;
    std::size_t judged_ = 0;
};

/// "ranks 0-7 on n1", "n1, n2, n3 and 2 more nodes", "GPU-… on n1, …". Not for none; the same one
/// again, right behind itself, counts once.
std::string show(const std::vector<Subject>& subjects, const Facts& facts);

}  // namespace warpstep::check
