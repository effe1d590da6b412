// SPDX-License-Identifier: Apache-2.0
// The one way in which files come to be: reports, pictures, stored buffers, baselines, cache
// entries.
#pragma once

#include <string>
#include <string_view>

namespace warpstep {

/// A file written in pieces that nobody sees before it is whole: until commit() it has a random
/// name in the folder of its target, opened so that nothing planted there is followed, and without
/// commit() what was at `path` stays. A device or a pipe is written in place. A link as target is
/// followed only when it and its folder belong to the caller or to root and nobody else may write
/// the folder: the file at its end is then the target. Errors: EnvironmentError that names the
/// path and the reason; the temporary file is removed.
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
    void open();
    void close() noexcept;
    void open_in_place(int flags);
    void open_temporary();
    [[noreturn]] void refuse(int reason) const;
    [[noreturn]] void refuse(const std::string& reason, const std::string& advice) const;

    std::string path_;
    int folder_ = -1;        ///< of the target
    std::string name_;       ///< of the target in its folder
    std::string temporary_;  ///< "" when written in place
    int fd_ = -1;
};

}  // namespace warpstep
