// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "runtime/topology/node.hpp"

namespace warpstep::topology {

/// A list of GPUs as the environment has it.
struct GpuList {
    enum class Kind {
        cuda,  ///< CUDA_VISIBLE_DEVICES: ordinals count the visible GPUs, by PCI address
        slurm  ///< SLURM_STEP_GPUS: numbers count all of the machine's GPUs and MIG instances;
               ///< ranges such as 0-3 are allowed
    };
    std::string text;
    Kind kind = Kind::cuda;
    bool by_pci = false;  ///< CUDA_DEVICE_ORDER=PCI_BUS_ID

    const char* variable() const {
        return kind == Kind::cuda ? "CUDA_VISIBLE_DEVICES" : "SLURM_STEP_GPUS";
    }
};

/// What to do with an entry that names no GPU of the machine.
enum class UnknownGpu {
    ends_list,  ///< as CUDA does: that entry and all after it are invisible
    is_error    ///< ConfigError: the description of the machine and the grant disagree
};

struct GrantedGpus {
    std::vector<int> order;  ///< indices into the GPUs in the list's order, without duplicates
    std::vector<std::string> notes;
};

/// Which of `gpus` (as in Node::gpus) a list grants. Entries: ordinals, GPU UUIDs, MIG UUIDs,
/// unique beginnings of one, "MIG-GPU-uuid/gi/ci", "-1" to end the list. Nothing: all GPUs that are
/// visible and usable; "" and "NoDevFiles": none. An entry that names a GPU in MIG mode means its
/// first instance, as for CUDA. Where there are NVIDIA GPUs, those of other vendors do not count.
/// Ordinals on a machine without GPUs are ignored, because schedulers may grant stand-in devices.
GrantedGpus visible_gpus(const std::optional<GpuList>& list, const std::vector<Gpu>& gpus,
                         UnknownGpu unknown);

}  // namespace warpstep::topology
