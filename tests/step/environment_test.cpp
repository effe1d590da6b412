// SPDX-License-Identifier: Apache-2.0
#include "runtime/step/environment.hpp"

#include <doctest/doctest.h>
#include <unistd.h>

#include <map>

using namespace warpstep::step;

namespace {

Environment read(const std::map<std::string, std::string>& variables) {
    return read_environment([&](const char* name) -> std::optional<std::string> {
        const auto found = variables.find(name);
        if (found == variables.end()) return std::nullopt;
        return found->second;
    });
}

}  // namespace

TEST_CASE("step: an empty environment is one task outside Slurm") {
    const Environment environment = read({});
    CHECK_FALSE(environment.in_job());
    CHECK_FALSE(environment.in_step());
    CHECK_FALSE(environment.heterogeneous());
    CHECK(environment.task_count() == 1);
    CHECK(environment.notes.empty());
}

TEST_CASE("step: the variables of a task are read") {
    const Environment environment = read({{"SLURM_JOB_ID", "59"},
                                          {"SLURM_STEP_ID", "0"},
                                          {"SLURM_PROCID", "5"},
                                          {"SLURM_LOCALID", "1"},
                                          {"SLURM_NODEID", "1"},
                                          {"SLURM_NTASKS", "8"},
                                          {"SLURM_STEP_NUM_TASKS", "8"},
                                          {"SLURM_MPI_TYPE", "pmix"},
                                          {"SLURMD_NODENAME", "n2"},
                                          {"PMIX_RANK", "5"},
                                          {"PMIX_NAMESPACE", "slurm.pmix.59.0"}});
    CHECK(environment.in_step());
    CHECK(environment.job_id == "59");
    CHECK(environment.step_id == "0");
    CHECK(environment.proc_id == 5);
    CHECK(environment.local_id == 1);
    CHECK(environment.node_id == 1);
    CHECK(environment.tasks == 8);
    CHECK(environment.step_tasks == 8);
    CHECK(environment.mpi_type == "pmix");
    CHECK(environment.node() == "n2");
    CHECK(environment.pmix_rank == 5);
    CHECK(environment.pmix_name_space == "slurm.pmix.59.0");
}

TEST_CASE("step: the count of the step is preferred to the count of the job") {
    CHECK(read({{"SLURM_NTASKS", "8"}, {"SLURM_STEP_NUM_TASKS", "3"}}).task_count() == 3);
    CHECK(read({{"SLURM_NTASKS", "8"}}).task_count() == 8);
}

TEST_CASE("step: older names of job and step are understood") {
    const Environment environment = read({{"SLURM_JOBID", "7"}, {"SLURM_STEPID", "2"}});
    CHECK(environment.job_id == "7");
    CHECK(environment.step_id == "2");
}

TEST_CASE("step: the batch, interactive and extern steps are no steps of tasks") {
    for (const char* pseudo : {"batch", "4294967291", "4294967290", "4294967292", ""}) {
        CAPTURE(pseudo);
        const Environment environment = read({{"SLURM_JOB_ID", "7"}, {"SLURM_STEP_ID", pseudo}});
        CHECK(environment.in_job());
        CHECK_FALSE(environment.in_step());
    }
}

TEST_CASE("step: a malformed number counts as absent and is noted") {
    for (const char* bad : {"", "eight", "8x", "-1", "99999999999999999999", "2(x4)"}) {
        CAPTURE(bad);
        const Environment environment = read({{"SLURM_NTASKS", bad}});
        CHECK_FALSE(environment.tasks.has_value());
        REQUIRE(environment.notes.size() == 1);
        CHECK(environment.notes[0] ==
              "SLURM_NTASKS is '" + std::string(bad) + "', which is no number; ignored");
    }
}

TEST_CASE("step: a count above any launcher's counts as absent, so that nothing loops over it") {
    for (const char* name :
         {"SLURM_HET_SIZE", "SLURM_NTASKS", "SLURM_STEP_NUM_TASKS", "SLURM_PROCID", "SLURM_LOCALID",
          "SLURM_NODEID", "SLURM_STEP_NUM_NODES", "OMPI_COMM_WORLD_LOCAL_SIZE", "PMIX_RANK"}) {
        CAPTURE(name);
        const Environment environment = read({{name, "2147483647"}});
        CHECK_FALSE(environment.heterogeneous());
        CHECK(environment.task_count() == 1);
        CHECK_FALSE(environment.pmix_rank.has_value());
        REQUIRE(environment.notes.size() == 1);
        CHECK(environment.notes[0].find("is '2147483647', which is above ") != std::string::npos);
    }
    CHECK(read({{"SLURM_HET_SIZE", "1024"}}).components == 1024);
    CHECK_FALSE(read({{"SLURM_HET_SIZE", "1025"}}).heterogeneous());
    CHECK_FALSE(tasks_on_node("2147483647", 0).has_value());
}

TEST_CASE("step: the host stands in for a node that Slurm does not name") {
    Environment environment;
    environment.host_name = "laptop";
    CHECK(environment.node() == "laptop");
    environment.node_name = "n1";
    CHECK(environment.node() == "n1");
}

TEST_CASE("step: the process environment brings the host name") {
    ::setenv("SLURM_NODEID", "41", 1);
    const Environment environment = read_environment();
    ::unsetenv("SLURM_NODEID");
    char host[256] = {};
    REQUIRE(::gethostname(host, sizeof host - 1) == 0);
    CHECK(environment.host_name == host);
    CHECK(environment.node_id == 41);
}

TEST_CASE("step: a heterogeneous step counts a node's tasks only where no order of nodes matters") {
    std::map<std::string, std::string> variables{{"SLURM_NODEID", "0"},
                                                 {"SLURM_STEP_TASKS_PER_NODE", "3,1,2"}};
    CHECK(read(variables).node_tasks == 3);
    variables["SLURM_HET_SIZE"] = "2";
    CHECK_FALSE(read(variables).node_tasks.has_value());
    variables["SLURM_STEP_TASKS_PER_NODE"] = "2(x3)";
    CHECK(read(variables).node_tasks == 2);
}

TEST_CASE("step: the tasks of all components are counted, and the first one is known") {
    std::map<std::string, std::string> variables{{"SLURM_HET_SIZE", "2"},
                                                 {"SLURM_NTASKS_HET_GROUP_0", "2"},
                                                 {"SLURM_NTASKS_HET_GROUP_1", "3"},
                                                 {"SLURM_JOB_NODELIST_HET_GROUP_0", "n3"},
                                                 {"SLURM_STEP_NODELIST", "n3"}};
    CHECK(read(variables).job_tasks == 5);
    CHECK(read(variables).first_component_only);
    variables["SLURM_STEP_NODELIST"] = "n[1-3]";
    CHECK_FALSE(read(variables).first_component_only);
    CHECK_FALSE(read({}).job_tasks.has_value());
}
