// SPDX-License-Identifier: Apache-2.0
// Side-by-side measurements on one GPU: what warpstep issues, and what a user would write by hand,
// in turns, on the same buffers and the same stream.
#pragma once

#include <cuda_runtime_api.h>

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "runtime/cuda/backend.hpp"
#include "runtime/device/device.hpp"

namespace warpstep::bench {

/// One line of the record. `ours` and `peer` have one unit; ratio = ours / peer.
struct Row {
    std::string group, name, unit, peer_name;
    double ours = 0, peer = 0;
    bool more_is_better = true;
    std::optional<double> target;  ///< of the ratio: at least, or at most where less is better
    std::string error;             ///< why there is no figure; "" when there is
};

using Work = std::function<void(cudaStream_t)>;

/// Device 0 and one stream of it.
class Bench {
  public:
    Bench();

    comm::CudaBackend& cuda() { return comm::cuda_backend(); }
    device::Device& device() { return *device_; }
    cudaStream_t stream() const { return static_cast<cudaStream_t>(stream_->native()); }
    device::Stream& our_stream() { return *stream_; }

    /// A kernel of the catalog as a piece of work. Errors: those of prepare().
    Work kernel(const std::string& name, const kernels::Arguments& arguments);
    /// Zero-filled memory that lives as long as the bench.
    void* allocate(std::size_t bytes, device::Memory memory = device::Memory::device);

    /// Seconds of one run of each: the medians over rounds in which both take turns.
    struct Pair {
        double ours, peer;
    };
    Pair time(const Work& ours, const Work& peer, int runs_each_round, int rounds = 11);

    /// amount / seconds of both.
    void add_rate(Row row, double amount, const Work& ours, const Work& peer, int runs_each_round);
    void add(Row row) { rows_.push_back(std::move(row)); }
    /// Runs a measurement; an error becomes a row that says why there is no figure.
    void attempt(const std::string& group, const std::string& name,
                 const std::function<void()>& measurement);

    const std::vector<Row>& rows() const { return rows_; }

  private:
    double time_once(const Work& work, int runs);

    std::unique_ptr<device::Device> device_;
    std::unique_ptr<device::Stream> stream_;
    std::vector<std::unique_ptr<kernels::PreparedKernel>> prepared_;
    std::vector<std::unique_ptr<device::Buffer>> buffers_;
    cudaEvent_t begin_ = nullptr, end_ = nullptr;
    std::vector<Row> rows_;
};

/// For the hand-written side, where a failure is a failure of the measurement. Errors: DeviceError.
void check(cudaError_t code, const char* what);

void measure_stream(Bench& bench);     ///< copy … triad, dot against hand-written STREAM kernels
void measure_gemm(Bench& bench);       ///< against cuBLASLt called directly
void measure_summaries(Bench& bench);  ///< reduce, scan, histogram against CUB called directly
void measure_copies(Bench& bench);     ///< against cudaMemcpyAsync
void measure_launches(Bench& bench);   ///< against a loop of launches, and a graph made by hand
void measure_nccl(Bench& bench);       ///< start of one rank against ncclCommInitRank

}  // namespace warpstep::bench
