// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/gpu/bench.hpp"

namespace warpstep::bench {

void measure_copies(Bench& bench) {
    using device::Memory;
    constexpr std::size_t bytes = std::size_t{256} << 20;
    struct Way {
        const char* name;
        Memory from, to;
        double moved;  ///< times the bytes: a copy inside the device reads and writes its memory
    };
    for (const Way way : {Way{"h2d", Memory::host_pinned, Memory::device, 1},
                          Way{"d2h", Memory::device, Memory::host_pinned, 1},
                          Way{"d2d", Memory::device, Memory::device, 2}}) {
        bench.attempt("copy", way.name, [&] {
            void* from = bench.allocate(bytes, way.from);
            void* to = bench.allocate(bytes, way.to);
            Row row;
            row.group = "copy";
            row.name = way.name;
            row.unit = "B/s";
            row.peer_name = "cudaMemcpyAsync";
            row.target = 0.99;
            bench.add_rate(
                row, way.moved * static_cast<double>(bytes),
                [&](cudaStream_t) { bench.device().copy(to, from, bytes, bench.our_stream()); },
                [&](cudaStream_t stream) {
                    check(cudaMemcpyAsync(to, from, bytes, cudaMemcpyDefault, stream),
                          "cudaMemcpyAsync");
                },
                5);
        });
    }
}

}  // namespace warpstep::bench
