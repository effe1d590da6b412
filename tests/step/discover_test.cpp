// SPDX-License-Identifier: Apache-2.0
#include "runtime/step/discover.hpp"

#include <doctest/doctest.h>

#include <string>

#include "runtime/base/error.hpp"

using namespace warpstep;
using namespace warpstep::step;

namespace {

// Rank 3 of 8, the last of four on n1, as srun --mpi=pmix tells it.
Environment task_of_eight() {
    Environment environment;
    environment.host_name = "host-n1";
    environment.job_id = "59";
    environment.step_id = "0";
    environment.mpi_type = "pmix";
    environment.node_name = "n1";
    environment.proc_id = 3;
    environment.local_id = 3;
    environment.node_id = 0;
    environment.tasks = 8;
    environment.step_tasks = 8;
    environment.pmix_rank = 3;
    environment.pmix_name_space = "slurm.pmix.59.0";
    return environment;
}

PmixFacts facts_of_eight() {
    PmixFacts facts;
    facts.name_space = "slurm.pmix.59.0";
    facts.rank = 3;
    facts.size = 8;
    facts.local_rank = 3;
    facts.local_size = 4;
    facts.node_names = {"n1", "n2"};
    facts.node_ranks = {{0, 1, 2, 3}, {4, 5, 6, 7}};
    return facts;
}

std::string refusal(const Environment& environment, const std::optional<PmixFacts>& facts) {
    try {
        identify(environment, facts);
    } catch (const EnvironmentError& error) {
        CHECK(error.code() == ExitCode::no_verdict);
        return error.what();
    }
    return "not refused";
}

Environment without_pmix(Environment environment) {
    environment.pmix_rank.reset();
    environment.pmix_name_space.clear();
    return environment;
}

}  // namespace

TEST_CASE("step: PMIx and Slurm agree, and the step is what PMIx says") {
    const Identity identity = identify(task_of_eight(), facts_of_eight());
    CHECK(identity.hints.empty());
    const Step& step = identity.step;
    CHECK(step.launcher == Launcher::pmix);
    CHECK(step.rank == 3);
    CHECK(step.size == 8);
    CHECK(step.local_rank == 3);
    CHECK(step.local_size == 4);
    CHECK(step.node == 0);
    CHECK(step.nodes() == 2);
    CHECK(step.node_name() == "n1");
    CHECK(step.name_space == "slurm.pmix.59.0");
    CHECK(step.job_id == "59");
    CHECK(step.step_id == "0");
    CHECK(show_speaker(step) == "rank 3 on n1");
}

TEST_CASE("step: a cyclic layout gives the node of each rank") {
    Environment environment = task_of_eight();
    environment.local_id = 1;
    environment.node_name = "n2";
    PmixFacts facts = facts_of_eight();
    facts.local_rank = 1;
    facts.node_ranks = {{0, 2, 4, 6}, {1, 3, 5, 7}};
    const Step step = identify(environment, facts).step;
    CHECK(step.node == 1);
    CHECK(step.node_name() == "n2");
    CHECK(step.node_of(0) == 0);
    CHECK(step.node_of(5) == 1);
    CHECK_THROWS_AS(step.node_of(8), LogicError);
}

TEST_CASE("step: an uneven layout is taken as it is") {
    Environment environment = task_of_eight();
    environment.tasks = environment.step_tasks = 5;
    environment.proc_id = 4;
    environment.local_id = 1;
    PmixFacts facts = facts_of_eight();
    facts.rank = 4;
    facts.size = 5;
    facts.local_rank = 1;
    facts.local_size = 2;
    facts.node_ranks = {{0, 1, 2}, {3, 4}};
    const Step step = identify(environment, facts).step;
    CHECK(step.local_size == 2);
    CHECK(step.local_rank == 1);
    CHECK(step.node == 1);
}

TEST_CASE("step: a local rank that is not served is the place among the node's ranks") {
    PmixFacts facts = facts_of_eight();
    facts.local_rank.reset();
    facts.local_size.reset();
    CHECK(identify(task_of_eight(), facts).step.local_rank == 3);
}

TEST_CASE("step: several tasks without a PMIx server are refused") {
    Environment environment = without_pmix(task_of_eight());
    environment.mpi_type = "pmi2";
    CHECK(refusal(environment, std::nullopt) ==
          "no PMIx server in this step of 8 tasks (rank 3 on n1; MPI type 'pmi2'); start it with "
          "srun "
          "--mpi=pmix, and see srun --mpi=list");
    // --mpi=none sets no type.
    environment.mpi_type.clear();
    environment.step_tasks.reset();
    CHECK(refusal(environment, std::nullopt) ==
          "no PMIx server in this step of 8 tasks (rank 3 on n1; MPI type 'none'); start it with "
          "srun "
          "--mpi=pmix, and see srun --mpi=list");
}

TEST_CASE("step: a rank above zero is enough to know that there are several tasks") {
    Environment environment = without_pmix(task_of_eight());
    environment.tasks = environment.step_tasks = 1;
    CHECK(refusal(environment, std::nullopt) ==
          "no PMIx server in this step (rank 3 on n1; MPI type 'pmix'); start it with srun "
          "--mpi=pmix, "
          "and see srun --mpi=list");
}

TEST_CASE("step: a size that differs from Slurm's is refused") {
    Environment environment = task_of_eight();
    environment.tasks = 9;
    CHECK(refusal(environment, facts_of_eight()) ==
          "PMIx says size 8 but SLURM_NTASKS is 9 (rank 3 on n1; the variable was changed or "
          "belongs to "
          "another step); clear it with env -u SLURM_NTASKS, or start the task again with srun "
          "--mpi=pmix");
    environment = task_of_eight();
    environment.step_tasks = 4;
    CHECK(
        refusal(environment, facts_of_eight()) ==
        "PMIx says size 8 but SLURM_STEP_NUM_TASKS is 4 (rank 3 on n1; the variable was changed or "
        "belongs to another step); clear it with env -u SLURM_STEP_NUM_TASKS, or start the task "
        "again "
        "with srun --mpi=pmix");
}

TEST_CASE("step: a rank that differs from Slurm's is refused") {
    Environment environment = task_of_eight();
    environment.proc_id = 5;
    CHECK(refusal(environment, facts_of_eight()) ==
          "PMIx says rank 3 but SLURM_PROCID is 5 (rank 5 on n1; the variable was changed or "
          "belongs to "
          "another step); clear it with env -u SLURM_PROCID, or start the task again with srun "
          "--mpi=pmix");
}

TEST_CASE("step: a local rank that differs from Slurm's is refused") {
    Environment environment = task_of_eight();
    environment.local_id = 0;
    CHECK(
        refusal(environment, facts_of_eight()) ==
        "PMIx says local rank 3 but SLURM_LOCALID is 0 (rank 3 on n1; the variable was changed or "
        "belongs to another step); clear it with env -u SLURM_LOCALID, or start the task again "
        "with "
        "srun --mpi=pmix");
}

TEST_CASE("step: variables of an older step are refused before PMIx is opened") {
    Environment environment = task_of_eight();
    environment.pmix_name_space = "slurm.pmix.41.17";
    const std::string message =
        "PMIX_NAMESPACE is 'slurm.pmix.41.17' but this is job 59 step 0 (rank 3 on n1; variables "
        "of "
        "another step were inherited); clear them with env -u PMIX_NAMESPACE -u PMIX_RANK, or "
        "submit "
        "with sbatch --export=NIL";
    CHECK_THROWS_WITH_AS(refuse_stale_variables(environment), message.c_str(), EnvironmentError);
    CHECK(refusal(environment, facts_of_eight()) == message);
    // The same job id with a longer number behind it is another step.
    environment.pmix_name_space = "slurm.pmix.59.01";
    CHECK_THROWS_AS(refuse_stale_variables(environment), EnvironmentError);
    CHECK_NOTHROW(refuse_stale_variables(task_of_eight()));
}

TEST_CASE("step: variables of an older step in a batch script are refused") {
    Environment environment = task_of_eight();
    environment.step_id.clear();
    environment.proc_id = 0;
    environment.pmix_name_space = "slurm.pmix.41.17";
    CHECK(refusal(environment, std::nullopt) ==
          "PMIX_NAMESPACE is 'slurm.pmix.41.17' but this is job 59 outside a step (rank 0 on n1; "
          "variables of another step were inherited); clear them with env -u PMIX_NAMESPACE -u "
          "PMIX_RANK, or submit with sbatch --export=NIL");
}

TEST_CASE("step: PMIx variables without a server are refused outside Slurm") {
    Environment environment;
    environment.host_name = "laptop";
    environment.pmix_name_space = "746782721";
    CHECK(refusal(environment, std::nullopt) ==
          "no PMIx server answers for '746782721' (PMIX_NAMESPACE is set, but its step has ended "
          "or is "
          "on another node); start with srun --mpi=pmix or mpirun, or clear it with env -u "
          "PMIX_NAMESPACE -u PMIX_RANK");
}

TEST_CASE("step: a layout that misses or repeats a rank is refused") {
    PmixFacts facts = facts_of_eight();
    facts.node_ranks = {{0, 1, 2, 3}, {4, 6, 7}};
    CHECK(refusal(task_of_eight(), facts) ==
          "PMIx lists rank 5 on 0 nodes (the launcher's layout is broken); see srun --mpi=list for "
          "another PMIx plugin");
    facts.node_ranks = {{0, 1, 2, 3}, {3, 4, 5, 6, 7}};
    CHECK(refusal(task_of_eight(), facts) ==
          "PMIx lists rank 3 on 2 nodes (the launcher's layout is broken); see srun --mpi=list for "
          "another PMIx plugin");
    facts.node_ranks = {{0, 1, 2, 3}, {4, 5, 6, 8}};
    CHECK(refusal(task_of_eight(), facts) ==
          "PMIx lists rank 8 in a step of 8 ranks (the launcher's layout is broken); see srun "
          "--mpi=list for another PMIx plugin");
    facts = facts_of_eight();
    facts.local_size = 3;
    CHECK(refusal(task_of_eight(), facts) ==
          "PMIx counts 3 ranks on n1 but lists 4 (the launcher's layout is broken); see srun "
          "--mpi=list "
          "for another PMIx plugin");
}

TEST_CASE("step: a batch script is one task, with a hint when the job has more") {
    Environment environment = without_pmix(task_of_eight());
    environment.step_id.clear();
    environment.proc_id = 0;
    environment.step_tasks.reset();
    const Identity identity = identify(environment, std::nullopt);
    CHECK(identity.step.launcher == Launcher::single);
    CHECK(identity.step.size == 1);
    CHECK(identity.step.node_name() == "host-n1");
    CHECK(identity.step.job_id == "59");
    REQUIRE(identity.hints.size() == 1);
    CHECK(
        identity.hints[0] ==
        "started in the batch script without srun, so this is one task of 8; type srun --mpi=pmix "
        "before the command");
    environment.tasks = 1;
    CHECK(identify(environment, std::nullopt).hints.empty());
}

TEST_CASE("step: a step of one task needs no PMIx") {
    Environment environment = without_pmix(task_of_eight());
    environment.tasks = environment.step_tasks = 1;
    environment.proc_id = environment.local_id = 0;
    const Identity identity = identify(environment, std::nullopt);
    CHECK(identity.step.launcher == Launcher::single);
    CHECK(identity.step.step_id == "0");
    CHECK(identity.hints.empty());
}

TEST_CASE("step: outside Slurm, mpirun's PMIx is enough") {
    Environment environment;
    environment.host_name = "laptop";
    environment.pmix_name_space = "746782721";
    PmixFacts facts = facts_of_eight();
    facts.name_space = "746782721";
    const Step step = identify(environment, facts).step;
    CHECK(step.launcher == Launcher::pmix);
    CHECK(step.size == 8);
    CHECK(step.job_id.empty());
}

TEST_CASE("step: under mpirun inside a job, the variables of its daemon are not compared") {
    Environment environment = task_of_eight();
    environment.proc_id = 0;
    environment.tasks = environment.step_tasks = 2;
    environment.pmix_name_space = "746782721";
    PmixFacts facts = facts_of_eight();
    facts.name_space = "746782721";
    CHECK(identify(environment, facts).step.rank == 3);
}

TEST_CASE("step: in a heterogeneous job the counts of a component are not compared") {
    Environment environment = task_of_eight();
    environment.components = 2;
    environment.job_id = "60";
    environment.component_job_id = "59";
    environment.tasks = environment.step_tasks = 4;
    CHECK(identify(environment, facts_of_eight()).step.size == 8);
    // The rank still is.
    environment.proc_id = 2;
    CHECK(refusal(environment, facts_of_eight()).find("PMIx says rank 3 but SLURM_PROCID is 2") ==
          0);
}

TEST_CASE("step: notes about variables become hints") {
    Environment environment = task_of_eight();
    environment.notes = {"SLURM_NODEID is 'x', which is no number; ignored"};
    CHECK(identify(environment, facts_of_eight()).hints == environment.notes);
}

TEST_CASE("step: a step of the first component alone hears of the others, once") {
    Environment environment = task_of_eight();
    environment.components = 2;
    environment.first_component_only = true;
    environment.job_tasks = 12;
    CHECK(identify(environment, facts_of_eight()).hints.empty());  // rank 3
    environment.proc_id = environment.local_id = 0;
    environment.pmix_rank = 0;
    PmixFacts facts = facts_of_eight();
    facts.rank = 0;
    facts.local_rank = 0;
    REQUIRE(identify(environment, facts).hints.size() == 1);
    CHECK(identify(environment, facts).hints[0] ==
          "this step has 8 of the 12 tasks of a heterogeneous job (srun starts the first component "
          "unless told otherwise); for one step over all of it type srun --het-group=0-1");
    environment.job_tasks = 8;
    CHECK(identify(environment, facts).hints.empty());
}

TEST_CASE("step: a heterogeneous step whose nodes PMIx takes for each other is refused") {
    Environment environment = task_of_eight();
    PmixFacts facts = facts_of_eight();
    facts.contradiction = "rank 3 is on n1 but listed on n2";
    CHECK(identify(environment, facts).step.rank == 3);  // a longer name of the same host
    environment.components = 2;
    const std::string said = refusal(environment, facts);
    CHECK(said.find("(rank 3 is on n1 but listed on n2; ") != std::string::npos);
    CHECK(said.find("salloc -w n1 : -w n2") != std::string::npos);
}
