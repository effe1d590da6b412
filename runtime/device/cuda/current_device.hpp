// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

namespace warpstep::device::cuda {

/// Makes a device the current one of this thread and gives back what the thread had chosen before
/// at the end of the scope, whatever a call inside has chosen since. A thread that had chosen
/// nothing stays where it is: CUDA says that GPU 0 is current there, and going back to that would
/// create a context on a GPU that is another task's.
class CurrentDevice {
  public:
    /// Errors: DeviceError.
    explicit CurrentDevice(int ordinal);
    ~CurrentDevice();
    CurrentDevice(const CurrentDevice&) = delete;
    CurrentDevice& operator=(const CurrentDevice&) = delete;

  private:
    std::optional<int> before_;
};

/// The ordinal of the device that this thread has made current last, if any. Asks CUDA nothing.
std::optional<int> chosen_device();
/// For messages: the UUID of chosen_device(), "" when there is none. Asks CUDA nothing, because
/// CUDA may be what failed.
std::string uuid_of_current();
/// The same for a device by its ordinal.
std::string uuid_of(int ordinal);
/// Makes a device current in this thread for good, and its UUID known. Errors: DeviceError.
void make_current(int ordinal, const std::string& uuid);

}  // namespace warpstep::device::cuda
