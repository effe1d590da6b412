// SPDX-License-Identifier: Apache-2.0
// `needs:` leads from a step to earlier ones of its list, so it cannot go round in a circle.
#include <unordered_map>

#include "runtime/base/text.hpp"
#include "runtime/workload/load_sections.hpp"

namespace warpstep::workload {
namespace {

class NeedCheck {
  public:
    NeedCheck(const std::vector<Step>& steps, const LoadContext& context)
        : steps_(steps), context_(context) {}

    void run() {
        for (std::size_t i = 0; i < steps_.size(); ++i) places_.emplace(steps_[i].name, i);
        for (std::size_t i = 0; i < steps_.size(); ++i) {
            for (const Need& need : steps_[i].needs) check(i, need);
        }
    }

  private:
    void check(std::size_t step, const Need& need) const {
        const auto found = places_.find(need.step);
        if (found == places_.end()) refuse_unknown(step, need);
        if (found->second < step) return;
        const std::string& name = steps_[step].name;
        if (found->second == step) {
            fail_at(need.mark, "step '{}' cannot need itself; name an earlier step or remove it",
                    name);
        }
        if (const Need* back = way_back(found->second, step)) {
            fail_at(need.mark,
                    "a cycle in 'needs' ('{}' needs '{}', which needs it through '{}' in line {}); "
                    "remove one of them",
                    name, need.step, back->step, back->mark.line);
        }
        fail_at(need.mark, "'{}' needs '{}', which comes later (line {}); move that step before it",
                name, need.step, steps_[found->second].mark.line);
    }

    // The first need on a path from one step to another, or nullptr.
    const Need* way_back(std::size_t from, std::size_t to) const {
        std::vector<bool> seen(steps_.size(), false);
        for (const Need& need : steps_[from].needs) {
            const auto found = places_.find(need.step);
            if (found != places_.end() && reaches(found->second, to, seen)) return &need;
        }
        return nullptr;
    }

    bool reaches(std::size_t from, std::size_t to, std::vector<bool>& seen) const {
        std::vector<std::size_t> open{from};
        while (!open.empty()) {
            const std::size_t step = open.back();
            open.pop_back();
            if (step == to) return true;
            if (seen[step]) continue;
            seen[step] = true;
            for (const Need& need : steps_[step].needs) {
                if (const auto next = places_.find(need.step); next != places_.end())
                    open.push_back(next->second);
            }
        }
        return false;
    }

    [[noreturn]] void refuse_unknown(std::size_t before, const Need& need) const {
        if (context_.step_names.count(need.step) != 0) {
            fail_at(need.mark,
                    "step '{}' stands in another list ('needs' names steps beside it); name the "
                    "container or move the step",
                    need.step);
        }
        std::vector<std::string> names;
        for (std::size_t i = 0; i < before; ++i) names.push_back(steps_[i].name);
        fail_at(need.mark, "unknown step '{}'{}", need.step, suggestion(need.step, names));
    }

    const std::vector<Step>& steps_;
    const LoadContext& context_;
    std::unordered_map<std::string, std::size_t> places_;
};

}  // namespace

void check_needs(const std::vector<Step>& steps, const LoadContext& context) {
    NeedCheck(steps, context).run();
}

}  // namespace warpstep::workload
