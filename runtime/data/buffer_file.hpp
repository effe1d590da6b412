// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "runtime/base/dtype.hpp"
#include "runtime/data/input_file.hpp"

namespace warpstep::data {

/// The first content of a buffer, `init: { file, offset }`: the elements of an NPY file in their
/// order, whatever its shape, or under any other ending raw little-endian elements.
class BufferFile {
  public:
    /// Opens the file and checks that it has `count` elements of this type from element `offset`
    /// on. Errors: ConfigError for a file that has not.
    BufferFile(const std::string& path, DType dtype, std::int64_t count, std::int64_t offset);

    /// Elements [begin, end) of the buffer to `to`; may be called from several threads at once.
    /// Errors: those of InputFile::read().
    void read(std::int64_t begin, std::int64_t end, void* to) const;

  private:
    InputFile file_;
    std::size_t element_bytes_;
    std::uint64_t data_at_ = 0;  ///< of the buffer's first element
};

}  // namespace warpstep::data
