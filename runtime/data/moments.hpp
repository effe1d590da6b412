// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "runtime/data/row_source.hpp"

namespace warpstep::data {

/// What is known of many numbers: how many, their mean, the sum of squared distances from it, and
/// the extremes.
/// Source: Chan, Golub, LeVeque (1979), updating formulae and a pairwise algorithm.
struct Moments {
    std::int64_t count = 0;
    double mean = 0, squares = 0, least = 0, most = 0;
};
Moments merged(const Moments& a, const Moments& b);

/// Of every column, in one pass over all rows; the result does not depend on the number of
/// threads. Errors: as RowSource::read().
std::vector<Moments> column_moments(const RowSource& source);

}  // namespace warpstep::data
