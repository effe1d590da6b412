// SPDX-License-Identifier: Apache-2.0
// `warpstep lint`: what will go wrong with an sbatch script, before it is submitted.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "runtime/check/slurm_version.hpp"
#include "runtime/lint/sbatch_script.hpp"

namespace warpstep::check::lint {

enum class Weight { warning, information };

struct Remark {
    std::string id;  ///< that of the finding which `check` would report from inside the job
    Weight weight = Weight::warning;
    int line = 1;
    std::string text, fix;
};

/// What a remark is about; ids are those of check's rules where the same trouble has one.
struct Topic {
    const char* id;
    const char* summary;
    void (*judge)(const Script& script, const SlurmVersion& version, std::vector<Remark>& remarks);
};
const std::vector<Topic>& topics();

/// By line. Pure.
std::vector<Remark> lint(const Script& script, const SlurmVersion& version);

}  // namespace warpstep::check::lint
