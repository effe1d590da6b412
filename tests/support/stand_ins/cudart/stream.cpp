// SPDX-License-Identifier: Apache-2.0
// Streams are queues with a thread each; events are marks in them; graphs are what was submitted
// while a stream captured.
#include <algorithm>
#include <chrono>
#include <map>

#include "tests/support/stand_ins/cudart/state.hpp"

namespace stand_ins::cudart {
namespace {

std::mutex table_mutex;

std::set<Stream*>& streams() {
    static auto* all = new std::set<Stream*>;
    return *all;
}

// Destroyed by the user while they still have work: as on a GPU, cudaFree waits for it.
std::set<std::shared_ptr<Stream>>& ending() {
    static auto* all = new std::set<std::shared_ptr<Stream>>;
    return *all;
}

Stream* default_stream(int device) {
    static auto* of_device = new std::map<int, Stream*>;
    const std::lock_guard lock(table_mutex);
    Stream*& stream = (*of_device)[device];
    if (stream == nullptr) {
        stream = new Stream(device);
        streams().insert(stream);
    }
    return stream;
}

// Streams whose work must not run before the process ends wait here.
[[noreturn]] void wait_for_ever() {
    for (;;) std::this_thread::sleep_for(std::chrono::hours(1));
}

struct Event {
    std::mutex mutex;
    std::condition_variable happened;
    std::uint64_t recorded = 0, reached = 0;
    std::chrono::steady_clock::time_point at;
    std::shared_ptr<Graph> graph;  ///< recorded inside a capture
    std::vector<std::size_t> frontier;
};
using SharedEvent = std::shared_ptr<Event>;

SharedEvent& event_of(cudaEvent_t handle) {
    return *reinterpret_cast<SharedEvent*>(handle);
}

struct Executable {
    std::vector<Node> nodes;
};

bool same_shape(const std::vector<Node>& a, const std::vector<Node>& b) {
    return a.size() == b.size() &&
           std::equal(a.begin(), a.end(), b.begin(), [](const Node& x, const Node& y) {
               return x.kind == y.kind && x.after == y.after;
           });
}

// Whether every node is an ancestor of the origin's last ones.
bool all_joined(const Graph& graph, const std::vector<std::size_t>& frontier) {
    std::vector<bool> reached(graph.nodes.size(), false);
    std::vector<std::size_t> open = frontier;
    while (!open.empty()) {
        const std::size_t node = open.back();
        open.pop_back();
        if (reached[node]) continue;
        reached[node] = true;
        for (const std::size_t before : graph.nodes[node].after) open.push_back(before);
    }
    return std::all_of(reached.begin(), reached.end(), [](bool value) { return value; });
}

void leave_captures_of(const std::shared_ptr<Graph>& graph) {
    const std::lock_guard lock(table_mutex);
    for (Stream* stream : streams()) {
        if (stream->capture != graph) continue;
        stream->capture = nullptr;
        stream->origin = false;
        stream->frontier.clear();
    }
}

}  // namespace

Stream::~Stream() {
    {
        const std::lock_guard lock(mutex_);
        ending_ = true;
    }
    changed_.notify_all();
    if (worker_.joinable()) worker_.join();
}

void Stream::push(Work work) {
    const std::lock_guard lock(mutex_);
    queue_.push_back(std::move(work));
    if (!worker_.joinable()) worker_ = std::thread([this] { run(); });
    changed_.notify_all();
}

bool Stream::idle() {
    const std::lock_guard lock(mutex_);
    return queue_.empty() && !busy_;
}

void Stream::drain() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return queue_.empty() && !busy_; });
}

void Stream::drain_unless_stalled() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return stalled_ || (queue_.empty() && !busy_); });
}

void Stream::stall() {
    push([] { wait_for_ever(); });
    const std::lock_guard lock(mutex_);
    stalled_ = true;
}

void Stream::run() {
    std::unique_lock lock(mutex_);
    for (;;) {
        changed_.wait(lock, [&] { return ending_ || !queue_.empty(); });
        if (queue_.empty()) return;
        const Work work = std::move(queue_.front());
        queue_.pop_front();
        busy_ = true;
        lock.unlock();
        // After a GPU is lost nothing runs any more.
        if (sticky() == cudaSuccess) work();
        lock.lock();
        busy_ = false;
        changed_.notify_all();
    }
}

Stream* find_stream(cudaStream_t handle) {
    if (handle == nullptr || handle == cudaStreamLegacy || handle == cudaStreamPerThread) {
        return default_stream(current_device());
    }
    const std::lock_guard lock(table_mutex);
    auto* stream = reinterpret_cast<Stream*>(handle);
    return streams().count(stream) > 0 ? stream : nullptr;
}

void wait_for_all_streams() {
    std::set<Stream*> all;
    std::set<std::shared_ptr<Stream>> last;
    {
        const std::lock_guard lock(table_mutex);
        all = streams();
        last = ending();
    }
    for (Stream* stream : all) stream->drain_unless_stalled();
    for (const auto& stream : last) stream->drain_unless_stalled();
}

cudaError_t submit(cudaStream_t handle, int kind, Work work) {
    Stream* stream = find_stream(handle);
    if (stream == nullptr) return cudaErrorInvalidResourceHandle;
    if (stream->capture == nullptr) {
        stream->push(std::move(work));
        return cudaSuccess;
    }
    auto& nodes = stream->capture->nodes;
    nodes.push_back({std::move(work), kind, stream->frontier});
    stream->frontier = {nodes.size() - 1};
    return cudaSuccess;
}

}  // namespace stand_ins::cudart

using namespace stand_ins::cudart;

STAND_IN cudaError_t cudaStreamCreateWithPriority(cudaStream_t* handle, unsigned, int) {
    STAND_IN_ENTRY(cudaStreamCreateWithPriority);
    auto* stream = new Stream(current_device());
    {
        const std::lock_guard lock(table_mutex);
        streams().insert(stream);
    }
    ++live_streams;
    *handle = reinterpret_cast<cudaStream_t>(stream);
    return cudaSuccess;
}

// The real one returns at once and lets the work finish.
STAND_IN cudaError_t cudaStreamDestroy(cudaStream_t handle) {
    auto* stream = reinterpret_cast<Stream*>(handle);
    {
        const std::lock_guard lock(table_mutex);
        if (streams().erase(stream) == 0) return told(cudaErrorInvalidResourceHandle);
    }
    --live_streams;
    const std::shared_ptr<Stream> last(stream);
    {
        const std::lock_guard lock(table_mutex);
        ending().insert(last);
    }
    std::thread([last]() mutable {
        last->drain();
        const std::lock_guard lock(table_mutex);
        ending().erase(last);
        // The last to let go joins the worker, which needs the table no more.
    }).detach();
    return told(sticky());
}

STAND_IN cudaError_t cudaStreamSynchronize(cudaStream_t handle) {
    bool hangs = false;
    if (const cudaError_t code = entry("cudaStreamSynchronize", &hangs); code != cudaSuccess) {
        return told(code);
    }
    Stream* stream = find_stream(handle);
    if (stream == nullptr) return told(cudaErrorInvalidResourceHandle);
    if (stream->capture != nullptr) {
        stream->capture->broken = true;
        return told(cudaErrorStreamCaptureUnsupported);
    }
    if (hangs) stream->stall();
    stream->drain();
    return told(sticky());
}

STAND_IN cudaError_t cudaStreamQuery(cudaStream_t handle) {
    STAND_IN_ENTRY(cudaStreamQuery);
    Stream* stream = find_stream(handle);
    if (stream == nullptr) return told(cudaErrorInvalidResourceHandle);
    if (stream->capture != nullptr) {
        stream->capture->broken = true;
        return told(cudaErrorStreamCaptureUnsupported);
    }
    return stream->idle() ? told(sticky()) : cudaErrorNotReady;
}

STAND_IN cudaError_t cudaLaunchHostFunc(cudaStream_t handle, cudaHostFn_t body, void* data) {
    STAND_IN_ENTRY(cudaLaunchHostFunc);
    return told(submit(handle, host_node, [body, data] { body(data); }));
}

STAND_IN cudaError_t cudaEventCreate(cudaEvent_t* event) {
    STAND_IN_ENTRY(cudaEventCreate);
    *event = reinterpret_cast<cudaEvent_t>(new SharedEvent(std::make_shared<Event>()));
    ++live_events;
    return cudaSuccess;
}
STAND_IN cudaError_t cudaEventCreateWithFlags(cudaEvent_t* event, unsigned) {
    return cudaEventCreate(event);
}
STAND_IN cudaError_t cudaEventDestroy(cudaEvent_t handle) {
    if (handle == nullptr) return told(cudaErrorInvalidResourceHandle);
    delete &event_of(handle);
    --live_events;
    return told(sticky());
}

STAND_IN cudaError_t cudaEventRecord(cudaEvent_t handle, cudaStream_t stream_handle) {
    STAND_IN_ENTRY(cudaEventRecord);
    Stream* stream = find_stream(stream_handle);
    if (stream == nullptr) return told(cudaErrorInvalidResourceHandle);
    const SharedEvent event = event_of(handle);
    if (stream->capture != nullptr) {
        event->graph = stream->capture;
        event->frontier = stream->frontier;
        return cudaSuccess;
    }
    std::uint64_t turn = 0;
    {
        const std::lock_guard lock(event->mutex);
        event->graph = nullptr;
        turn = ++event->recorded;
    }
    stream->push([event, turn] {
        const std::lock_guard lock(event->mutex);
        event->reached = turn;
        event->at = std::chrono::steady_clock::now();
        event->happened.notify_all();
    });
    return cudaSuccess;
}

STAND_IN cudaError_t cudaEventQuery(cudaEvent_t handle) {
    STAND_IN_ENTRY(cudaEventQuery);
    const SharedEvent event = event_of(handle);
    const std::lock_guard lock(event->mutex);
    return event->reached >= event->recorded ? cudaSuccess : cudaErrorNotReady;
}

STAND_IN cudaError_t cudaEventSynchronize(cudaEvent_t handle) {
    STAND_IN_ENTRY(cudaEventSynchronize);
    const SharedEvent event = event_of(handle);
    std::unique_lock lock(event->mutex);
    while (event->reached < event->recorded && sticky() == cudaSuccess) {
        event->happened.wait_for(lock, std::chrono::milliseconds(10));
    }
    return told(sticky());
}

STAND_IN cudaError_t cudaEventElapsedTime(float* milliseconds, cudaEvent_t begin, cudaEvent_t end) {
    STAND_IN_ENTRY(cudaEventElapsedTime);
    const Event& from = *event_of(begin);
    const Event& to = *event_of(end);
    if (from.reached == 0 || to.reached == 0) return told(cudaErrorInvalidResourceHandle);
    *milliseconds = std::chrono::duration<float, std::milli>(to.at - from.at).count();
    return cudaSuccess;
}

STAND_IN cudaError_t cudaStreamWaitEvent(cudaStream_t stream_handle, cudaEvent_t handle, unsigned) {
    STAND_IN_ENTRY(cudaStreamWaitEvent);
    Stream* stream = find_stream(stream_handle);
    if (stream == nullptr) return told(cudaErrorInvalidResourceHandle);
    const SharedEvent event = event_of(handle);
    if (event->graph != nullptr) {
        // The stream joins the capture of the event's stream.
        stream->capture = event->graph;
        for (const std::size_t node : event->frontier) stream->frontier.push_back(node);
        return cudaSuccess;
    }
    std::uint64_t turn = 0;
    {
        const std::lock_guard lock(event->mutex);
        turn = event->recorded;
    }
    stream->push([event, turn] {
        std::unique_lock lock(event->mutex);
        while (event->reached < turn && sticky() == cudaSuccess) {
            event->happened.wait_for(lock, std::chrono::milliseconds(10));
        }
    });
    return cudaSuccess;
}

STAND_IN cudaError_t cudaStreamBeginCapture(cudaStream_t handle, cudaStreamCaptureMode) {
    STAND_IN_ENTRY(cudaStreamBeginCapture);
    Stream* stream = find_stream(handle);
    if (stream == nullptr) return told(cudaErrorInvalidResourceHandle);
    if (stream->capture != nullptr) return told(cudaErrorStreamCaptureUnsupported);
    stream->capture = std::make_shared<Graph>();
    stream->origin = true;
    stream->frontier.clear();
    return cudaSuccess;
}

STAND_IN cudaError_t cudaStreamEndCapture(cudaStream_t handle, cudaGraph_t* result) {
    Stream* stream = find_stream(handle);
    if (stream == nullptr) return told(cudaErrorInvalidResourceHandle);
    *result = nullptr;
    if (stream->capture == nullptr) return told(cudaErrorStreamCaptureUnsupported);
    const std::shared_ptr<Graph> graph = stream->capture;
    const std::vector<std::size_t> frontier = stream->frontier;
    leave_captures_of(graph);
    if (const cudaError_t code = entry("cudaStreamEndCapture"); code != cudaSuccess)
        return told(code);
    if (graph->broken) return told(cudaErrorStreamCaptureInvalidated);
    if (!all_joined(*graph, frontier)) return told(cudaErrorStreamCaptureUnjoined);
    *result = reinterpret_cast<cudaGraph_t>(new Graph(*graph));
    ++live_graphs;
    return cudaSuccess;
}

STAND_IN cudaError_t cudaStreamIsCapturing(cudaStream_t handle, cudaStreamCaptureStatus* status) {
    STAND_IN_ENTRY(cudaStreamIsCapturing);
    const Stream* stream = find_stream(handle);
    if (stream == nullptr) return told(cudaErrorInvalidResourceHandle);
    *status = stream->capture == nullptr ? cudaStreamCaptureStatusNone
              : stream->capture->broken  ? cudaStreamCaptureStatusInvalidated
                                         : cudaStreamCaptureStatusActive;
    return cudaSuccess;
}

STAND_IN cudaError_t cudaGraphInstantiate(cudaGraphExec_t* result, cudaGraph_t graph,
                                          unsigned long long) {
    STAND_IN_ENTRY(cudaGraphInstantiate);
    *result =
        reinterpret_cast<cudaGraphExec_t>(new Executable{reinterpret_cast<Graph*>(graph)->nodes});
    ++live_graphs;
    return cudaSuccess;
}

STAND_IN cudaError_t cudaGraphExecUpdate(cudaGraphExec_t executable, cudaGraph_t graph,
                                         cudaGraphExecUpdateResultInfo* info) {
    STAND_IN_ENTRY(cudaGraphExecUpdate);
    auto& nodes = reinterpret_cast<Executable*>(executable)->nodes;
    const auto& fresh = reinterpret_cast<Graph*>(graph)->nodes;
    *info = {};
    if (!same_shape(nodes, fresh)) {
        info->result = cudaGraphExecUpdateErrorTopologyChanged;
        return told(cudaErrorGraphExecUpdateFailure);
    }
    nodes = fresh;
    info->result = cudaGraphExecUpdateSuccess;
    return cudaSuccess;
}

STAND_IN cudaError_t cudaGraphLaunch(cudaGraphExec_t executable, cudaStream_t stream) {
    STAND_IN_ENTRY(cudaGraphLaunch);
    // Nodes stand in an order in which each comes after those that it waits for.
    return told(
        submit(stream, kernel_node, [nodes = reinterpret_cast<Executable*>(executable)->nodes] {
            for (const Node& node : nodes) node.work();
        }));
}

STAND_IN cudaError_t cudaGraphDestroy(cudaGraph_t graph) {
    if (graph == nullptr) return told(cudaErrorInvalidValue);
    delete reinterpret_cast<Graph*>(graph);
    --live_graphs;
    return told(sticky());
}

STAND_IN cudaError_t cudaGraphExecDestroy(cudaGraphExec_t executable) {
    if (executable == nullptr) return told(cudaErrorInvalidValue);
    delete reinterpret_cast<Executable*>(executable);
    --live_graphs;
    return told(sticky());
}
