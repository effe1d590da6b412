// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace warpstep {

/// A file written in pieces that nobody sees before it is whole: it has a temporary name beside
/// `path` until commit(), and without commit() what was at `path` stays. What is not a plain file
/// (a device, a pipe, a link) is written in place. Errors: EnvironmentError that names the path and
/// the system's reason.
class OutputFile {
  public:
    explicit OutputFile(std::string path);
    ~OutputFile();
    OutputFile(const OutputFile&) = delete;
    OutputFile& operator=(const OutputFile&) = delete;

    void write(std::string_view bytes);
    /// On the disk, and under its name.
    void commit();

  private:
    [[noreturn]] void refuse(int reason) const;
    std::string path_, target_;
    int fd_ = -1;
    bool renamed_ = true;
};

}  // namespace warpstep
