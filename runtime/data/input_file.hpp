// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

namespace warpstep::data {

/// A file that is read in pieces, from any thread at once. Read, not mapped: a mapped page costs a
/// fault where a read costs a copy, counts as the rank's memory, and kills the rank when the file
/// is cut off meanwhile.
class InputFile {
  public:
    /// Errors: ConfigError that names the path and the system's reason.
    explicit InputFile(std::string path);
    ~InputFile();
    InputFile(const InputFile&) = delete;
    InputFile& operator=(const InputFile&) = delete;

    const std::string& path() const { return path_; }
    std::uint64_t bytes() const { return bytes_; }  ///< when it was opened
    /// Bytes [offset, offset + count) to `to`. Errors: ConfigError when the file has become
    /// shorter, EnvironmentError when the system cannot read it.
    void read(std::uint64_t offset, void* to, std::size_t count) const;

  private:
    std::string path_;
    int fd_ = -1;
    std::uint64_t bytes_ = 0;
};

}  // namespace warpstep::data
