// SPDX-License-Identifier: Apache-2.0
#include "runtime/data/row_layout.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <limits>
#include <numeric>
#include <string>
#include <vector>

using namespace warpstep::data;

namespace {

struct Placed {
    std::vector<float> inputs, targets;
    bool operator==(const Placed&) const = default;
};

Placed room_for(std::int64_t rows, const RowLayout& layout) {
    return {std::vector<float>(static_cast<std::size_t>(rows * layout.features()), -1),
            std::vector<float>(static_cast<std::size_t>(rows), -1)};
}

std::vector<float> numbers(std::int64_t count) {
    std::vector<float> values(static_cast<std::size_t>(count));
    std::iota(values.begin(), values.end(), 1.0f);
    return values;
}

}  // namespace

TEST_CASE("row layout: rows placed together are the rows placed one by one, for every width") {
    constexpr std::int64_t rows = 5;
    for (std::int64_t columns = 1; columns <= 40; ++columns) {
        for (std::int64_t target = 0; target < columns; ++target) {
            for (const bool intercept : {false, true}) {
                INFO((fmt::format("{} columns, target {}, intercept {}", columns, target,
                                  intercept)));
                const RowLayout layout{columns, target, intercept, {}};
                const std::vector<float> values = numbers(rows * columns);
                Placed together = room_for(rows, layout), single = together;
                CHECK(place_rows(values.data(), rows, layout, together.inputs.data(),
                                 together.targets.data()));
                for (std::int64_t i = 0; i < rows; ++i) {
                    place_row(values.data() + i * columns, layout,
                              single.inputs.data() + i * layout.features(),
                              single.targets.data() + i);
                }
                CHECK((together == single));
            }
        }
    }
}

TEST_CASE(
    "row layout: what is not finite is seen wherever it stands, and the largest numbers are") {
    constexpr std::int64_t rows = 3, columns = 37;
    using Limits = std::numeric_limits<float>;
    for (const std::int64_t target : {0L, 17L, 36L}) {
        const RowLayout layout{columns, target, false, {}};
        Placed placed = room_for(rows, layout);
        for (std::size_t at = 0; at < rows * columns; ++at) {
            for (const float odd : {Limits::quiet_NaN(), -Limits::quiet_NaN(), Limits::infinity(),
                                    -Limits::infinity()}) {
                std::vector<float> values(rows * columns, Limits::max());
                values[at] = odd;
                CHECK_FALSE(place_rows(values.data(), rows, layout, placed.inputs.data(),
                                       placed.targets.data()));
                CHECK_FALSE(all_finite(values.data(), rows * columns));
                values[at] = Limits::lowest();
                CHECK(place_rows(values.data(), rows, layout, placed.inputs.data(),
                                 placed.targets.data()));
                CHECK(all_finite(values.data(), rows * columns));
            }
        }
    }
}
