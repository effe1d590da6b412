// SPDX-License-Identifier: Apache-2.0
// The child that asks NVML as a program of its own, for tests: gpu_child check --collect-gpus WHAT.
#include <cstdio>
#include <string>

#include "runtime/check/collect.hpp"

int main(int count, char** words) {
    using namespace warpstep::check;
    const std::string what = count == 4 ? words[3] : "";
    if (what != "list" && what != "health") return 2;
    const std::string report =
        gpu_report(live_sources(), what == "list" ? GpuDetail::list : GpuDetail::health);
    std::fwrite(report.data(), 1, report.size(), stdout);
    return 0;
}
