// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "runtime/report/report.hpp"

namespace warpstep::cli {

/// warpstep's own version and those of the libraries it was built with; the CUDA fields are left
/// empty.
report::Versions library_versions();

}  // namespace warpstep::cli
