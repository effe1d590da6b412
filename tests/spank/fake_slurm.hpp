// SPDX-License-Identifier: Apache-2.0
// As much of Slurm as the plugin calls: slurmstepd's side is played by variables.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "slurm/spank/api.hpp"

namespace warpstep::test {

struct FakeSlurm {
    spank_context_t context = S_CTX_REMOTE;
    std::uint32_t step = 0, rank = 3;
    std::vector<std::string> environment{"PATH=/usr/bin:/bin"};

    std::map<std::string, std::string> set;  ///< by spank_setenv
    std::vector<std::string> prepended;      ///< by spank_prepend_task_argv
    std::vector<std::string> said, errors;   ///< slurm_spank_log, slurm_error
    spank_option option{};                   ///< registered
    bool refuses_to_prepend = false;
};

/// The one that Slurm's functions use; a test case begins with a new one.
FakeSlurm& fake_slurm();

}  // namespace warpstep::test
