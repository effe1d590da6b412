// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "runtime/data/row_source.hpp"

namespace warpstep::data {

/// The rows of an NPY file of f4, f8, i4 or i8 with one or two dimensions. Only the rows that are
/// asked for are read, when they are asked for; the memory it takes does not depend on the file.
/// Errors: ConfigError for another file.
std::unique_ptr<RowSource> open_npy_rows(const std::string& path);

}  // namespace warpstep::data
