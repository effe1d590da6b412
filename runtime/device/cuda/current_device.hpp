// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

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

/// For messages: the UUID of the device that this thread has made current last, "" when none was
/// opened. Asks CUDA nothing, because CUDA may be what failed.
std::string uuid_of_current();
/// The same for a device by its ordinal.
std::string uuid_of(int ordinal);
/// Makes an opened device current for good, and its UUID known. Errors: DeviceError.
void make_current(int ordinal, const std::string& uuid);

}  // namespace warpstep::device::cuda
