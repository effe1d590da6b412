// SPDX-License-Identifier: Apache-2.0
#include "runtime/device/gpu_models.hpp"

#include <doctest/doctest.h>

#include <string>

#include "runtime/base/error.hpp"
#include "runtime/device/gpu_models_file.hpp"

namespace warpstep::device {
namespace {

std::string problem_of(const std::string& text) {
    try {
        read_gpu_models(text);
    } catch (const LogicError& error) {
        return error.what();
    }
    return "";
}

}  // namespace

TEST_CASE("device: a model is known by the driver's name, and has what its data sheet says") {
    const GpuModel* h100 = model_named("NVIDIA H100 80GB HBM3");
    REQUIRE(h100 != nullptr);
    CHECK(h100->word == "h100");
    CHECK(h100->arch == "sm_90");
    CHECK(h100->sm_count == 132);
    CHECK(h100->memory_bytes == 80'000'000'000);
    CHECK(h100->memory_bandwidth == 3.35e12);
    CHECK(model_named("NVIDIA H100 PCIe")->word == "h100-pcie");
    CHECK(model_named("NVIDIA A100 80GB PCIe")->word == "a100-pcie");
    CHECK(model_named("NVIDIA GeForce RTX 4090") == nullptr);
    CHECK(model_named("NVIDIA GH200 120GB") == nullptr);
    CHECK(model_named("NVIDIA H100 80GB HBM3 MIG 1g.10gb") == h100);
    CHECK(facts_of(*h100).name == "NVIDIA H100 80GB HBM3");
}

TEST_CASE("device: every model's facts lead back to it, and its architecture is known") {
    for (const GpuModel& model : gpu_models().models) {
        CAPTURE(model.word);
        CHECK(model_named(facts_of(model).name) == &model);
        REQUIRE(family_of(facts_of(model).name) != nullptr);
        CHECK(family_of(facts_of(model).name)->word == model.family);
        CHECK(assumed_gpu(model.word).model == &model);
        CHECK(architecture_named(model.arch) == assumed_gpu(model.word).architecture);
    }
}

TEST_CASE("device: an architecture alone has limits and no model") {
    const AssumedGpu assumed = assumed_gpu("sm_89");
    CHECK(assumed.model == nullptr);
    CHECK(assumed.architecture->shared_of_block == 99 * 1024);
    CHECK_THROWS_WITH_AS(assumed_gpu("h1000"), doctest::Contains("known are h200, h100"),
                         ConfigError);
}

TEST_CASE("device: NVLinks are known for socketed models, for cards they depend on bridges") {
    const auto links = [](const char* name) {
        const auto known = nvlinks_of(name);
        return known ? known->links : 0;
    };
    CHECK(links("NVIDIA H100 80GB HBM3") == 18);
    CHECK(links("NVIDIA H200") == 18);
    CHECK(links("NVIDIA B200") == 18);
    CHECK(links("NVIDIA A100-SXM4-80GB") == 12);
    CHECK(links("NVIDIA A100-SXM-64GB") == 12);
    CHECK(links("Tesla V100-SXM2-16GB") == 6);
    CHECK_FALSE(nvlinks_of("NVIDIA A100 80GB PCIe"));
    CHECK_FALSE(nvlinks_of("NVIDIA H100 NVL"));
    CHECK_FALSE(nvlinks_of("NVIDIA L40S"));
    CHECK(family_of("NVIDIA L40S")->word == "L40S");
    CHECK(family_of("NVIDIA GeForce RTX 4090") == nullptr);
    CHECK(family_of("NVIDIA RTX A6000") == nullptr);
    CHECK(family_of("NVIDIA H100 80GB HBM3 MIG 1g.10gb") == nullptr);
    CHECK(joins_rack_fabric("NVIDIA GB200"));
    CHECK_FALSE(joins_rack_fabric("NVIDIA B200"));
}

TEST_CASE("device: a file of models that is not as it should be is refused with the line") {
    CHECK(problem_of("- 1").find("gpu-models.yaml:1: no map") != std::string::npos);
    CHECK(problem_of("launch: {}").find("no 'threads_of_block'") != std::string::npos);
    CHECK(problem_of("launch: { threads_of_block: many }").find("gpu-models.yaml:1:") !=
          std::string::npos);
}

}  // namespace warpstep::device
