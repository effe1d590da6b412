// SPDX-License-Identifier: Apache-2.0
// Whether the arguments of a step fit the kernel that it runs; private to this room.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "runtime/plan/fitting.hpp"

namespace warpstep::plan {

/// Addresses that no memory has, one after another, so that buffers neither overlap nor are
/// misaligned; a buffer that is given twice overlaps itself. Nobody reads them.
class Addresses {
  public:
    void* of(const std::string& name, std::size_t bytes) {
        constexpr std::uintptr_t page = 4096;
        auto [address, is_new] = known_.emplace(name, next_);
        if (is_new) next_ += (bytes + page) / page * page;
        return reinterpret_cast<void*>(address->second);  // NOLINT(performance-no-int-to-ptr)
    }

  private:
    std::uintptr_t next_ = 4096;
    std::map<std::string, std::uintptr_t> known_;
};

/// Of a step that runs a kernel of the catalog. Errors: ConfigError.
void check_kernel(const workload::Step& step, const Fitting& fitting);

}  // namespace warpstep::plan
