// SPDX-License-Identifier: Apache-2.0
// Which headers a source includes, as far as that can be told without a compiler: a compiled image
// depends on their text.
#pragma once

#include <string>
#include <vector>

#include "kernels/user_kernel.hpp"

namespace warpstep::kernels {

struct HeaderScan {
    std::vector<std::string> files;  ///< found in the source's folders, each once, in this order
    std::string fingerprint;         ///< of their paths and texts, and of what was not found
    /// False: a name stands in a macro (`#include NAME`), or there are too many headers. What
    /// depends on them cannot be told.
    bool complete = true;
};

/// Follows #include, __has_include and the option --pre-include through the source's own include
/// folders; what is not found there is the toolkit's. Directives that are switched off or stand in
/// comments are followed too, which makes the fingerprint change more often, never less.
HeaderScan scan_headers(const KernelSource& source);

}  // namespace warpstep::kernels
