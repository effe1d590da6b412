// SPDX-License-Identifier: Apache-2.0
#include "runtime/cli/check_children.hpp"

#include <dlfcn.h>

#include <iostream>
#include <nlohmann/json.hpp>

#include "runtime/base/error.hpp"
#include "runtime/cuda/backend.hpp"

namespace warpstep::cli {
namespace {

/// cuInit's own code, which tells a driver that is not ready (802) from one that is not there.
/// Nothing without a driver library. Source: CUDA driver API, CUresult.
nlohmann::json init_status() {
    void* driver = ::dlopen("libcuda.so.1", RTLD_NOW | RTLD_LOCAL);
    if (driver == nullptr) return nullptr;
    const auto init = reinterpret_cast<int (*)(unsigned)>(::dlsym(driver, "cuInit"));
    if (init == nullptr) return nullptr;
    return init(0);
}

nlohmann::json cuda_answer() {
    nlohmann::json answer{{"status", init_status()}};
    comm::CudaBackend& backend = comm::cuda_backend();
    const comm::CudaVersions versions = backend.versions();
    answer["runtime"] = versions.runtime;
    answer["nccl"] = versions.nccl;
    try {
        nlohmann::json devices = nlohmann::json::array();
        for (const device::Facts& facts : backend.devices()) devices.push_back(facts.uuid);
        answer["devices"] = devices;
    } catch (const DeviceError& error) {
        answer["problem"] = error.what();
        answer["devices"] = nlohmann::json::array();
    }
    return answer;
}

}  // namespace

int collect_in_child(const std::string& what) {
    if (what == "cuda") {
        std::cout << cuda_answer().dump() << std::flush;
        return 0;
    }
    if (what != "list" && what != "health")
        fail<ConfigError>("nothing is collected as '{}'; known: list, health, cuda", what);
    const auto detail = what == "list" ? check::GpuDetail::list : check::GpuDetail::health;
    std::cout << check::gpu_report(check::live_sources(), detail) << std::flush;
    return 0;
}

void ask_cuda(const check::Sources& sources, check::RankFacts& facts) {
    if (comm::cuda_module_path().empty()) return;
    const auto end = sources.run({{sources.program, "check", "--collect-gpus", "cuda"}, {}, {}, ""},
                                 sources.gpu_limit);
    if (!end.ok()) return;
    const auto answer = nlohmann::json::parse(end.output, nullptr, false);
    if (!answer.is_object()) return;
    if (answer["status"].is_number_integer()) facts.cuda_status = answer["status"].get<int>();
    facts.cuda_runtime = answer.value("runtime", "");
    facts.nccl = answer.value("nccl", "");
    // Without a driver library CUDA shows nothing because there is no CUDA.
    if (!answer.contains("problem") || facts.cuda_status)
        facts.cuda_gpus = answer.value("devices", std::vector<std::string>{});
}

}  // namespace warpstep::cli
