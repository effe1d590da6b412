// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>

namespace warpstep::step {

/// Zeroed memory that this process shares with the children it forks later. Move-only.
class SharedMapping {
  public:
    /// Errors: EnvironmentError with the system's reason. Zero bytes: an empty mapping.
    explicit SharedMapping(std::size_t bytes);
    SharedMapping(SharedMapping&& other) noexcept;
    SharedMapping& operator=(SharedMapping&& other) noexcept;
    ~SharedMapping();

    std::span<std::byte> bytes() const { return bytes_; }

  private:
    std::span<std::byte> bytes_;
};

}  // namespace warpstep::step
