// SPDX-License-Identifier: Apache-2.0
#include "runtime/device/gpu_models.hpp"

#include "runtime/base/error.hpp"
#include "runtime/base/text.hpp"

namespace warpstep::device {
namespace {

constexpr std::uint64_t giga = 1'000'000'000;
constexpr std::uint64_t kibi = 1024;

}  // namespace

// Source: NVIDIA's data sheets of the models; shared memory of a block: CUDA C++ Programming Guide,
// technical specifications per compute capability.
const std::vector<GpuModel>& gpu_models() {
    static const std::vector<GpuModel> models{
        {"h200",
         "H200",
         "sm_90",
         132,
         141 * giga,
         4.8e12,
         227 * kibi,
         {{{"f64", 67}, {"f32", 67}, {"tf32", 494.5}, {"f16", 989}, {"bf16", 989}, {"f8", 1979}}}},
        {"h100",
         "H100 80GB HBM3",
         "sm_90",
         132,
         80 * giga,
         3.35e12,
         227 * kibi,
         {{{"f64", 67}, {"f32", 67}, {"tf32", 494.5}, {"f16", 989}, {"bf16", 989}, {"f8", 1979}}}},
        {"h100-pcie",
         "H100 PCIe",
         "sm_90",
         114,
         80 * giga,
         2.0e12,
         227 * kibi,
         {{{"f64", 51}, {"f32", 51}, {"tf32", 378}, {"f16", 756}, {"bf16", 756}, {"f8", 1513}}}},
        {"a100",
         "A100-SXM4-80GB",
         "sm_80",
         108,
         80 * giga,
         2.039e12,
         163 * kibi,
         {{{"f64", 19.5}, {"f32", 19.5}, {"tf32", 156}, {"f16", 312}, {"bf16", 312}, {"f8", 0}}}},
        {"a100-40gb",
         "A100-SXM4-40GB",
         "sm_80",
         108,
         40 * giga,
         1.555e12,
         163 * kibi,
         {{{"f64", 19.5}, {"f32", 19.5}, {"tf32", 156}, {"f16", 312}, {"bf16", 312}, {"f8", 0}}}},
    };
    return models;
}

const GpuModel* model_named(std::string_view device_name) {
    for (const GpuModel& model : gpu_models()) {
        if (device_name.find(model.name) != std::string_view::npos) return &model;
    }
    return nullptr;
}

const GpuModel& assumed_model(const std::string& word) {
    std::vector<std::string> words;
    for (const GpuModel& model : gpu_models()) {
        if (model.word == word || model.arch == word) return model;
        words.emplace_back(model.word);
    }
    fail<ConfigError>("no GPU model '{}' (known are {}, and their architectures){}", word,
                      join(words, ", "), suggestion(word, words));
}

Facts facts_of(const GpuModel& model) {
    Facts facts;
    facts.kind = Kind::cuda;
    facts.name = "NVIDIA " + std::string(model.name);
    facts.memory_bytes = model.memory_bytes;
    facts.sm_count = model.sm_count;
    facts.peak_memory_bandwidth = model.memory_bandwidth;
    return facts;
}

}  // namespace warpstep::device
