// SPDX-License-Identifier: Apache-2.0
// The CUDA module as the executable sees it. Everything here holds with and without a GPU.
#include <dlfcn.h>
#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "kernels/catalog.hpp"
#include "runtime/base/error.hpp"
#include "runtime/cuda/backend.hpp"

namespace {

using namespace warpstep;

bool starts_with(const std::string& text, const std::string& start) {
    return text.compare(0, start.size(), start) == 0;
}

// "" when the devices could be listed.
std::string why_no_device() {
    try {
        return comm::cuda_backend().devices().empty() ? "an empty list" : "";
    } catch (const DeviceError& error) {
        return error.what();
    }
}

}  // namespace

TEST_CASE("kernels: the CUDA module has a launcher for every kernel of the catalog and no other") {
    std::vector<std::string> wanted;
    for (const auto& kernel : kernels::catalog()) wanted.push_back(kernel.name);
    auto found = comm::cuda_backend().kernel_names();
    std::sort(wanted.begin(), wanted.end());
    std::sort(found.begin(), found.end());
    CHECK(found == wanted);
}

TEST_CASE(
    "kernels: the CUDA module lists devices with UUID and PCI address, or says why it cannot") {
    const std::string problem = why_no_device();
    if (!problem.empty()) {
        CHECK(starts_with(problem, "no CUDA device: "));
        CHECK(problem.size() > std::string("no CUDA device: ").size());
        CHECK_THROWS_AS(comm::cuda_backend().open(0), DeviceError);
        return;
    }
    for (const auto& facts : comm::cuda_backend().devices()) {
        CHECK(facts.kind == device::Kind::cuda);
        CHECK(facts.uuid.size() == 40);
        CHECK(facts.pci.size() == 12);
        CHECK(facts.sm_count > 0);
        CHECK(facts.memory_bytes > 0);
    }
}

TEST_CASE("kernels: the CUDA module makes a new NCCL unique id at every call, without a GPU") {
    const std::string first = comm::cuda_backend().nccl_unique_id();
    const std::string second = comm::cuda_backend().nccl_unique_id();
    CHECK(first.size() == 128);
    CHECK(second.size() == 128);
    CHECK(first != second);
}

TEST_CASE("kernels: the CUDA module tells the versions it runs with") {
    const comm::CudaVersions versions = comm::cuda_backend().versions();
    CHECK(std::count(versions.runtime.begin(), versions.runtime.end(), '.') == 1);
    CHECK(std::count(versions.nccl.begin(), versions.nccl.end(), '.') == 2);
}

TEST_CASE("kernels: the CUDA module refuses an executable that was built from other headers") {
    comm::cuda_backend();
    void* module = ::dlopen(comm::cuda_module_path().c_str(), RTLD_NOW | RTLD_LOCAL);
    REQUIRE(module != nullptr);
    const auto entry = reinterpret_cast<comm::CudaBackend* (*)(const char*)>(
        ::dlsym(module, "warpstep_cuda_backend"));
    REQUIRE((entry != nullptr));
    CHECK(entry("0123456789abcdef") == nullptr);
    CHECK(entry(nullptr) == nullptr);
}
