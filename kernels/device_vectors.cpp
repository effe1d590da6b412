// SPDX-License-Identifier: Apache-2.0
// The contracts of these are those of the host functions of the same names.
#include "kernels/device_catalog.hpp"

namespace warpstep::kernels::cuda {

void axpy(const Arguments& arguments, Plan& plan);
void fill(const Arguments& arguments, Plan& plan);
void scale(const Arguments& arguments, Plan& plan);
void stream_add(const Arguments& arguments, Plan& plan);
void stream_copy(const Arguments& arguments, Plan& plan);
void stream_dot(const Arguments& arguments, Plan& plan);
void stream_mul(const Arguments& arguments, Plan& plan);
void stream_nstream(const Arguments& arguments, Plan& plan);
void stream_read(const Arguments& arguments, Plan& plan);
void stream_triad(const Arguments& arguments, Plan& plan);
void stream_write(const Arguments& arguments, Plan& plan);

std::vector<DeviceKernel> vector_kernels() {
    return {{"axpy", axpy},
            {"fill", fill},
            {"scale", scale},
            {"stream.add", stream_add},
            {"stream.copy", stream_copy},
            {"stream.dot", stream_dot},
            {"stream.mul", stream_mul},
            {"stream.nstream", stream_nstream},
            {"stream.read", stream_read},
            {"stream.triad", stream_triad},
            {"stream.write", stream_write}};
}

}  // namespace warpstep::kernels::cuda
