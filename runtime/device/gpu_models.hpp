// SPDX-License-Identifier: Apache-2.0
// What NVIDIA's documents say of its GPUs: gpu-models.yaml, which lies in the program.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "runtime/device/device.hpp"

namespace warpstep::device {

/// What a launch can ask for, whatever the GPU.
struct LaunchLimits {
    std::uint64_t threads_of_block = 0;
    std::array<std::uint32_t, 3> block{}, grid{};
    int registers_of_thread = 0, registers_of_block = 0, registers_of_sm = 0;
    std::uint64_t shared_of_block = 0;  ///< bytes, of a launch that does not ask for more
};

/// Of one compute capability.
struct GpuArchitecture {
    std::string name;  ///< "sm_90"
    int threads_of_sm = 0, blocks_of_sm = 0;
    std::uint64_t shared_of_block = 0;  ///< bytes, the most that a launch can ask for
    std::uint64_t shared_of_sm = 0;     ///< bytes
};

struct NvLinks {
    int generation = 0;
    unsigned links = 0;
    double link_bandwidth = 0;  ///< bytes per second of one link in one direction
};

/// Which boards of a family have its NVLinks, by their names.
enum class Boards {
    none,    ///< PCIe cards only, or what depends on the board
    sxm,     ///< those whose name says SXM
    socket,  ///< those whose name says none of PCIe, NVL and HBM2e
};

/// Data-centre GPUs with one word in their names. They have ECC, on as delivered.
struct GpuFamily {
    std::string word;  ///< "H100"
    std::string arch;
    Boards boards = Boards::none;
    NvLinks nvlinks;  ///< of those boards
};

struct GpuModel {
    std::string word;  ///< as it is typed: "h100"
    std::string name;  ///< as the driver tells it; a longer name that holds it is the model, too
    std::string arch;  ///< "sm_90"
    std::string family;
    int sm_count = 0;
    std::uint64_t memory_bytes = 0;
    double memory_bandwidth = 0;  ///< bytes per second
    /// Dense, with tensor cores where the type has them; only types that the model has.
    std::vector<std::pair<std::string, double>> teraflops;
};

struct GpuModels {
    LaunchLimits launch;
    std::vector<GpuArchitecture> architectures;
    std::vector<GpuFamily> families;
    std::vector<std::string> rack_words;
    std::vector<GpuModel> models;
};

/// The file's, read once. Errors: LogicError when it is not as it should be.
const GpuModels& gpu_models();

/// nullptr when nobody tells.
const GpuModel* model_named(std::string_view device_name);
const GpuArchitecture* architecture_named(std::string_view arch);
/// Of a device by its driver's name, a MIG slice included; nullptr when nobody tells.
const GpuArchitecture* architecture_of(std::string_view device_name);

/// What somebody who has no GPU wants to assume: a model by its word, or only its architecture.
struct AssumedGpu {
    const GpuArchitecture* architecture = nullptr;
    const GpuModel* model = nullptr;  ///< nullptr: the architecture alone was named
};
/// Errors: ConfigError that names those there are.
AssumedGpu assumed_gpu(const std::string& word);
/// What a device of this model would say of itself.
Facts facts_of(const GpuModel& model);

/// "NVIDIA A100-SXM4-80GB" is an A100; nullptr for a MIG slice and for models that are not in the
/// file (workstations, games).
const GpuFamily* family_of(std::string_view device_name);
/// NVLinks that must be active; nothing: depends on bridges or on what the board connects.
std::optional<NvLinks> nvlinks_of(std::string_view device_name);
/// Its NVLinks go to the switch trays of a rack (GB200 NVL72 and its like), where the fabric
/// manager runs: none belongs on the node.
bool joins_rack_fabric(std::string_view device_name);

}  // namespace warpstep::device
