// SPDX-License-Identifier: Apache-2.0
// How kernels that were compiled for the CPU become known to the stand-in of libcudart, which runs
// them. kernels/*.cu compiled with the emulation's cuda_runtime.h announce every kernel when their
// library is loaded.
#pragma once

#include <cstddef>

namespace warpstep::stand_ins {

struct KernelLaunch {
    unsigned grid[3], block[3];
    std::size_t shared_bytes;
    void** arguments;  ///< argument i lies at arguments[i]
};
/// Runs all blocks and returns when they are done.
using KernelBody = void (*)(const KernelLaunch&);

}  // namespace warpstep::stand_ins

/// Defined in the stand-in libcudart. `function` is the address that launches name; `name` its
/// mangled name, by which a module compiled by nvcc knows the same kernel (a plain name stands for
/// a user's extern "C" kernel). parameter_bytes[i] is the size of parameter i; the array stays.
extern "C" void stand_in_announce_kernel(const void* function, const char* name,
                                         warpstep::stand_ins::KernelBody body,
                                         const std::size_t* parameter_bytes,
                                         std::size_t parameters);
