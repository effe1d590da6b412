// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/gpu/bench.hpp"
#include "tests/bench/gpu/by_hand.hpp"

namespace warpstep::bench {
namespace {

constexpr std::int64_t n = std::int64_t{1} << 27;

/// A CUB call with its scratch memory; `call(scratch, bytes, stream)`.
template <typename Call>
Work direct(Bench& bench, Call call) {
    std::size_t bytes = 0;
    check(call(nullptr, bytes, nullptr), "CUB");
    void* scratch = bench.allocate(bytes);
    return [call, scratch, bytes](cudaStream_t stream) mutable {
        check(call(scratch, bytes, stream), "CUB");
    };
}

template <typename Call>
void measure(Bench& bench, const char* name, const char* kernel,
             const kernels::Arguments& arguments, double bytes, Call call) {
    Row row;
    row.group = "summary";
    row.name = name;
    row.unit = "B/s";
    row.peer_name = "CUB called directly";
    row.target = 0.97;
    bench.add_rate(row, bytes, bench.kernel(kernel, arguments), direct(bench, call), 10);
}

template <typename T>
T* vector(Bench& bench, std::int64_t count) {
    return static_cast<T*>(bench.allocate(static_cast<std::size_t>(count) * sizeof(T)));
}

}  // namespace

void measure_summaries(Bench& bench) {
    const double elements = static_cast<double>(n);
    bench.attempt("summary", "reduction f32", [&] {
        auto* x = vector<float>(bench, n);
        auto* theirs = vector<float>(bench, 1);
        kernels::Arguments arguments;
        arguments.buffer("x", x, n, DType::f32)
            .buffer("result", vector<double>(bench, 1), 1, DType::f64)
            .word("op", "sum");
        measure(bench, "reduction f32", "reduction", arguments, elements * sizeof(float),
                [=](void* scratch, std::size_t& bytes, cudaStream_t stream) {
                    return by_hand::cub_sum(scratch, bytes, x, theirs, n, stream);
                });
    });
    bench.attempt("summary", "scan i64", [&] {
        auto* x = vector<long long>(bench, n);
        auto* y = vector<long long>(bench, n);
        kernels::Arguments arguments;
        arguments.buffer("x", x, n, DType::i64)
            .buffer("y", y, n, DType::i64)
            .word("kind", "inclusive");
        measure(bench, "scan i64", "scan", arguments, 2 * elements * sizeof(long long),
                [=](void* scratch, std::size_t& bytes, cudaStream_t stream) {
                    return by_hand::cub_scan(scratch, bytes, x, y, n, stream);
                });
    });
    for (const bool in_one_bin : {false, true}) {
        const char* name = in_one_bin ? "histogram f32, one bin" : "histogram f32";
        bench.attempt("summary", name, [&] {
            constexpr int bins = 256;
            auto* x = vector<float>(bench, n);
            if (in_one_bin) {
                check(cudaMemset(x, 0, n * sizeof(float)), "cudaMemset");
            } else {
                by_hand::scatter(n, x, bench.stream());
            }
            auto* theirs = vector<int>(bench, bins);
            kernels::Arguments arguments;
            arguments.buffer("x", x, n, DType::f32)
                .buffer("bins", vector<long long>(bench, bins), bins, DType::i64)
                .number("lo", -1)
                .number("hi", 1);
            measure(bench, name, "histogram", arguments, elements * sizeof(float),
                    [=](void* scratch, std::size_t& bytes, cudaStream_t stream) {
                        return by_hand::cub_histogram(scratch, bytes, x, theirs, bins, n, stream);
                    });
        });
    }
}

}  // namespace warpstep::bench
