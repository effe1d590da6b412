// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace warpstep::data {

/// Rows and columns of a table in a file.
struct TableShape {
    std::int64_t rows = 0, columns = 0;
    std::vector<std::string> names = {};  ///< of the columns; empty: they have none
};

/// Without reading the numbers: the header of an .npy, the lines of a .csv. Errors: ConfigError
/// when the file cannot be read or its header cannot be understood.
TableShape shape_of_table(const std::string& path);

}  // namespace warpstep::data
