// SPDX-License-Identifier: Apache-2.0
#include "tests/support/source_dir.hpp"

namespace warpstep::test {

std::string source_dir() {
    return WARPSTEP_SOURCE_DIR;
}

}  // namespace warpstep::test
