// SPDX-License-Identifier: Apache-2.0
// Every topic has a script that it warns about and one, as near as may be, that it does not.
#include "runtime/lint/lint.hpp"

#include <doctest/doctest.h>

#include <set>
#include <string>
#include <vector>

using namespace warpstep;
using check::lint::Remark;

namespace {

constexpr check::SlurmVersion bookworm{22, 5, 8}, v23_11{23, 11, 0}, v24_11{24, 11, 1};

std::vector<Remark> remarks_on(const std::string& text, check::SlurmVersion version) {
    return check::lint::lint(check::lint::read_script(text), version);
}

std::string ids(const std::vector<Remark>& remarks) {
    std::set<std::string> unique;
    for (const Remark& remark : remarks) unique.insert(remark.id);
    std::string text;
    for (const std::string& id : unique) text += (text.empty() ? "" : " ") + id;
    return text;
}

struct Case {
    const char* id;
    const char* bad;
    const char* good;
    check::SlurmVersion version = bookworm;
};

const std::vector<Case> cases{
    {"script-late-directive", "#!/bin/bash\n#SBATCH -N2\nhostname\n#SBATCH --mem=4G\n",
     "#!/bin/bash\n#SBATCH -N2\n# a comment\n\n#SBATCH --mem=4G\nhostname\n"},
    {"launch-no-srun", "#SBATCH -N2 --ntasks-per-node=4\npython train.py\n",
     "#SBATCH -N2 --ntasks-per-node=4\nsrun python train.py\n"},
    {"launch-no-srun", "#SBATCH --ntasks-per-node=4\nmodule load cuda\nwarpstep run x.yaml\n",
     "#SBATCH --ntasks-per-node=1\nwarpstep run x.yaml\n"},
    {"launch-launcher-per-task",
     "#SBATCH -N2 --ntasks-per-node=4\nsrun torchrun --nproc-per-node=4 t.py\n",
     "#SBATCH -N2 --ntasks-per-node=4\nsrun --ntasks-per-node=1 torchrun t.py\n"},
    {"launch-launcher-per-task",
     "#SBATCH -N2 --ntasks-per-node=4\nsrun warpstep exec -- python3 -m torch.distributed.run "
     "t.py\n",
     "#SBATCH -N2 --ntasks-per-node=1\nsrun warpstep exec -- python3 -m torch.distributed.run "
     "t.py\n"},
    {"launch-mpirun-in-step", "#SBATCH --ntasks-per-node=4\nsrun mpirun -np 4 ./a.out\n",
     "#SBATCH --ntasks-per-node=4\nsrun --mpi=pmix ./a.out\n"},
    {"slurm-pmix-missing", "#SBATCH --ntasks-per-node=4\nsrun --mpi=none warpstep map\n",
     "#SBATCH --ntasks-per-node=4\nsrun --mpi=pmix_v4 warpstep map\n"},
    {"launch-ntasks-only", "#SBATCH -n 4\nsrun python t.py\n",
     "#SBATCH --ntasks-per-node=4\nsrun python t.py\n"},
    {"signal-batch-only", "#SBATCH --signal=B:USR1@120\nsrun ./a.out\n",
     "#SBATCH --signal=B:USR1@120\ntrap 'kill -USR1 $!' USR1\nsrun ./a.out &\nwait\n"},
    {"slurm-gpu-isolated", "#SBATCH --ntasks-per-node=4 --gpus-per-task=1\nsrun ./a.out\n",
     "#SBATCH --ntasks-per-node=4 --gpus-per-node=4\nsrun ./a.out\n"},
    {"slurm-gpu-isolated",
     "#SBATCH --ntasks-per-node=4 --gpus-per-node=4\nsrun --gpu-bind=single:1 ./a.out\n",
     "#SBATCH --ntasks-per-node=4 --gpus-per-task=1 --gres-flags=allow-task-sharing\nsrun "
     "./a.out\n",
     v24_11},
    {"grant-gpus-inherited",
     "#SBATCH --gpus-per-node=4\nsrun --gpus=1 ./a &\nsrun --gpus=1 ./b &\nwait\n",
     "#SBATCH --gpus-per-node=4\nunset SLURM_GPUS_PER_NODE\nsrun --gpus=1 ./a &\nwait\n"},
    {"grant-job-gpus-inherited", "#SBATCH -N2 --gpus=6\nsrun -N1 -n1 ./prepare\n",
     "#SBATCH -N2 --gpus=6\nsrun -N1 -n1 --gpus=1 ./prepare\n"},
    {"grant-exclusive-without-gpus",
     "#SBATCH --exclusive\nsrun python -c 'import torch; print(torch.cuda.is_available())'\n",
     "#SBATCH --exclusive --gres=gpu:4\nsrun python -c 'import torch'\n"},
    {"slurm-cpus-not-inherited", "#SBATCH -c 8\nsrun ./a.out\n",
     "#SBATCH -c 8\nsrun -c $SLURM_CPUS_PER_TASK ./a.out\n"},
    {"slurm-cpus-not-inherited", "#SBATCH --cpus-per-task=8\nsrun ./a.out\n",
     "#SBATCH --cpus-per-task=8\nexport SRUN_CPUS_PER_TASK=$SLURM_CPUS_PER_TASK\nsrun ./a.out\n"},
    {"cpu-tres-conflict", "#SBATCH -c 8\nexport SLURM_CPUS_PER_TASK=4\nsrun ./a.out\n",
     "#SBATCH -c 8\nexport SLURM_CPUS_PER_TASK=8\nsrun ./a.out\n", v23_11},
    {"grant-styles-mixed",
     "#SBATCH --ntasks-per-node=4 --gpus-per-node=4\nunset SLURM_GPUS_PER_NODE\nsrun "
     "--gres-flags=allow-task-sharing --ntasks-per-gpu=1 ./a\n",
     "#SBATCH --ntasks-per-node=4 --gpus-per-node=4\nsrun --ntasks-per-node=4 ./a\n", v24_11},
};

}  // namespace

TEST_CASE("check: lint warns about each topic's script, and not about its neighbour") {
    for (const Case& one : cases) {
        INFO(one.bad);
        CHECK_EQ(ids(remarks_on(one.bad, one.version)), one.id);
        INFO(one.good);
        CHECK_EQ(ids(remarks_on(one.good, one.version)), "");
    }
}

TEST_CASE("check: every topic of lint has a case") {
    std::set<std::string> covered, known;
    for (const Case& one : cases) covered.insert(one.id);
    for (const auto& topic : check::lint::topics()) known.insert(topic.id);
    CHECK(covered == known);
}

TEST_CASE("check: lint knows what each version of Slurm does") {
    const std::string cores = "#SBATCH -c 8\nsrun ./a.out\n";
    CHECK(ids(remarks_on(cores, {21, 8, 0})).empty());
    CHECK(ids(remarks_on(cores, {23, 2, 6})) == "slurm-cpus-not-inherited");
    CHECK(ids(remarks_on(cores, v23_11)).empty());
    const std::string gpus = "#SBATCH --gpus-per-node=4\nsrun --gpus=1 ./a\n";
    CHECK(ids(remarks_on(gpus, {24, 5, 0})) == "grant-gpus-inherited");
    CHECK(ids(remarks_on(gpus, v24_11)).empty());
}

TEST_CASE("check: lint names the line and what to type") {
    const auto remarks = remarks_on(
        "#!/bin/bash\n#SBATCH -N2\n#SBATCH --ntasks-per-node=4\n\nsrun torchrun \\\n  t.py\n",
        bookworm);
    REQUIRE(remarks.size() == 1);
    CHECK(remarks[0].line == 5);
    CHECK(remarks[0].text ==
          "8 launchers are started on 2 nodes (srun starts 8 tasks and each torchrun starts a "
          "process for every GPU)");
    CHECK(remarks[0].fix == "srun -n $SLURM_NNODES --ntasks-per-node=1 torchrun t.py");
}

TEST_CASE("check: lint reads directives as sbatch does") {
    const auto script = check::lint::read_script(
        "#!/bin/bash\n#SBATCH -J name -N 2 # two nodes\n#SBATCH --gres=gpu:h100:4 --time 1:00:00\n"
        "##SBATCH --mem=1\nsrun a\n");
    CHECK(script.directives.at("job-name").value == "name");
    CHECK(script.nodes() == 2);
    CHECK(script.directives.at("time").value == "1:00:00");
    CHECK(script.asks_for_gpus());
    CHECK(script.directives.count("mem") == 0);
    CHECK(script.per_node() == 1);
}
