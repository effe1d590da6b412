// SPDX-License-Identifier: Apache-2.0
#include "runtime/device/gpu_models.hpp"

#include <algorithm>

#include "runtime/base/error.hpp"
#include "runtime/base/text.hpp"
#include "runtime/device/gpu_models_file.hpp"
#include "runtime/device/gpu_models_text.hpp"

namespace warpstep::device {
namespace {

/// Words of "NVIDIA A100-SXM4-80GB": NVIDIA, A100, SXM4, 80GB.
std::vector<std::string> words_of(std::string_view name) {
    std::vector<std::string> words(1);
    for (const char letter : name) {
        if (letter == ' ' || letter == '-')
            words.emplace_back();
        else
            words.back() += letter;
    }
    return words;
}

bool says(std::string_view name, std::string_view word) {
    return name.find(word) != std::string_view::npos;
}

/// Whether words of the name are `part`: "NVIDIA GH200 120GB" is no H200.
bool holds_words(std::string_view name, std::string_view part) {
    const auto is_edge = [&](std::size_t at) {
        return at >= name.size() || name[at] == ' ' || name[at] == '-';
    };
    for (auto at = name.find(part); at != std::string_view::npos; at = name.find(part, at + 1)) {
        if ((at == 0 || is_edge(at - 1)) && is_edge(at + part.size())) return true;
    }
    return false;
}

bool has_nvlinks(Boards boards, std::string_view name) {
    switch (boards) {
        case Boards::none:
            return false;
        case Boards::sxm:
            return says(name, "SXM");
        case Boards::socket:
            break;
    }
    return !says(name, "PCIe") && !says(name, "NVL") && !says(name, "HBM2e");
}

}  // namespace

const GpuModels& gpu_models() {
    static const GpuModels models = read_gpu_models(gpu_models_text);
    return models;
}

const GpuModel* model_named(std::string_view device_name) {
    for (const GpuModel& model : gpu_models().models) {
        if (holds_words(device_name, model.name)) return &model;
    }
    return nullptr;
}

const GpuArchitecture* architecture_named(std::string_view arch) {
    for (const GpuArchitecture& one : gpu_models().architectures) {
        if (one.name == arch) return &one;
    }
    return nullptr;
}

const GpuArchitecture* architecture_of(std::string_view device_name) {
    if (const auto* model = model_named(device_name)) return architecture_named(model->arch);
    const auto* family = family_of(device_name);
    return family == nullptr ? nullptr : architecture_named(family->arch);
}

AssumedGpu assumed_gpu(const std::string& word) {
    if (const auto* architecture = architecture_named(word)) return {architecture, nullptr};
    std::vector<std::string> words, architectures;
    for (const GpuModel& model : gpu_models().models) {
        if (model.word == word) return {architecture_named(model.arch), &model};
        words.push_back(model.word);
    }
    for (const GpuArchitecture& one : gpu_models().architectures) architectures.push_back(one.name);
    const std::string near = nearest(word, words);
    fail<ConfigError>(
        "no GPU model '{}' (known are {}, and the architectures {}){}", word, join(words, ", "),
        join(architectures, ", "),
        near.empty() ? "; name one of them" : fmt::format("; did you mean '{}'?", near));
}

Facts facts_of(const GpuModel& model) {
    Facts facts;
    facts.kind = Kind::cuda;
    facts.name = "NVIDIA " + model.name;
    facts.memory_bytes = model.memory_bytes;
    facts.sm_count = model.sm_count;
    facts.peak_memory_bandwidth = model.memory_bandwidth;
    return facts;
}

const GpuFamily* family_of(std::string_view device_name) {
    // Workstation cards bear words of data-centre models: "RTX A6000", "RTX PRO 6000".
    if (says(device_name, "RTX") || says(device_name, "MIG")) return nullptr;
    const std::vector<std::string> words = words_of(device_name);
    for (const GpuFamily& family : gpu_models().families) {
        if (std::find(words.begin(), words.end(), family.word) != words.end()) return &family;
    }
    return nullptr;
}

std::optional<NvLinks> nvlinks_of(std::string_view device_name) {
    const GpuFamily* family = family_of(device_name);
    if (family == nullptr || !has_nvlinks(family->boards, device_name)) return std::nullopt;
    return family->nvlinks;
}

bool joins_rack_fabric(std::string_view device_name) {
    const std::vector<std::string> words = words_of(device_name);
    const auto& racks = gpu_models().rack_words;
    return std::any_of(racks.begin(), racks.end(), [&](const std::string& word) {
        return std::find(words.begin(), words.end(), word) != words.end();
    });
}

}  // namespace warpstep::device
