// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace warpstep::test {

/// The root of the source tree that the tests were built from. In one object file, so that no other
/// depends on where the tree lies (and ccache serves all trees alike).
std::string source_dir();

}  // namespace warpstep::test
