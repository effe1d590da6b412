// SPDX-License-Identifier: Apache-2.0
// What a person reads when a CUDA call fails, and that nothing is left behind.
#include <doctest/doctest.h>

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/stand_in_cuda.hpp"

using namespace warpstep;
using device::Memory;

namespace {

bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

std::vector<int> all_live() {
    std::vector<int> counts;
    for (const char* kind : {"memory", "streams", "events", "graphs", "libraries"}) {
        counts.push_back(test::live(kind));
    }
    return counts;
}

/// What CUDA would tell the next one who asks; a library that asks takes it for its own failure.
int last_error() {
    const auto peek = reinterpret_cast<int (*)()>(test::Failing::find("cudaPeekAtLastError"));
    return peek == nullptr ? -1 : peek();
}

/// Everything that a device does, in one go.
void use(device::Device& gpu, device::Device& peer) {
    const auto stream = gpu.make_stream();
    const auto event = gpu.make_event();
    const auto earlier = gpu.make_event();
    const auto buffer = gpu.allocate(4096, Memory::device);
    const auto pinned = gpu.allocate(4096, Memory::host_pinned);
    gpu.enable_peer(peer);
    gpu.memory();
    gpu.share(*buffer);
    earlier->record(*stream);
    gpu.copy(buffer->data(), pinned->data(), 4096, *stream);
    event->record(*stream);
    stream->wait(*event);
    stream->synchronize();
    stream->done();
    event->synchronize();
    event->seconds_since(*earlier);
    const auto copy = [&] { gpu.copy(pinned->data(), buffer->data(), 4096, *stream); };
    const auto graph = gpu.capture(*stream, copy);
    graph->update(copy);
    graph->launch(*stream);
    stream->synchronize();
}

struct Injected {
    const char* call;
    int times;  ///< that use() calls it, at least
};
const std::vector<Injected> injected = {{"cudaGetDevice", 9},
                                        {"cudaDeviceGetStreamPriorityRange", 1},
                                        {"cudaStreamCreateWithPriority", 1},
                                        {"cudaEventCreate", 2},
                                        {"cudaMalloc", 1},
                                        {"cudaHostAlloc", 1},
                                        {"cudaMemsetAsync", 1},
                                        {"cudaStreamSynchronize", 3},
                                        {"cudaDeviceCanAccessPeer", 1},
                                        {"cudaDeviceEnablePeerAccess", 1},
                                        {"cudaMemGetInfo", 1},
                                        {"cudaIpcGetMemHandle", 1},
                                        {"cudaEventRecord", 2},
                                        {"cudaMemcpyAsync", 3},
                                        {"cudaStreamWaitEvent", 1},
                                        {"cudaStreamQuery", 1},
                                        {"cudaEventSynchronize", 1},
                                        {"cudaEventElapsedTime", 1},
                                        {"cudaStreamBeginCapture", 2},
                                        {"cudaStreamEndCapture", 2},
                                        {"cudaGraphInstantiate", 1},
                                        {"cudaGraphLaunch", 1}};

}  // namespace

TEST_CASE("device: every call that fails is named with its text and its GPU, and nothing leaks") {
    const auto peer = comm::cuda_backend().open(1);
    const auto gpu = comm::cuda_backend().open(0);
    use(*gpu, *peer);
    const auto before = all_live();
    for (const Injected& one : injected) {
        for (int turn = 1; turn <= one.times; ++turn) {
            const std::string spec = std::string(one.call) + "#" + std::to_string(turn) + "=719";
            CAPTURE(spec);
            std::string error;
            {
                const test::Failing failing(spec);
                error = test::error_of([&] { use(*gpu, *peer); });
            }
            CHECK(contains(error, "unspecified launch failure (cudaErrorLaunchFailure)"));
            CHECK(contains(error, std::string(" in ") + one.call + " at "));
            CHECK(contains(error, gpu->facts().uuid));
            CHECK(all_live() == before);
            CHECK(last_error() == 0);
            // One failure is told once: the next use knows nothing of it.
            CHECK(test::error_of([&] { use(*gpu, *peer); }) == "");
        }
    }
}

TEST_CASE("device: a failure names the GPU of the stream, event or graph, whichever is current") {
    const auto gpu = comm::cuda_backend().open(0);
    const auto stream = gpu->make_stream();
    const auto event = gpu->make_event();
    const auto graph = gpu->capture(*stream, [] {});
    const auto current = comm::cuda_backend().open(1);
    const std::vector<std::pair<const char*, std::function<void()>>> calls = {
        {"cudaStreamSynchronize", [&] { stream->synchronize(); }},
        {"cudaStreamQuery", [&] { stream->done(); }},
        {"cudaStreamWaitEvent", [&] { stream->wait(*event); }},
        {"cudaEventRecord", [&] { event->record(*stream); }},
        {"cudaEventSynchronize", [&] { event->synchronize(); }},
        {"cudaEventElapsedTime", [&] { event->seconds_since(*event); }},
        {"cudaGraphLaunch", [&] { graph->launch(*stream); }},
        {"cudaGetDevice", [&] { gpu->memory(); }},
        {"cudaSetDevice", [&] { gpu->memory(); }}};
    for (const auto& entry : calls) {
        const std::string call = entry.first;
        CAPTURE(call);
        {
            const test::Failing failing(call + "#1=719");
            CHECK(contains(test::error_of(entry.second), gpu->facts().uuid));
        }
        // The failure does not change what is current.
        const test::Failing failing("cudaMemGetInfo#1=719");
        CHECK(contains(test::error_of([&] { current->memory(); }), current->facts().uuid));
    }
}

TEST_CASE("device: an update that CUDA refuses falls back, whatever the reason") {
    const auto peer = comm::cuda_backend().open(1);
    const auto gpu = comm::cuda_backend().open(0);
    const auto before = all_live();
    const test::Failing failing("cudaGraphExecUpdate#1=910");
    CHECK(test::error_of([&] { use(*gpu, *peer); }) == "");
    CHECK(all_live() == before);
}

TEST_CASE("device: frees that fail are no news, and say nothing to the next call") {
    const auto peer = comm::cuda_backend().open(1);
    const auto gpu = comm::cuda_backend().open(0);
    for (const char* call : {"cudaFree#1=719", "cudaFreeHost#1=719"}) {
        const test::Failing failing(call);
        CHECK(test::error_of([&] { use(*gpu, *peer); }) == "");
        CHECK(test::error_of([&] { use(*gpu, *peer); }) == "");
    }
}

TEST_CASE("device: opening a GPU fails with the call that failed") {
    for (const char* call : {"cudaGetDeviceProperties", "cudaSetDevice", "cudaFree"}) {
        const test::Failing failing(std::string(call) + "#1=46");
        const auto error = test::error_of([] { comm::cuda_backend().open(0); });
        CAPTURE(call);
        CHECK(contains(error,
                       "cuda: CUDA-capable device(s) is/are busy or unavailable "
                       "(cudaErrorDevicesUnavailable) in "));
        CHECK(contains(error, call));
    }
    CHECK(test::error_of([] { comm::cuda_backend().open(0); }) == "");
}

TEST_CASE("device: a GPU that is not shown is refused with how many are") {
    CHECK(test::error_of([] {
              comm::cuda_backend().open(7);
          }).find("no CUDA device 7 (CUDA shows 2 to this task)") == 0);
    CHECK(test::error_of([] { comm::cuda_backend().open(-1); }).find("no CUDA device -1") == 0);
}

TEST_CASE("device: a machine without driver, with an old one or without devices says which") {
    const auto problem = [](const char* name, const char* value) {
        ::setenv(name, value, 1);
        const auto error = test::error_of([] { comm::cuda_backend().devices(); });
        ::unsetenv(name);
        return error;
    };
    CHECK(problem("STAND_IN_DRIVER", "12020")
              .find("no CUDA device: the driver is for CUDA 12.2, this module needs 13.0") == 0);
    CHECK(problem("STAND_IN_DRIVER", "0").find("no CUDA device: no NVIDIA driver is loaded") == 0);
    CHECK(problem("STAND_IN_DEVICES", "0").find("no CUDA device: the driver shows none") == 0);
    CHECK(problem("CUDA_VISIBLE_DEVICES", "").find("no CUDA device: the driver shows none") == 0);
    CHECK(problem("STAND_IN_FAIL", "cudaGetDeviceCount#1=999")
              .find("no CUDA device: unknown error (cudaErrorUnknown)") == 0);
    CHECK(comm::cuda_backend().devices().size() == 2);
}

TEST_CASE("device: bandwidth that the driver does not tell is absent, not wrong") {
    const test::Failing failing("cudaDeviceGetAttribute#1+=801");
    const auto devices = comm::cuda_backend().devices();
    REQUIRE(devices.size() == 2);
    CHECK(!devices[0].peak_memory_bandwidth);
    CHECK(last_error() == 0);
}

TEST_CASE("device: after a GPU is lost every call tells it, and destructors stay quiet") {
    const auto gpu = comm::cuda_backend().open(0);
    const auto before = all_live();
    {
        const auto stream = gpu->make_stream();
        const auto buffer = gpu->allocate(4096, Memory::device);
        kernels::Arguments arguments;
        arguments.buffer("buffer", buffer->data(), 1024, DType::f32).number("value", 2);
        const auto fill = comm::cuda_backend().prepare(*gpu, "fill", arguments);
        REQUIRE(fill != nullptr);
        fill->issue(*stream);
        stream->synchronize();

        const test::Failing failing("lost#1=1");
        const auto lost = test::error_of([&] {
            fill->issue(*stream);
            stream->synchronize();
        });
        CHECK(contains(lost, "unspecified launch failure (cudaErrorLaunchFailure) in "));
        CHECK(contains(lost, gpu->facts().uuid));
        CHECK(contains(test::error_of([&] { gpu->memory(); }), gpu->facts().uuid));
        CHECK(contains(test::error_of([&] { gpu->make_stream(); }), "(cudaErrorLaunchFailure)"));
        CHECK(contains(test::error_of([&] { gpu->allocate(64, Memory::device); }),
                       "(cudaErrorLaunchFailure)"));
        CHECK(contains(test::error_of([&] { gpu->capture(*stream, [] {}); }),
                       "(cudaErrorLaunchFailure)"));
    }
    CHECK(test::error_of([&] { gpu->memory(); }) == "");
    CHECK(all_live()[1] == before[1]);
}
