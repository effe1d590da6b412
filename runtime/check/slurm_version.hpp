// SPDX-License-Identifier: Apache-2.0
// What Slurm does depends on its version: the versions at which it changed, and how to compare.
#pragma once

#include <compare>
#include <optional>
#include <string>
#include <string_view>

namespace warpstep::check {

struct SlurmVersion {
    int year = 0, month = 0, micro = 0;  ///< "22.05.8" is 22, 5, 8
    friend auto operator<=>(const SlurmVersion&, const SlurmVersion&) = default;
};

/// From "22.05.8", "slurm 23.11.4-1.2" or "24.05.0-0rc1" (micro 0 when there is none); nothing for
/// other text.
std::optional<SlurmVersion> parse_slurm_version(std::string_view text);
/// "22.05.8"
std::string show(const SlurmVersion& version);

/// The first version that behaves as the name says. Source: Slurm's CHANGELOG and RELEASE_NOTES.
namespace since {
/// A step in a step waits for the resources of its parent unless --overlap is given.
inline constexpr SlurmVersion steps_are_exclusive{20, 11, 0};
/// srun does not take the job's -c from SLURM_CPUS_PER_TASK …
inline constexpr SlurmVersion srun_ignores_cpus_per_task{22, 5, 0};
/// … and from here on it does again, and refuses when SLURM_TRES_PER_TASK says another number.
inline constexpr SlurmVersion srun_takes_cpus_per_task{23, 11, 0};
/// --gpu-bind=none keeps CUDA_VISIBLE_DEVICES, which it removed before.
inline constexpr SlurmVersion gpu_bind_none_keeps_devices{23, 11, 0};
/// --gres-flags=allow-task-sharing: tasks bound to single GPUs may still open their neighbours'.
inline constexpr SlurmVersion allow_task_sharing{23, 11, 4};
/// srun --gpus=N replaces the inherited SLURM_GPUS_PER_NODE instead of adding to it.
inline constexpr SlurmVersion gpus_replace_gpus_per_node{24, 11, 0};
}  // namespace since

}  // namespace warpstep::check
