// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <dlfcn.h>

#include "runtime/cuda/backend.hpp"

namespace warpstep::test {

/// The last thing that a forked process does with the CUDA module, so that coverage builds count
/// it; nothing in others.
inline void flush_coverage() {
    void* module = ::dlopen(comm::cuda_module_path().c_str(), RTLD_NOW | RTLD_NOLOAD);
    if (module == nullptr) return;
    const auto flush = reinterpret_cast<void (*)()>(::dlsym(module, "warpstep_flush_coverage"));
    if (flush != nullptr) flush();
}

}  // namespace warpstep::test
