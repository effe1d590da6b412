// SPDX-License-Identifier: Apache-2.0
// The contracts of these are those of the host functions of the same names.
#include "kernels/device_catalog.hpp"

namespace warpstep::kernels::cuda {

void memtest_walking_bit(const Arguments& arguments, Plan& plan);
void memtest_own_address(const Arguments& arguments, Plan& plan);
void memtest_moving_inversions(const Arguments& arguments, Plan& plan);
void memtest_random(const Arguments& arguments, Plan& plan);
void memtest_bit_fade(const Arguments& arguments, Plan& plan);
void spin(const Arguments& arguments, Plan& plan);
void transpose(const Arguments& arguments, Plan& plan);

std::vector<DeviceKernel> memory_kernels() {
    return {{"memtest.walking_bit", memtest_walking_bit},
            {"memtest.own_address", memtest_own_address},
            {"memtest.moving_inversions", memtest_moving_inversions},
            {"memtest.random", memtest_random},
            {"memtest.bit_fade", memtest_bit_fade},
            {"spin", spin},
            {"transpose", transpose}};
}

}  // namespace warpstep::kernels::cuda
