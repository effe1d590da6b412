// SPDX-License-Identifier: Apache-2.0
// STREAM as it is written by hand, in the two shapes that public benchmarks use: one element for
// each thread, and 16-byte packs in a loop over a grid. The better one of the two is the peer.
#include <algorithm>

#include "runtime/base/error.hpp"
#include "tests/bench/gpu/bench.hpp"

namespace warpstep::bench {
namespace {

struct Sum {
    __device__ double operator()(double a, double b) const { return a + b; }
};
struct Triad {
    __device__ double operator()(double b, double c) const { return b + 0.4 * c; }
};
struct Scale {
    __device__ double operator()(double, double c) const { return 0.4 * c; }
};
struct Copy {
    __device__ double operator()(double a, double) const { return a; }
};

template <typename Operation, bool first, bool second>
__global__ void one_each(double* out, const double* a, const double* b) {
    const std::size_t i = std::size_t{blockIdx.x} * blockDim.x + threadIdx.x;
    out[i] = Operation{}(first ? a[i] : 0.0, second ? b[i] : 0.0);
}

template <typename Operation, bool first, bool second>
__global__ void packs(std::size_t n, double2* out, const double2* a, const double2* b) {
    const std::size_t step = std::size_t{gridDim.x} * blockDim.x;
    for (std::size_t i = std::size_t{blockIdx.x} * blockDim.x + threadIdx.x; i < n; i += step) {
        const double2 zero{0, 0};
        const double2 x = first ? a[i] : zero;
        const double2 y = second ? b[i] : zero;
        out[i] = {Operation{}(x.x, y.x), Operation{}(x.y, y.y)};
    }
}

struct Vectors {
    double *a, *b, *c;
    std::int64_t n;
};

template <typename Operation, bool first, bool second>
void measure(Bench& bench, const char* name, const Vectors& v, const kernels::Arguments& arguments,
             double* out, const double* in_a, const double* in_b, int moved, double target) {
    bench.attempt("stream", name, [&] {
        int sms = 0;
        check(cudaDeviceGetAttribute(&sms, cudaDevAttrMultiProcessorCount, 0), "attribute");
        const Work ours = bench.kernel(std::string("stream.") + name, arguments);
        const Work single = [&](cudaStream_t stream) {
            one_each<Operation, first, second>
                <<<static_cast<unsigned>(v.n / 1024), 1024, 0, stream>>>(out, in_a, in_b);
        };
        const Work pack = [&](cudaStream_t stream) {
            packs<Operation, first, second><<<static_cast<unsigned>(sms * 16), 512, 0, stream>>>(
                static_cast<std::size_t>(v.n / 2), reinterpret_cast<double2*>(out),
                reinterpret_cast<const double2*>(in_a), reinterpret_cast<const double2*>(in_b));
        };
        const double bytes = static_cast<double>(v.n) * 8 * moved;
        const auto with_single = bench.time(ours, single, 10);
        const auto with_pack = bench.time(ours, pack, 10);
        const bool single_wins = with_single.peer <= with_pack.peer;
        Row row{"stream", name, "B/s",
                single_wins ? "hand-written, one element a thread" : "hand-written, 16-byte packs"};
        row.ours = bytes / std::min(with_single.ours, with_pack.ours);
        row.peer = bytes / std::min(with_single.peer, with_pack.peer);
        row.target = target;
        bench.add(row);
    });
}

}  // namespace

void measure_stream(Bench& bench) {
    constexpr std::int64_t n = std::int64_t{1} << 27;
    // Memory of its own for each: attempt() frees what a measurement has allocated.
    std::unique_ptr<device::Buffer> memory[3];
    Vectors v{nullptr, nullptr, nullptr, n};
    double** places[3] = {&v.a, &v.b, &v.c};
    for (int i = 0; i < 3; ++i) {
        memory[i] = bench.device().allocate(n * sizeof(double), device::Memory::device);
        *places[i] = static_cast<double*>(memory[i]->data());
    }
    const auto arguments = [&](bool a, bool b, bool c, bool scalar) {
        kernels::Arguments list;
        if (a) list.buffer("a", v.a, n, DType::f64);
        if (b) list.buffer("b", v.b, n, DType::f64);
        if (c) list.buffer("c", v.c, n, DType::f64);
        if (scalar) list.number("scalar", 0.4);
        return list;
    };
    measure<Copy, true, false>(bench, "copy", v, arguments(true, false, true, false), v.c, v.a, v.a,
                               2, 0.92);
    measure<Scale, false, true>(bench, "mul", v, arguments(false, true, true, true), v.b, v.c, v.c,
                                2, 0.92);
    measure<Sum, true, true>(bench, "add", v, arguments(true, true, true, false), v.c, v.a, v.b, 3,
                             0.97);
    measure<Triad, true, true>(bench, "triad", v, arguments(true, true, true, true), v.a, v.b, v.c,
                               3, 0.92);
}

}  // namespace warpstep::bench
