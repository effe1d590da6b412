// SPDX-License-Identifier: Apache-2.0
#include "runtime/lint/lint.hpp"

#include <algorithm>

#include "runtime/lint/lint_topics.hpp"

namespace warpstep::check::lint {

const std::vector<Topic>& topics() {
    static const std::vector<Topic> table = [] {
        std::vector<Topic> all = launch_topics();
        for (const Topic& topic : grant_topics()) all.push_back(topic);
        return all;
    }();
    return table;
}

std::vector<Remark> lint(const Script& script, const SlurmVersion& version) {
    std::vector<Remark> remarks;
    for (const Topic& topic : topics()) {
        const std::size_t before = remarks.size();
        topic.judge(script, version, remarks);
        for (std::size_t i = before; i < remarks.size(); ++i) remarks[i].id = topic.id;
    }
    std::stable_sort(remarks.begin(), remarks.end(),
                     [](const Remark& a, const Remark& b) { return a.line < b.line; });
    return remarks;
}

}  // namespace warpstep::check::lint
