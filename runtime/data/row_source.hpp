// SPDX-License-Identifier: Apache-2.0
// Rows of numbers, wherever they are: in memory, in a file, or made when they are asked for.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "runtime/data/row_layout.hpp"

namespace warpstep::data {

/// Every function may be called from several threads at once.
class RowSource {
  public:
    virtual ~RowSource() = default;
    virtual std::int64_t rows() const = 0;
    virtual std::int64_t columns() const = 0;               ///< the target included
    virtual const std::vector<std::string>& names() const;  ///< of the columns; empty: none
    /// Whether it holds all rows in memory already.
    virtual bool in_memory() const { return false; }

    /// Rows [begin, end) with all columns. Errors: ConfigError for a number that is not finite,
    /// with file and row; EnvironmentError when they cannot be read.
    virtual void read(std::int64_t begin, std::int64_t end, double* to) const = 0;
    /// These rows, laid out: inputs [count, features], targets [count]. Errors: as read().
    virtual void gather(const std::int64_t* rows, std::int64_t count, const RowLayout& layout,
                        float* inputs, float* targets) const = 0;
};

/// By the file's ending, .npy or else CSV. Errors: ConfigError "file:line: problem".
std::unique_ptr<RowSource> open_rows(const std::string& path);

}  // namespace warpstep::data
