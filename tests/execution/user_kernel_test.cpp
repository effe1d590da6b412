// SPDX-License-Identifier: Apache-2.0
// Users' kernels from the file to the verified result, over the stand-in libcudart: it runs a body
// that the test announces under the kernel's name, whatever the image says.
#include <doctest/doctest.h>

#include <fstream>

#include "kernels/launch_limits.hpp"
#include "kernels/user_cache.hpp"
#include "runtime/base/file.hpp"
#include "runtime/comm/solo_communicator.hpp"
#include "runtime/device/gpu_models.hpp"
#include "runtime/execution/user_kernel.hpp"
#include "tests/support/run_workload.hpp"
#include "tests/support/solo.hpp"
#include "tests/support/source_dir.hpp"
#include "tests/support/stand_in_cuda.hpp"
#include "tests/support/stand_ins/announce.hpp"
#include "tests/support/temporary_folder.hpp"

using namespace warpstep;

namespace {

constexpr const char* ptx = R"(.version 8.0
.target sm_80
.address_size 64
.visible .entry saxpy(.param .u64 n, .param .f32 alpha, .param .u64 x, .param .u64 y) { ret; }
)";

int launches = 0, blocks = 0;

void saxpy(const stand_ins::KernelLaunch& launch) {
    const long n = *static_cast<long*>(launch.arguments[0]);
    const float alpha = *static_cast<float*>(launch.arguments[1]);
    const auto* x = *static_cast<const float**>(launch.arguments[2]);
    auto* y = *static_cast<float**>(launch.arguments[3]);
    const long threads = long{launch.grid[0]} * launch.block[0];
    for (long i = 0; i < std::min(n, threads); ++i) y[i] += alpha * x[i];
    ++launches;
    blocks = static_cast<int>(launch.grid[0]);
}

/// A GPU of the stand-in and everything else that a program needs.
class Gpu {
  public:
    Gpu() : device_(comm::cuda_backend().open(0)), communicator_(*device_) {
        static constexpr std::size_t bytes[] = {8, 4, 8, 8};
        const auto announce = reinterpret_cast<decltype(&stand_in_announce_kernel)>(
            test::Failing::find("stand_in_announce_kernel"));
        REQUIRE((announce != nullptr));
        announce(reinterpret_cast<const void*>(saxpy), "saxpy", saxpy, bytes, 4);
        channel_ = comm::ControlChannel::connect(step_, std::nullopt, "127.0.0.1", 0, "user-kernel",
                                                 Deadline::in(std::chrono::seconds(20)));
    }
    execution::Machine machine() {
        return {step_, *device_, cores_, &comm::cuda_backend(), communicator_, *channel_};
    }

  private:
    step::Step step_;
    device::host::Cores cores_{1};
    std::unique_ptr<device::Device> device_;
    comm::SoloCommunicator communicator_;
    std::unique_ptr<comm::ControlChannel> channel_;
};

struct Folder : test::TemporaryFolder {
    Folder() {
        std::ofstream(*this / "saxpy.ptx") << ptx;
        ::setenv("WARPSTEP_CACHE_DIR", (*this / "cache").c_str(), 1);
    }
    ~Folder() { ::unsetenv("WARPSTEP_CACHE_DIR"); }
};

std::string replaced(std::string text, const std::string& from, const std::string& to) {
    const auto at = text.find(from);
    REQUIRE(at != std::string::npos);
    return text.replace(at, from.size(), to);
}

constexpr const char* from_image = R"(version: 1
name: t
params: { n: 1000, alpha: 2.5 }
buffers:
  x: { dtype: f32, count: n, init: { random: normal, seed: 1 } }
  y: { dtype: f32, count: n, init: iota }
kernels:
  saxpy:
    file: saxpy.ptx
    args:
      - { value: n, type: i64 }
      - { value: alpha, type: f32 }
      - { read: x }
      - { update: y }
    threads: n
    bytes: 3 * n * 4
    flops: 2 * n
steps:
  - { name: saxpy, run: saxpy, repeat: { warmup: 1, times: 5 }, verify: { y: { equals: before(y) + alpha * x, ulp: 2 } } }
)";

workload::Workload parse(const Folder& folder, const std::string& text) {
    return workload::parse_workload(text, folder / "w.yaml", {}, plan::operations());
}

execution::RankResult run(const Folder& folder, const std::string& text) {
    Gpu gpu;
    return test::run_workload(parse(folder, text), gpu.machine());
}

// The folder's name taken out.
std::string error_of(const Folder& folder, const std::string& text) {
    const std::string message = test::error_of([&] { run(folder, text); });
    const auto at = message.find(folder / "");
    return at == 0 ? message.substr((folder / "").size()) : message;
}

bool has_nvrtc() {
    try {
        comm::cuda_backend().compiler();
        return true;
    } catch (const Error& error) {
        MESSAGE("skipped, no NVRTC: " << std::string(error.what()));
        return false;
    }
}

}  // namespace

TEST_CASE("execution: a user's kernel is loaded, run, verified and measured") {
    const Folder folder;
    launches = 0;
    const auto result = run(folder, from_image);
    REQUIRE(result.steps.size() == 1);
    REQUIRE(result.steps[0].verify.size() == 1);
    CHECK(result.steps[0].verify[0].passed);
    CHECK(launches == 7);  // one to verify, one to warm up, five timed
    CHECK(blocks == 4);    // ceil(1000 / 256)
    CHECK(result.steps[0].metrics.size() == 3);
    CHECK(test::live("libraries") == 0);
    CHECK(test::live("memory") == 0);
}

TEST_CASE("execution: a wrong result of a user's kernel fails the verification") {
    const Folder folder;
    const auto result = run(folder, replaced(from_image, "threads: n", "grid: 1"));
    CHECK_FALSE(result.steps[0].verify[0].passed);
}

TEST_CASE("execution: nothing is launched for no threads") {
    const Folder folder;
    launches = 0;
    run(folder, replaced(from_image, "n: 1000", "n: 0"));
    CHECK(launches == 0);
}

TEST_CASE("execution: one load for all steps that run a kernel") {
    const Folder folder;
    const test::Failing second("cudaLibraryLoadData#2+=2");
    launches = 0;
    run(folder, std::string(from_image) + "  - { name: again, run: saxpy }\n");
    CHECK(launches == 8);
}

TEST_CASE("execution: the example of the repository, compiled by NVRTC") {
    if (!has_nvrtc()) return;
    const Folder folder;
    Gpu gpu;
    const auto workload = workload::load_workload(test::source_dir() + "/configs/my-saxpy.yaml",
                                                  {"n=100000"}, plan::operations());
    const auto result = test::run_workload(workload, gpu.machine());
    CHECK(result.steps[0].verify[0].passed);
    const kernels::ImageCache cache(folder / "cache");
    const auto arch = comm::cuda_backend().arch_of(gpu.machine().device);
    const auto key = kernels::image_key(execution::source_of(workload.kernels[0]), arch,
                                        comm::cuda_backend().compiler());
    CHECK(::access(cache.file_of(key).c_str(), R_OK) == 0);
}

TEST_CASE("execution: arguments that do not fit the compiled function are refused") {
    const Folder folder;
    const std::string text = from_image;
    CHECK(error_of(folder, replaced(text, "type: i64", "type: i32")) ==
          "w.yaml:11:9: argument 1 of 'saxpy' does not fit: 'n' is i32 (4 bytes), but the compiled "
          "kernel 'saxpy' takes 8 bytes there; write type: i64, u64, f64, or name a buffer");
    CHECK(error_of(folder, replaced(text, "      - { update: y }\n", "")) ==
          "w.yaml:13:9: 'saxpy' has 3 arguments, but the compiled kernel 'saxpy' takes 4 (of 8, 4, "
          "8, 8 bytes); list all of them under 'args', in the order of the signature");
    CHECK(error_of(folder, replaced(text, "{ value: alpha, type: f32 }", "{ read: x }")) ==
          "w.yaml:12:9: argument 2 of 'saxpy' does not fit: 'x' is a buffer (8 bytes), but the "
          "compiled kernel 'saxpy' takes 4 bytes there; list the arguments in the order of the "
          "signature");
    CHECK(error_of(folder, replaced(text, "file: saxpy.ptx", "file: saxpy.ptx\n    entry: saxpi"))
              .find("no kernel 'saxpi' in ") != std::string::npos);
    CHECK(error_of(folder, replaced(text, "alpha: 2.5", "alpha: 1e300")).find("does not fit f32") !=
          std::string::npos);
    CHECK(error_of(folder, replaced(replaced(text, "value: n,", "value: -1,"), "i64", "u32"))
              .find("-1 does not fit u32 (0 to 4294967295)") != std::string::npos);
    CHECK(error_of(folder, replaced(text, "count: n, init: iota", "count: n, memory: host"))
              .find("'y' lies in host memory") != std::string::npos);
}

TEST_CASE(
    "execution: a device refuses launches at the limits and in the words of its architecture") {
    Gpu gpu;
    const execution::Machine machine = gpu.machine();
    const auto kernel = machine.cuda->load(machine.device, ptx, "saxpy");
    const auto* sm_90 = device::architecture_named("sm_90");
    REQUIRE(sm_90 != nullptr);
    const auto limits = kernels::launch_limits(nullptr, sm_90->shared_of_block);
    kernels::LaunchShape most;
    most.grid = limits.grid;
    most.block = {limits.block[0], 1, 1};
    most.shared_bytes = sm_90->shared_of_block;
    kernel->check(most);
    std::vector<kernels::LaunchShape> beyond(7, kernels::LaunchShape{});
    for (std::size_t i = 0; i < 3; ++i) {
        beyond[i].grid[i] = limits.grid[i] + 1;
        beyond[3 + i].block[i] = limits.block[i] + 1;
    }
    beyond[6].shared_bytes = sm_90->shared_of_block + 1;
    for (const auto& shape : beyond) {
        const std::string said = test::error_of([&] { kernel->check(shape); });
        CHECK_FALSE(said.empty());
        CHECK(said == test::error_of([&] { kernels::check_launch(shape, limits); }));
    }
}

TEST_CASE("execution: launch shapes beyond the device are refused before anything runs") {
    const Folder folder;
    const std::string text = from_image;
    launches = 0;
    CHECK(error_of(folder, replaced(text, "threads: n", "threads: n\n    block: 2048"))
              .find("w.yaml:8:3: kernel 'saxpy': the block is 2048 in x (this GPU allows 1 to "
                    "1024)") == 0);
    CHECK(error_of(folder, replaced(text, "threads: n", "threads: n\n    block: [32, 33]"))
              .find("a block has 1056 threads (this kernel allows 1024") != std::string::npos);
    CHECK(error_of(folder, replaced(text, "threads: n", "grid: [1, 65536]"))
              .find("the grid is 65536 in y (this GPU allows 1 to 65535)") != std::string::npos);
    CHECK(error_of(folder, replaced(text, "threads: n", "threads: n\n    shared: 1GiB"))
              .find("a block needs 1 GiB of shared memory (this GPU has 227 KiB)") !=
          std::string::npos);
    CHECK(launches == 0);
    run(folder, replaced(text, "threads: n", "threads: n\n    shared: 100KiB"));
    CHECK(launches == 7);
}

TEST_CASE("execution: calls that fail for a user's kernel are told, and nothing stays behind") {
    const Folder folder;
    const std::vector<std::pair<std::string, std::string>> failures{
        {"cudaLibraryLoadData#1=209", "the image cannot be loaded ("},
        {"cudaLibraryLoadData#1=222", "the PTX cannot be compiled by this driver ("},
        {"cudaLibraryLoadData#1=2", "cudaErrorMemoryAllocation) in cudaLibraryLoadData"},
        {"cudaLibraryGetKernel#1=500", "no kernel 'saxpy' in the image ("},
        {"cudaLibraryGetKernel#1=999", "cudaErrorUnknown) in cudaLibraryGetKernel"},
        {"cudaFuncGetAttributes#1=98", "in cudaFuncGetAttributes"},
        {"cudaLaunchKernelExC#1=719", "in cudaLaunchKernelExC"},
        {"cudaLaunchKernelExC#4=719", "in cudaLaunchKernelExC"}};
    for (const auto& failure : failures) {
        // Clang 14 captures no structured bindings.
        const std::string &what = failure.first, &told = failure.second;
        CAPTURE(what);
        const test::Failing failing(what);
        const std::string message = error_of(folder, from_image);
        CAPTURE(message);
        CHECK(message.find(told) != std::string::npos);
        CHECK(test::live("libraries") == 0);
    }
    const test::Failing failing("cudaKernelSetAttributeForDevice#1=1");
    CHECK(error_of(folder, replaced(from_image, "threads: n", "threads: n\n    shared: 100KiB"))
              .find("cudaKernelSetAttributeForDevice") != std::string::npos);
}

TEST_CASE("execution: without the driver's answer the image's own parameters are checked") {
    const Folder folder;
    const test::Failing failing("cudaGetDriverEntryPointByVersion#1+=500");
    CHECK(error_of(folder, replaced(from_image, "type: i64", "type: i32"))
              .find("argument 1 of 'saxpy' does not fit") != std::string::npos);
    run(folder, from_image);
}

TEST_CASE("execution: images that are none, or for another GPU") {
    const Folder folder;
    std::ofstream(folder / "saxpy.cubin") << "no cubin";
    CHECK(error_of(folder, replaced(from_image, "saxpy.ptx", "saxpy.cubin")) ==
          "w.yaml:8:3: kernel 'saxpy': not an image of CUDA code (neither cubin, fatbin nor PTX); "
          "give what nvcc wrote with -cubin, -fatbin or -ptx");
    if (!has_nvrtc()) return;
    const std::string code = "extern \"C\" __global__ void saxpy(long, float, float*, float*) {}";
    const kernels::KernelSource source{"k.cu", 1, 0, code, "saxpy", {}, {}};
    std::ofstream(folder / "saxpy.cubin") << comm::cuda_backend().compile(source, "sm_120").bytes;
    CHECK(error_of(folder, replaced(from_image, "saxpy.ptx", "saxpy.cubin"))
              .find("saxpy.cubin is for sm_120 (this GPU needs sm_90)") != std::string::npos);
    std::ofstream(folder / "saxpy.cubin") << comm::cuda_backend().compile(source, "sm_90").bytes;
    CHECK_FALSE(run(folder, replaced(from_image, "saxpy.ptx", "saxpy.cubin")).steps.empty());
}

TEST_CASE(
    "execution: on the host device a user's kernel is refused, unless its step is switched off") {
    const Folder folder;
    test::Solo solo;
    CHECK(test::error_of([&] { test::run_workload(parse(folder, from_image), solo.machine()); })
              .find("step 'saxpy' runs the kernel 'saxpy' (CUDA code needs a GPU, and this rank "
                    "has the host device); run it where there is a GPU, or give the step if: "
                    "device.kind == cuda") != std::string::npos);
    const auto off = replaced(from_image, "run: saxpy,", "run: saxpy, if: device.kind == cuda,");
    const auto result = test::run_workload(parse(folder, off), solo.machine());
    CHECK_FALSE(result.steps[0].ran);
}
