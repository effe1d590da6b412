// SPDX-License-Identifier: Apache-2.0
// The two textbook algorithms that the rules on locality are checked with.
#include <algorithm>
#include <limits>

#include "runtime/placement/inspect_facts.hpp"

namespace warpstep::placement::inspection {

int Flow::push(std::size_t node, std::size_t sink, int most, std::vector<bool>& seen) {
    if (node == sink) return most;
    seen[node] = true;
    for (std::size_t next = 0; next < room_.size(); ++next) {
        if (seen[next] || room_[node][next] == 0) continue;
        const int pushed = push(next, sink, std::min(most, room_[node][next]), seen);
        if (pushed == 0) continue;
        room_[node][next] -= pushed;
        room_[next][node] += pushed;
        return pushed;
    }
    return 0;
}

int Flow::run(int source, int sink) {
    int total = 0;
    for (;;) {
        std::vector<bool> seen(room_.size());
        const int pushed =
            push(static_cast<std::size_t>(source), static_cast<std::size_t>(sink), 1 << 30, seen);
        if (pushed == 0) return total;
        total += pushed;
    }
}

namespace {

/// Rows are placed one after the other, each along the shortest way at reduced costs. Rows and
/// columns count from 1; column 0 stands for the row that is being placed.
class Assignment {
  public:
    explicit Assignment(const std::vector<std::vector<Cost>>& cost)
        : cost_(cost),
          columns_(cost[0].size()),
          row_potential_(cost.size() + 1),
          column_potential_(columns_ + 1),
          row_of_(columns_ + 1) {
        for (std::size_t row = 1; row <= cost.size(); ++row) place(row);
    }

    Cost total() const {
        Cost total = 0;
        for (std::size_t j = 1; j <= columns_; ++j)
            if (row_of_[j] != 0) total += cost_[row_of_[j] - 1][j - 1];
        return total;
    }

  private:
    struct Search {
        std::vector<Cost> least;
        std::vector<std::size_t> came_from;
        std::vector<bool> done;
    };

    void place(std::size_t row) {
        constexpr Cost infinite = std::numeric_limits<Cost>::max() / 4;
        Search search{std::vector<Cost>(columns_ + 1, infinite),
                      std::vector<std::size_t>(columns_ + 1), std::vector<bool>(columns_ + 1)};
        std::size_t column = 0;
        for (row_of_[0] = row; row_of_[column] != 0;) column = advance(search, column);
        while (column != 0) {
            row_of_[column] = row_of_[search.came_from[column]];
            column = search.came_from[column];
        }
    }

    /// Settles a column and returns the one that is nearest next.
    std::size_t advance(Search& search, std::size_t column) {
        search.done[column] = true;
        const std::size_t i = row_of_[column];
        std::size_t next = 0;
        for (std::size_t j = 1; j <= columns_; ++j) {
            if (search.done[j]) continue;
            const Cost reduced = cost_[i - 1][j - 1] - row_potential_[i] - column_potential_[j];
            if (reduced < search.least[j]) {
                search.least[j] = reduced;
                search.came_from[j] = column;
            }
            if (next == 0 || search.least[j] < search.least[next]) next = j;
        }
        const Cost step = search.least[next];
        for (std::size_t j = 0; j <= columns_; ++j) {
            if (!search.done[j]) {
                search.least[j] -= step;
                continue;
            }
            row_potential_[row_of_[j]] += step;
            column_potential_[j] -= step;
        }
        return next;
    }

    const std::vector<std::vector<Cost>>& cost_;
    std::size_t columns_;
    std::vector<Cost> row_potential_, column_potential_;
    std::vector<std::size_t> row_of_;  ///< per column; 0: free
};

}  // namespace

Cost least_assignment(const std::vector<std::vector<Cost>>& cost) {
    return cost.empty() ? 0 : Assignment(cost).total();
}

}  // namespace warpstep::placement::inspection
