// SPDX-License-Identifier: Apache-2.0
// Clocks, power and temperature of a GPU, over the stand-ins of libcudart and NVML. NVML is opened
// once for each process, so every case is a process.
#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <functional>
#include <string>
#include <vector>

#include "tests/emulated/flush_coverage.hpp"
#include "tests/support/stand_in_cuda.hpp"
#include "tests/support/temporary_folder.hpp"

using namespace warpstep;

namespace {

/// The text that `shown` becomes has the UUID of GPU 0 for every @.
int with_nvml(const char* library, std::string shown,
              const std::function<bool(const device::Condition&)>& check) {
    const test::TemporaryFolder folder;
    const pid_t child = ::fork();
    if (child == 0) {
        ::setenv("WARPSTEP_NVML_LIBRARY", library, 1);
        const auto gpu = comm::cuda_backend().open(0);
        for (auto at = shown.find('@'); at != std::string::npos; at = shown.find('@')) {
            shown.replace(at, 1, gpu->facts().uuid);
        }
        std::ofstream(folder / "nvml") << shown;
        ::setenv("FAKE_NVML", (folder / "nvml").c_str(), 1);
        const bool right = check(gpu->condition());
        test::flush_coverage();
        ::_exit(right ? 0 : 1);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

bool is_empty(const device::Condition& now) {
    return !now.sm_clock && !now.memory_clock && !now.power && !now.power_limit &&
           !now.temperature && now.throttled.empty();
}

const std::string busy = "clocks 1755 2619\npower 512500 700000\ntemperature 61\nthrottle 65\n";

bool is_busy(const device::Condition& now) {
    return now.sm_clock == 1755e6 && now.memory_clock == 2619e6 && now.power == 512.5 &&
           now.power_limit == 700.0 && now.temperature == 61.0 &&
           now.throttled ==
               std::vector<std::string>{"power cap", "software thermal", "hardware thermal"};
}

}  // namespace

TEST_CASE("device: a GPU's condition is what NVML tells of its UUID") {
    CHECK(with_nvml(FAKE_NVML_NEW_LIBRARY,
                    "gpu 0000:0f:00.0 GPU-other 1024 - 0 Other\nclocks 1 1\n"
                    "gpu 0000:10:00.0 @ 1024 - 0 Stand-in GPU\n" +
                        busy,
                    is_busy) == 0);
}

TEST_CASE("device: an instance of a divided GPU has the condition of its GPU") {
    ::setenv("STAND_IN_NAME", "Stand-in GPU MIG 1g.10gb", 1);
    const std::string shown =
        "gpu 0000:10:00.0 GPU-whole 1024 - 0 Whole\n" + busy + "mig\ninstance 0 @ 1024 1 0\n";
    CHECK(with_nvml(FAKE_NVML_NEW_LIBRARY, shown, is_busy) == 0);
    ::unsetenv("STAND_IN_NAME");
}

TEST_CASE("device: an idle GPU is not held down") {
    CHECK(with_nvml(FAKE_NVML_NEW_LIBRARY, "gpu 0000:10:00.0 @ 1024 - 0 Stand-in GPU\nthrottle 3\n",
                    [](const device::Condition& now) { return is_empty(now); }) == 0);
}

TEST_CASE("device: where NVML is absent, refuses or knows no such GPU the condition is empty") {
    CHECK(with_nvml("/nowhere/libnvidia-ml.so.1", "", is_empty) == 0);
    CHECK(with_nvml(FAKE_NVML_NEW_LIBRARY,
                    "init 18\ngpu 0000:10:00.0 @ 1024 - 0 Stand-in GPU\n" + busy, is_empty) == 0);
    CHECK(with_nvml(FAKE_NVML_NEW_LIBRARY, "gpu 0000:10:00.0 GPU-x 1024 - 0 X\n" + busy,
                    is_empty) == 0);
    CHECK(with_nvml(FAKE_NVML_BROKEN_LIBRARY, "gpu 0000:10:00.0 @ 1024 - 0 Stand-in GPU\n" + busy,
                    is_empty) == 0);
}

TEST_CASE("device: older drivers tell why clocks are held down under another name") {
    CHECK(with_nvml(FAKE_NVML_OLD_LIBRARY, "gpu 0000:10:00.0 @ 1024 - 0 Stand-in GPU\n" + busy,
                    is_busy) == 0);
}
