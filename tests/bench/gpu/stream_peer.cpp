// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "tests/bench/gpu/bench.hpp"
#include "tests/bench/gpu/by_hand.hpp"

namespace warpstep::bench {
namespace {

constexpr std::int64_t n = std::int64_t{1} << 27;

struct Vectors {
    double *a, *b, *c;
};

struct Case {
    const char* name;
    by_hand::Stream op;
    double* out;
    const double *x, *y;
    int moved;  ///< elements for each of n
};

kernels::Arguments arguments_of(const Vectors& v, const Case& with) {
    kernels::Arguments arguments;
    for (const auto& [name, data] :
         {std::pair{"a", v.a}, std::pair{"b", v.b}, std::pair{"c", v.c}}) {
        if (data == with.out || data == with.x || data == with.y) {
            arguments.buffer(name, data, n, DType::f64);
        }
    }
    return arguments.number("scalar", 0.4);
}

void measure(Bench& bench, const Vectors& v, const Case& with) {
    bench.attempt("stream", with.name, [&] {
        int sms = 0;
        check(cudaDeviceGetAttribute(&sms, cudaDevAttrMultiProcessorCount, 0), "attribute");
        const Work ours = bench.kernel(std::string("stream.") + with.name, arguments_of(v, with));
        const auto single = bench.time(
            ours,
            [&](cudaStream_t stream) {
                by_hand::stream_one_each(with.op, n, with.out, with.x, with.y, stream);
            },
            10);
        const auto packs = bench.time(
            ours,
            [&](cudaStream_t stream) {
                by_hand::stream_packs(with.op, n, with.out, with.x, with.y, sms * 16, stream);
            },
            10);
        const double bytes = static_cast<double>(n) * sizeof(double) * with.moved;
        Row row;
        row.group = "stream";
        row.name = with.name;
        row.unit = "B/s";
        row.peer_name =
            single.peer <= packs.peer ? "by hand, one element a thread" : "by hand, 16-byte packs";
        row.ours = bytes / std::min(single.ours, packs.ours);
        row.peer = bytes / std::min(single.peer, packs.peer);
        row.target = 0.92;
        bench.add(row);
    });
}

}  // namespace

void measure_stream(Bench& bench) {
    // Memory of its own for all: attempt() frees what a measurement has allocated.
    std::vector<std::unique_ptr<device::Buffer>> memory;
    const auto vector = [&] {
        memory.push_back(bench.device().allocate(n * sizeof(double), device::Memory::device));
        return static_cast<double*>(memory.back()->data());
    };
    const Vectors v{vector(), vector(), vector()};
    using by_hand::Stream;
    for (const Case& with :
         {Case{"copy", Stream::copy, v.c, v.a, v.a, 2}, Case{"mul", Stream::mul, v.b, v.c, v.c, 2},
          Case{"add", Stream::add, v.c, v.a, v.b, 3},
          Case{"triad", Stream::triad, v.a, v.b, v.c, 3}}) {
        measure(bench, v, with);
    }
}

}  // namespace warpstep::bench
