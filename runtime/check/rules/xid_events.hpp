// SPDX-License-Identifier: Apache-2.0
// A GPU's lines in the kernel log, code by code, and what each comes to.
#pragma once

#include <string>
#include <vector>

#include "runtime/check/gpu_facts.hpp"

namespace warpstep::check {

enum class XidVerdict {
    broken,       ///< the GPU must not be used as it is
    watched,      ///< it works
    unclear,      ///< a code that nobody here knows, or a line that lacks what decides
    application,  ///< a program did it
    information,  ///< nothing follows from it
};

/// Lines of one code that come to the same.
struct JudgedXid {
    int code = 0;
    int count = 0;
    XidVerdict verdict = XidVerdict::unclear;
    std::string meaning;  ///< "an NVLink error (NETIR), Nonfatal"
    std::string action;   ///< what to do or to type
    std::string line;     ///< one of the kernel's, "" where it is not told
};

/// By code, ascending; of Xid 154 the last line only, since each takes back the one before. GPUs
/// whose log was not read (no `xids`) have none.
std::vector<JudgedXid> judged_xids(const GpuFacts& gpu, const std::string& node);

}  // namespace warpstep::check
