// SPDX-License-Identifier: Apache-2.0
// Tables of numbers as text, held in memory.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "runtime/data/row_source.hpp"

namespace warpstep::data {

/// Rows of numbers, row-major.
struct Table {
    std::int64_t rows = 0;
    std::int64_t columns = 0;
    std::vector<std::string> names;  ///< of the columns; empty when the file has none
    std::vector<double> values;

    double at(std::int64_t row, std::int64_t column) const {
        return values[static_cast<std::size_t>(row * columns + column)];
    }
};

/// Largest CSV file, in bytes: it is parsed as a whole.
constexpr std::uint64_t largest_csv = std::uint64_t{256} << 20;

/// Errors: ConfigError "file:line: problem"; every value must be a finite number. A file above
/// largest_csv is refused.
Table read_csv(const std::string& path);

/// Comma-separated numbers under one line of column names. Quotes are not part of this format.
Table parse_csv(const std::string& text, const std::string& path);

std::unique_ptr<RowSource> rows_of(Table table);

}  // namespace warpstep::data
