// SPDX-License-Identifier: Apache-2.0
// Tables of numbers from files.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace warpstep::execution {

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

/// By the file's ending. Errors: ConfigError "file:line: problem"; every value must be a finite
/// number.
Table read_table(const std::string& path);

/// Comma-separated numbers under one line of column names. Quotes are not part of this format.
Table parse_csv(const std::string& text, const std::string& path);

/// NumPy's format, versions 1 and 2, C order, f4 f8 i4 i8 little endian, one or two dimensions.
/// Source: numpy.lib.format, "NPY format".
Table parse_npy(const std::string& bytes, const std::string& path);

}  // namespace warpstep::execution
