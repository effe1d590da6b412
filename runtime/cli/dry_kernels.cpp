// SPDX-License-Identifier: Apache-2.0
#include "runtime/cli/dry_kernels.hpp"

#include "runtime/base/log.hpp"
#include "runtime/cuda/backend.hpp"
#include "runtime/execution/user_kernel.hpp"

namespace warpstep::cli {

std::optional<kernels::ImageFunction> DryKernels::look(const workload::KernelSpec& spec) {
    const auto [it, is_new] = known_.try_emplace(spec.name);
    Known& known = it->second;
    if (is_new) {
        try {
            known.function = find(spec);
        } catch (const ConfigError& error) {
            known.problem = error;
        } catch (const EnvironmentError& error) {
            log::debug(error.what());
        }
    }
    if (known.problem) throw ConfigError(*known.problem);
    return known.function;
}

std::optional<kernels::ImageFunction> DryKernels::find(const workload::KernelSpec& spec) const {
    if (!spec.compiled && arch_.empty()) return std::nullopt;
    const kernels::KernelImage image = spec.compiled
                                           ? execution::compiled_image(spec, arch_)
                                           : execution::image_of(spec, comm::cuda_backend(), arch_);
    const kernels::ImageFacts facts = kernels::read_image(image.bytes);
    const auto* found = kernels::find_function(facts, image.entry, spec.file);
    if (found == nullptr) return std::nullopt;
    execution::check_signature(spec, found->parameters);
    kernels::ImageFunction function = *found;
    if (facts.kind == kernels::ImageKind::fatbin) {
        // They are those of its first part, and the driver may take another.
        function.registers.reset();
        function.shared_bytes.reset();
        function.bounded_threads.reset();
    }
    return function;
}

}  // namespace warpstep::cli
