// SPDX-License-Identifier: Apache-2.0
// The contracts of these are those of the host functions of the same names.
#include "kernels/device_catalog.hpp"

namespace warpstep::kernels::cuda {

void burn(const Arguments& arguments, Plan& plan);
void gemm(const Arguments& arguments, Plan& plan);
void gemm_naive(const Arguments& arguments, Plan& plan);
void jacobi2d_edges(const Arguments& arguments, Plan& plan);
void jacobi2d_sweep(const Arguments& arguments, Plan& plan);
void mean_squared_error(const Arguments& arguments, Plan& plan);
void sgd_step(const Arguments& arguments, Plan& plan);

std::vector<DeviceKernel> matrix_kernels() {
    return {{"burn", burn},
            {"gemm", gemm},
            {"gemm.naive", gemm_naive},
            {"jacobi2d", jacobi2d_sweep},
            {"jacobi2d.edges", jacobi2d_edges},
            {"mean_squared_error", mean_squared_error},
            {"sgd.step", sgd_step}};
}

}  // namespace warpstep::kernels::cuda
