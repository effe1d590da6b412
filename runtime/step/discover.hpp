// SPDX-License-Identifier: Apache-2.0
// From claims and facts to an identity, or to a refusal that says what to type. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "runtime/step/environment.hpp"
#include "runtime/step/pmix_facts.hpp"
#include "runtime/step/step.hpp"

namespace warpstep::step {

struct Identity {
    Step step;
    std::vector<std::string>
        hints;  ///< for the log: nothing is wrong, but it may not be what was meant
};

/// In a Slurm job, with Slurm's PMIx variables of another step.
bool has_stale_variables(const Environment& environment);

/// Refuses PMIx variables of another step. Call before PMIx is opened: the server of the older step
/// may still answer, and would make this task a second copy of one of its ranks. Errors:
/// EnvironmentError.
void refuse_stale_variables(const Environment& environment);

/// Facts are absent when no PMIx server answered. Errors: EnvironmentError when PMIx and Slurm
/// disagree, or when a step of several tasks has no PMIx server, in which each task would run as a
/// step of its own.
Identity identify(const Environment& environment, const std::optional<PmixFacts>& facts);

}  // namespace warpstep::step
