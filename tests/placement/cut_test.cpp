// SPDX-License-Identifier: Apache-2.0
#include "runtime/placement/cut.hpp"

#include <doctest/doctest.h>

#include "runtime/base/error.hpp"

using warpstep::placement::Block;
using warpstep::placement::cut_row;

namespace {

/// "0+3 3+2": first and size of each block.
std::string shown(const std::vector<Block>& blocks) {
    std::string text;
    for (const Block& block : blocks)
        text += (text.empty() ? "" : " ") + std::to_string(block.first) + "+" +
                std::to_string(block.size);
    return text;
}

}  // namespace

TEST_CASE("placement: a row without boundaries is cut evenly, the first blocks larger") {
    CHECK(shown(cut_row({0, 0, 0, 0, 0, 0}, 7, {3, 2, 3})) == "0+3 3+2 5+2");
    CHECK(shown(cut_row({}, 1, {1, 1, 1})) == "0+1");
}

TEST_CASE("placement: the larger blocks go where they save a boundary") {
    // Three things, the boundary after the first or after the second.
    CHECK(shown(cut_row({1, 0}, 3, {2, 1, 2})) == "0+1 1+2");
    CHECK(shown(cut_row({0, 1}, 3, {2, 1, 2})) == "0+2 2+1");
    // The dearer boundary is kept when both cannot be.
    CHECK(shown(cut_row({0, 1, 4, 0, 0, 0}, 7, {2, 3, 4})) == "0+3 3+4");
}

TEST_CASE("placement: things are skipped only to save a boundary") {
    CHECK(shown(cut_row({0, 0, 0, 1, 0, 0, 0}, 8, {2, 3, 3, true})) == "0+3 4+3");
    CHECK(shown(cut_row({0, 0, 0, 0, 0, 0, 0}, 8, {2, 3, 3, true})) == "0+3 3+3");
}

TEST_CASE("placement: sizes that do not fit the row are our own mistake") {
    CHECK_THROWS_AS(cut_row({0, 0}, 3, {2, 1, 1}), warpstep::LogicError);
    CHECK_THROWS_AS(cut_row({0, 0}, 3, {2, 2, 2, true}), warpstep::LogicError);
}
