// SPDX-License-Identifier: Apache-2.0
// warpstep_gpu_bench: writes one JSON document with everything measured. `start` as its only
// argument makes it the bare CUDA program that the start of a workload is compared with.
#include <fmt/format.h>

#include <cstring>
#include <nlohmann/json.hpp>

#include "runtime/base/error.hpp"
#include "tests/bench/gpu/bench.hpp"

namespace {

using namespace warpstep;
using nlohmann::json;

// What any CUDA program does before its first result.
int bare_start() {
    void* data = nullptr;
    bench::check(cudaMalloc(&data, 1 << 20), "cudaMalloc");
    bench::check(cudaMemset(data, 1, 1 << 20), "cudaMemset");
    bench::check(cudaDeviceSynchronize(), "cudaDeviceSynchronize");
    return 0;
}

json to_json(const std::optional<double>& value) {
    return value ? json(*value) : json();
}

json condition_of(const device::Device& device) {
    const device::Condition now = device.condition();
    return {{"sm_clock_hz", to_json(now.sm_clock)},
            {"memory_clock_hz", to_json(now.memory_clock)},
            {"power_w", to_json(now.power)},
            {"power_limit_w", to_json(now.power_limit)},
            {"temperature_c", to_json(now.temperature)},
            {"throttled", now.throttled}};
}

json to_json(const bench::Row& row) {
    json line{{"group", row.group}, {"name", row.name}};
    if (!row.error.empty()) {
        line["error"] = row.error;
        return line;
    }
    line["unit"] = row.unit;
    line["ours"] = row.ours;
    line["peer"] = row.peer;
    line["peer_name"] = row.peer_name;
    line["ratio"] = row.ours / row.peer;
    line["more_is_better"] = row.more_is_better;
    line["target"] = to_json(row.target);
    return line;
}

int measure() {
    bench::Bench bench;
    const device::Facts& facts = bench.device().facts();
    const comm::CudaVersions versions = bench.cuda().versions();
    json document{{"gpu", facts.name},
                  {"uuid", facts.uuid},
                  {"sm_count", facts.sm_count},
                  {"memory_bytes", facts.memory_bytes},
                  {"peak_memory_bandwidth", to_json(facts.peak_memory_bandwidth)},
                  {"driver", versions.driver},
                  {"runtime", versions.runtime},
                  {"nccl", versions.nccl},
                  {"before", condition_of(bench.device())}};
    bench::measure_launches(bench);
    bench::measure_stream(bench);
    bench::measure_summaries(bench);
    bench::measure_copies(bench);
    bench::measure_gemm(bench);
    bench::measure_nccl(bench);
    document["after"] = condition_of(bench.device());
    document["rows"] = json::array();
    for (const auto& row : bench.rows()) document["rows"].push_back(to_json(row));
    fmt::print("{}\n", document.dump(1));
    return 0;
}

}  // namespace

int main(int count, char** arguments) {
    try {
        return count == 2 && std::strcmp(arguments[1], "start") == 0 ? bare_start() : measure();
    } catch (const std::exception& error) {
        fmt::print(stderr, "gpu bench: {}\n", error.what());
        return 3;
    }
}
