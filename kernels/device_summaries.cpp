// SPDX-License-Identifier: Apache-2.0
// The contracts of these are those of the host functions of the same names.
#include "kernels/device_catalog.hpp"

namespace warpstep::kernels::cuda {

void checksum(const Arguments& arguments, Plan& plan);
void histogram(const Arguments& arguments, Plan& plan);
void reduce(const Arguments& arguments, Plan& plan);
void scan(const Arguments& arguments, Plan& plan);

std::vector<DeviceKernel> summary_kernels() {
    return {
        {"checksum", checksum}, {"histogram", histogram}, {"reduction", reduce}, {"scan", scan}};
}

}  // namespace warpstep::kernels::cuda
