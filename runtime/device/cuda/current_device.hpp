// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace warpstep::device::cuda {

/// Makes a device the current one of this thread and gives the previous one back at the end of the
/// scope. It restores what it found, not what a call inside the scope has chosen since.
class CurrentDevice {
  public:
    /// Errors: DeviceError.
    explicit CurrentDevice(int ordinal);
    ~CurrentDevice();
    CurrentDevice(const CurrentDevice&) = delete;
    CurrentDevice& operator=(const CurrentDevice&) = delete;

  private:
    int previous_ = 0;
    bool switched_ = false;
};

}  // namespace warpstep::device::cuda
