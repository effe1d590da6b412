// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "runtime/check/slurm_version.hpp"

using namespace warpstep::check;

TEST_CASE("check: a version of Slurm is read as Slurm's commands print it") {
    CHECK_EQ(show(parse_slurm_version("22.05.8").value()), "22.05.8");
    CHECK_EQ(show(parse_slurm_version("slurm 23.11.4-1.2ubuntu5").value()), "23.11.4");
    CHECK_EQ(show(parse_slurm_version("slurm-wlm 24.05.0-0rc1").value()), "24.05.0");
    CHECK_EQ(show(parse_slurm_version("24.11").value()), "24.11.0");
    CHECK_FALSE(parse_slurm_version("").has_value());
    CHECK_FALSE(parse_slurm_version("unknown").has_value());
    CHECK_FALSE(parse_slurm_version("slurm 24").has_value());
}

TEST_CASE("check: versions of Slurm are compared as numbers") {
    CHECK(parse_slurm_version("22.05.10").value() > parse_slurm_version("22.05.9").value());
    CHECK(parse_slurm_version("23.02.7").value() < since::gpu_bind_none_keeps_devices);
    CHECK(parse_slurm_version("23.11.3").value() < since::allow_task_sharing);
    CHECK(parse_slurm_version("23.11.4").value() >= since::allow_task_sharing);
}
