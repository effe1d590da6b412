// SPDX-License-Identifier: Apache-2.0
// NumPy's file format: the text in front of the elements. Source: numpy.lib.format, "NPY format".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/dtype.hpp"
#include "runtime/data/input_file.hpp"

namespace warpstep::data {

struct NpyHeader {
    std::string type;                 ///< "<f4"
    std::vector<std::int64_t> shape;  ///< empty for a single number
    std::uint64_t data_at = 0;        ///< where the elements begin
    std::size_t element_bytes = 0;
    std::int64_t count() const;  ///< product of the shape
};

/// Versions 1 and 2, C order, numbers of up to 8 bytes, little endian. Errors: ConfigError for
/// anything else and for a file with fewer elements than its shape has.
NpyHeader read_npy_header(const InputFile& file);

/// Version 1, C order, padded so that the elements begin at a multiple of 64 bytes.
std::string npy_header(std::string_view type, const std::vector<std::int64_t>& shape);

/// What NPY calls a type: "<f4"; nothing for those NumPy does not know (bf16, f8e4m3).
std::optional<std::string_view> npy_type(DType type);

}  // namespace warpstep::data
