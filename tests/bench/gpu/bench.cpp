// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/gpu/bench.hpp"

#include <algorithm>

#include "runtime/base/error.hpp"

namespace warpstep::bench {
namespace {

double median(std::vector<double> values) {
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    return *middle;
}

}  // namespace

void check(cudaError_t code, const char* what) {
    if (code != cudaSuccess) fail<DeviceError>("{}: {}", what, cudaGetErrorString(code));
}

Bench::Bench() : device_(cuda().open(0)), stream_(device_->make_stream()) {
    check(cudaEventCreate(&begin_), "cudaEventCreate");
    check(cudaEventCreate(&end_), "cudaEventCreate");
}

Work Bench::kernel(const std::string& name, const kernels::Arguments& arguments) {
    auto prepared = cuda().prepare(*device_, name, arguments);
    if (prepared == nullptr) fail<ConfigError>("the module has no kernel '{}'", name);
    prepared_.push_back(std::move(prepared));
    return [kernel = prepared_.back().get(), this](cudaStream_t) { kernel->issue(*stream_); };
}

void* Bench::allocate(std::size_t bytes, device::Memory memory) {
    buffers_.push_back(device_->allocate(bytes, memory));
    return buffers_.back()->data();
}

double Bench::time_once(const Work& work, int runs) {
    check(cudaEventRecord(begin_, stream()), "cudaEventRecord");
    for (int i = 0; i < runs; ++i) work(stream());
    check(cudaEventRecord(end_, stream()), "cudaEventRecord");
    check(cudaEventSynchronize(end_), "cudaEventSynchronize");
    float milliseconds = 0;
    check(cudaEventElapsedTime(&milliseconds, begin_, end_), "cudaEventElapsedTime");
    return static_cast<double>(milliseconds) * 1e-3 / runs;
}

Bench::Pair Bench::time(const Work& ours, const Work& peer, int runs_each_round, int rounds) {
    time_once(ours, runs_each_round);
    time_once(peer, runs_each_round);
    std::vector<double> of_ours, of_peer;
    for (int round = 0; round < rounds; ++round) {
        // Whoever comes second finds a warmer GPU, so they take turns in that, too.
        const bool ours_first = round % 2 == 0;
        if (ours_first) of_ours.push_back(time_once(ours, runs_each_round));
        of_peer.push_back(time_once(peer, runs_each_round));
        if (!ours_first) of_ours.push_back(time_once(ours, runs_each_round));
    }
    return {median(of_ours), median(of_peer)};
}

void Bench::add_rate(Row row, double amount, const Work& ours, const Work& peer,
                     int runs_each_round) {
    const Pair seconds = time(ours, peer, runs_each_round);
    row.ours = amount / seconds.ours;
    row.peer = amount / seconds.peer;
    add(std::move(row));
}

void Bench::attempt(const std::string& group, const std::string& name,
                    const std::function<void()>& measurement) {
    try {
        measurement();
    } catch (const std::exception& error) {
        Row row;
        row.group = group;
        row.name = name;
        row.error = error.what();
        add(row);
        cudaGetLastError();
    }
    buffers_.clear();
    prepared_.clear();
}

}  // namespace warpstep::bench
