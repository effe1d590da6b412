// SPDX-License-Identifier: Apache-2.0
#include "kernels/catalog_entries.hpp"

namespace warpstep::kernels {

std::vector<Kernel> matrix_kernels() {
    return {};
}

}  // namespace warpstep::kernels
