// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>

namespace warpstep::comm::host {

/// Memory that the ranks of one node map together. Owner of the mapping; the creator also owns the
/// name until unlink(), which is called as soon as all have attached, so that nothing stays behind
/// in /dev/shm whoever dies later. Errors: std::system_error with the system's reason; the callers
/// know what the memory was for.
class SharedSegment {
  public:
    SharedSegment() = default;
    /// Local rank 0. Zero-filled; pages are reserved by commit() only.
    static SharedSegment create(const std::string& name, std::size_t bytes);
    /// The others, once the first has created it.
    static SharedSegment attach(const std::string& name, std::size_t bytes);
    /// For a rank that is alone on its node: needs no /dev/shm.
    static SharedSegment anonymous(std::size_t bytes);

    SharedSegment(SharedSegment&& other) noexcept;
    SharedSegment& operator=(SharedSegment&& other) noexcept;
    ~SharedSegment();

    std::byte* data() const { return data_; }
    std::size_t bytes() const { return bytes_; }

    /// Reserves pages, on the caller's memory node; a full /dev/shm is an error here instead of a
    /// SIGBUS later.
    void commit(std::size_t offset, std::size_t bytes);
    void unlink() noexcept;

  private:
    SharedSegment(int fd, std::size_t bytes);
    void release() noexcept;

    int fd_ = -1;
    std::byte* data_ = nullptr;
    std::size_t bytes_ = 0;
    std::string name_;  ///< "" when there is nothing to unlink
};

}  // namespace warpstep::comm::host
