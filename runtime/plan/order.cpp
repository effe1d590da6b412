// SPDX-License-Identifier: Apache-2.0
#include "runtime/plan/order.hpp"

#include <algorithm>
#include <optional>
#include <unordered_map>

#include "runtime/base/error.hpp"
#include "runtime/base/text.hpp"

namespace warpstep::plan {
namespace {

using workload::Step;
using Steps = std::vector<Step>;
using Indices = std::unordered_map<std::string, std::size_t>;

Indices indices_of(const Steps& steps) {
    Indices indices;
    for (std::size_t i = 0; i < steps.size(); ++i) indices.emplace(steps[i].name, i);
    return indices;
}

// Looks for a way from a step that stands too low back to the one that needs it.
class CycleSearch {
  public:
    CycleSearch(const Steps& steps, const Indices& indices)
        : steps_(steps), indices_(indices), previous_(steps.size()), reached_by_(steps.size()) {
        std::unordered_map<std::string, std::size_t> last;
        for (std::size_t i = 0; i < steps.size(); ++i) {
            const auto [it, is_first] = last.emplace(stream_of(steps[i]), i);
            if (!is_first) previous_[i] = std::exchange(it->second, i);
        }
    }

    /// "'b' needs 'c' (f.yaml:7:3), 'c' needs 'a' (f.yaml:9:3)", or "" when there is no way.
    std::string path(std::size_t from, std::size_t to) {
        std::vector<std::size_t> open{from};
        reached_by_[from] = Edge{};
        while (!open.empty()) {
            const std::size_t at = open.back();
            open.pop_back();
            if (at == to) return text(from, to);
            for (const auto& need : steps_[at].needs) {
                if (const auto it = indices_.find(need.step); it != indices_.end()) {
                    reach(open, it->second, {at, &need});
                }
            }
            if (previous_[at]) reach(open, *previous_[at], {at, nullptr});
        }
        return "";
    }

  private:
    struct Edge {
        std::size_t from = 0;
        const workload::Need* need = nullptr;  ///< nullptr: by the order of the stream
    };

    void reach(std::vector<std::size_t>& open, std::size_t step, Edge edge) {
        if (reached_by_[step]) return;
        reached_by_[step] = edge;
        open.push_back(step);
    }

    std::string text(std::size_t from, std::size_t to) const {
        std::vector<std::string> pieces;
        for (std::size_t at = to; at != from; at = reached_by_[at]->from) {
            const Edge& edge = *reached_by_[at];
            const Step& later = steps_[edge.from];
            const std::string& stream = stream_of(later);
            pieces.push_back(
                edge.need != nullptr
                    ? fmt::format("'{}' needs '{}' ({})", later.name, steps_[at].name,
                                  show(edge.need->mark))
                    : fmt::format("'{}' comes after '{}' on {}", later.name, steps_[at].name,
                                  stream.empty() ? "the default stream" : "stream " + stream));
        }
        std::reverse(pieces.begin(), pieces.end());
        return join(pieces, ", ");
    }

    const Steps& steps_;
    const Indices& indices_;
    std::vector<std::optional<std::size_t>> previous_;
    std::vector<std::optional<Edge>> reached_by_;
};

[[noreturn]] void refuse_later(const Steps& steps, const Indices& indices, std::size_t step,
                               const workload::Need& need) {
    const Step& later = steps[indices.at(need.step)];
    const std::string back = CycleSearch(steps, indices).path(indices.at(need.step), step);
    if (!back.empty()) {
        fail<ConfigError>(
            "{}: steps wait for each other ('{}' needs '{}', {}); remove one of "
            "these needs",
            show(need.mark), steps[step].name, later.name, back);
    }
    fail<ConfigError>(
        "{}: step '{}' needs '{}', which stands below it at {} (needs name steps above); move '{}' "
        "up",
        show(need.mark), steps[step].name, later.name, show(later.mark), later.name);
}

std::size_t index_of(const Steps& steps, const Indices& indices, std::size_t step,
                     const workload::Need& need) {
    const auto it = indices.find(need.step);
    if (it == indices.end()) {
        std::vector<std::string> above;
        for (std::size_t i = 0; i < step; ++i) above.push_back(steps[i].name);
        fail<ConfigError>("{}: step '{}' needs '{}', which is no step of the same list{}",
                          show(need.mark), steps[step].name, need.step,
                          suggestion(need.step, above));
    }
    if (it->second == step) {
        fail<ConfigError>("{}: step '{}' needs itself; remove it from needs", show(need.mark),
                          need.step);
    }
    if (it->second > step) refuse_later(steps, indices, step, need);
    return it->second;
}

void check_lists(const Steps& steps) {
    const Order order(steps);
    for (const Step& step : steps) check_lists(step.steps);
}

}  // namespace

const std::string& stream_of(const Step& step) {
    static const std::string default_stream;
    return step.run.empty() ? default_stream : step.stream;
}

Order::Order(const Steps& steps) : stream_(steps.size()), predecessors_(steps.size()) {
    const Indices indices = indices_of(steps);
    std::unordered_map<std::string, std::size_t> streams;
    std::vector<std::size_t> lengths, last;
    for (std::size_t i = 0; i < steps.size(); ++i) {
        const std::size_t s = streams.emplace(stream_of(steps[i]), streams.size()).first->second;
        stream_[i] = s;
        if (s == lengths.size()) {
            lengths.push_back(0);
            last.push_back(i);
        } else {
            predecessors_[i].push_back(last[s]);
        }
        position_.push_back(lengths[s]++);
        last[s] = i;
        for (const auto& need : steps[i].needs) {
            predecessors_[i].push_back(index_of(steps, indices, i, need));
        }
    }
    streams_ = streams.size();
    clocks_.resize(steps.size() * streams_);
    for (std::size_t i = 0; i < steps.size(); ++i) {
        std::size_t* mine = &clocks_[i * streams_];
        for (const std::size_t earlier : predecessors_[i]) {
            for (std::size_t s = 0; s < streams_; ++s) {
                mine[s] = std::max(mine[s], clocks_[earlier * streams_ + s]);
            }
            mine[stream_[earlier]] = std::max(mine[stream_[earlier]], position_[earlier] + 1);
        }
    }
}

double critical_path(const Steps& steps, const std::vector<double>& seconds) {
    const Order order(steps);
    std::vector<double> end(steps.size());
    double longest = 0;
    for (std::size_t i = 0; i < steps.size(); ++i) {
        double begin = 0;
        for (const std::size_t earlier : order.predecessors(i)) {
            begin = std::max(begin, end[earlier]);
        }
        end[i] = begin + seconds[i];
        longest = std::max(longest, end[i]);
    }
    return longest;
}

void check_order(const workload::Workload& workload) {
    check_lists(workload.steps);
}

}  // namespace warpstep::plan
