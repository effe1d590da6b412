// SPDX-License-Identifier: Apache-2.0
// What data sheets say of models of GPUs: the one list of them.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "runtime/device/device.hpp"

namespace warpstep::device {

struct GpuModel {
    std::string_view word;  ///< as it is typed: "h100"
    std::string_view
        name;  ///< as the driver tells it; a longer name that holds it is the model, too
    std::string_view arch;  ///< "sm_90"
    int sm_count;
    std::uint64_t memory_bytes;
    double memory_bandwidth;        ///< bytes per second
    std::uint64_t shared_of_block;  ///< bytes, the most that a launch can ask for
    /// Dense, with tensor cores where the type has them; 0: the model has none.
    std::array<std::pair<std::string_view, double>, 6> teraflops;
};

const std::vector<GpuModel>& gpu_models();
/// nullptr when nobody tells.
const GpuModel* model_named(std::string_view device_name);
/// By the word or the architecture. Errors: ConfigError that names those there are.
const GpuModel& assumed_model(const std::string& word);
/// What a device of this model would say of itself.
Facts facts_of(const GpuModel& model);

}  // namespace warpstep::device
