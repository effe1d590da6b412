// SPDX-License-Identifier: Apache-2.0
// A libcudart that executes on the CPU and fails when it is told to. It keeps the real one's rules
// as far as our module depends on them: asynchronous streams, the last error of a thread, sticky
// errors of a lost GPU, capture into graphs, limits of launches.
#pragma once

#include <cuda_runtime_api.h>

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <thread>
#include <vector>

#include "tests/support/stand_ins/failures.hpp"

#define STAND_IN extern "C" __attribute__((visibility("default")))

namespace stand_ins::cudart {

using Work = std::function<void()>;

/// Remembers an error for cudaGetLastError and returns it.
cudaError_t told(cudaError_t code);
/// The error that every call returns from now on, after a GPU was lost; cudaSuccess before.
cudaError_t sticky();
void lose_gpu();

int device_count();
int current_device();
/// What a call returns before it does anything: an injected failure, or a lost GPU's.
cudaError_t asked(const char* name, bool* hangs = nullptr);
/// The same for a call that needs a context: it gets one on the device that is current in this
/// thread, also where it names a stream or memory of another one.
cudaError_t entry(const char* name, bool* hangs = nullptr);

struct Node {
    Work work;
    int kind = 0;  ///< kernel, copy, …: graphs of equal kinds and edges can be updated
    std::vector<std::size_t> after;
};

struct Graph {
    std::vector<Node> nodes;
    bool broken = false;  ///< by a call that cannot be captured
};

class Stream {
  public:
    explicit Stream(int device) : device(device) {}
    ~Stream();
    void push(Work work);
    bool idle();
    void drain();
    /// What waits for all streams does not wait for one that never ends.
    void drain_unless_stalled();
    /// Never finishes what comes next.
    void stall();

    const int device;
    std::shared_ptr<Graph> capture;     ///< while it captures
    bool origin = false;                ///< of the capture
    std::vector<std::size_t> frontier;  ///< the last nodes of this stream

  private:
    void run();
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<Work> queue_;
    bool busy_ = false, ending_ = false, stalled_ = false;
    std::thread worker_;
};

/// nullptr for a handle that is no stream. The default streams exist always.
Stream* find_stream(cudaStream_t handle);
void wait_for_all_streams();
/// Runs `work` on the stream in order, or makes it a node of the graph that is being captured.
cudaError_t submit(cudaStream_t stream, int kind, Work work);
enum Kind { kernel_node = 1, copy_node, fill_node, host_node, event_node };

/// Objects that the user has not freed.
extern std::atomic<int> live_memory, live_streams, live_events, live_graphs, live_libraries;
/// Devices on which this process has made its primary context.
extern std::atomic<int> live_contexts;

}  // namespace stand_ins::cudart

#define STAND_IN_ENTRY(name)                                                                   \
    do {                                                                                       \
        if (const cudaError_t code_ = ::stand_ins::cudart::entry(#name); code_ != cudaSuccess) \
            return ::stand_ins::cudart::told(code_);                                           \
    } while (false)
/// Of a call that needs no context.
#define STAND_IN_QUESTION(name)                                                                \
    do {                                                                                       \
        if (const cudaError_t code_ = ::stand_ins::cudart::asked(#name); code_ != cudaSuccess) \
            return ::stand_ins::cudart::told(code_);                                           \
    } while (false)
