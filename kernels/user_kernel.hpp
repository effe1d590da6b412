// SPDX-License-Identifier: Apache-2.0
// A kernel that the user brings: its source, and what a loaded one can do. The CUDA module compiles
// and loads; no CUDA type is in here.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "runtime/device/device.hpp"

namespace warpstep::kernels {

struct KernelSource {
    std::string file;    ///< shown in the compiler's messages: "my-saxpy.yaml", "saxpy.cu"
    int first_line = 1;  ///< the line of that file where `text` begins
    int indent = 0;      ///< columns that every line of `text` has more in that file
    std::string text;
    /// The kernel that is wanted: a C++ name as the source would spell it ("saxpy",
    /// "n::scale<float>"), so that templates are instantiated. "": all that the source defines.
    std::string entry;
    std::vector<std::string> options;          ///< of NVRTC: "-DN=3", "--use_fast_math"
    std::vector<std::string> include_folders;  ///< searched in order, before the toolkit's own
};

/// What a compiler made: a cubin, or PTX.
struct KernelImage {
    std::string bytes;
    std::string entry;     ///< what the image calls the source's `entry`: "_Z5saxpyifPKfPf"
    std::string messages;  ///< warnings, in the lines of the source's file
};

/// Where a parameter of a compiled function lies in its parameter block, in bytes.
struct ParameterSlot {
    std::size_t offset = 0, bytes = 0;
};

struct LaunchShape {
    std::array<std::uint32_t, 3> grid{1, 1, 1}, block{1, 1, 1};
    std::size_t shared_bytes = 0;  ///< dynamic shared memory
};

/// A function of an image that was loaded onto a device; unloaded with the object.
class LoadedKernel {
  public:
    virtual ~LoadedKernel() = default;
    /// Of the compiled function, in order; nothing when neither driver nor image tells.
    virtual std::optional<std::vector<ParameterSlot>> parameters() const = 0;
    /// Errors: ConfigError that names the limit a launch shape is beyond (threads of a block,
    /// extents of the grid, shared memory).
    virtual void check(const LaunchShape& shape) const = 0;
    /// Asynchronous on the stream. values[i] points to parameter i, which is copied. Errors:
    /// DeviceError.
    virtual void launch(const LaunchShape& shape, const std::vector<void*>& values,
                        device::Stream& stream) = 0;
};

}  // namespace warpstep::kernels
