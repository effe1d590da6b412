// SPDX-License-Identifier: Apache-2.0
// The module as nvcc compiled it, over the stand-in libcudart: its launches name kernels as nvcc
// does, and bodies for the CPU are found by those names. Needs LD_LIBRARY_PATH to the stand-ins.
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "tests/support/stand_in_cuda.hpp"

using namespace warpstep;

namespace {

constexpr std::int64_t count = 1000;

struct Triad {
    std::unique_ptr<device::Device> gpu = comm::cuda_backend().open(0);
    std::unique_ptr<device::Stream> stream = gpu->make_stream();
    std::unique_ptr<device::Buffer> a = make(), b = make(), c = make();

    std::unique_ptr<device::Buffer> make() {
        return gpu->allocate(count * sizeof(double), device::Memory::device);
    }
    void write(const device::Buffer& to, double value) {
        const std::vector<double> values(count, value);
        gpu->copy(to.data(), values.data(), to.bytes(), *stream);
        stream->synchronize();
    }
    std::vector<double> run() {
        kernels::Arguments arguments;
        arguments.buffer("a", a->data(), count, DType::f64)
            .buffer("b", b->data(), count, DType::f64)
            .buffer("c", c->data(), count, DType::f64)
            .number("scalar", 0.5);
        comm::cuda_backend().prepare(*gpu, "stream.triad", arguments)->issue(*stream);
        std::vector<double> values(count);
        gpu->copy(values.data(), a->data(), a->bytes(), *stream);
        stream->synchronize();
        return values;
    }
};

}  // namespace

TEST_CASE("device: the module of nvcc runs its kernels by name over the stand-in") {
    Triad triad;
    REQUIRE(triad.gpu->facts().name == "Stand-in GPU");
    triad.write(*triad.b, 2);
    triad.write(*triad.c, 6);

    // Without bodies nothing runs, so what runs below was found by the name that nvcc registered.
    CHECK(test::error_of([&] { triad.run(); }).find("(cudaErrorInvalidDeviceFunction)") !=
          std::string::npos);

    // Local: else its functions would answer for the module's own, and nvcc's would never run.
    void* bodies = ::dlopen(WARPSTEP_KERNEL_BODIES, RTLD_LAZY | RTLD_LOCAL);
    INFO(std::string(bodies == nullptr ? ::dlerror() : ""));
    REQUIRE(bodies != nullptr);
    CHECK(triad.run() == std::vector<double>(count, 5));
}
