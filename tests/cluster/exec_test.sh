#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# `warpstep exec` with programs that bring their own ways to meet: torch's env://, MPI, --multi-prog.
set -uo pipefail
cluster=exec cluster_port=26500
# shellcheck source=tests/cluster/lib.sh
source "$(dirname "$0")/lib.sh"

eight=(srun -N2 --ntasks-per-node=4 --gpus-per-node=4 --mpi=pmix)
prints() { grep -Eq -- "$1" "$scratch/out"; }
prints_times() { [[ $(grep -Ec -- "$2" "$scratch/out") -eq $1 ]]; }
show() { on_cluster "${eight[@]}" "$warpstep" exec "${@:2}" -- bash -c "echo \"$1\""; }

test_environment() {
    show "\$RANK/\$WORLD_SIZE local \$LOCAL_RANK/\$LOCAL_WORLD_SIZE node \$NODE_RANK"
    check "exec exits 0" exits 0
    check "rank 5 of 8 is local rank 1 of 4 on node 1" prints '^5/8 local 1/4 node 1$'
    show "\$MASTER_ADDR:\$MASTER_PORT"
    check "one meeting point for all" [ "$(sort -u "$scratch/out" | wc -l)" = 1 ]
    # shellcheck disable=SC2016  # awk's
    check "its port is beyond those the system gives out" awk -F: '{exit !($2 >= 61000)}' "$scratch/out"
    show "\$OMP_NUM_THREADS \$WARPSTEP_CORES \$PMIX_MCA_gds" --omp 1
    check "--omp 1" prints_times 8 '^1 [0-9]+ hash$'
    show "\$LOCAL_RANK \$WARPSTEP_GPU_ORDINAL \$CUDA_VISIBLE_DEVICES"
    check "all GPUs visible, own ordinal is the local rank" prints_times 8 '^([0-3]) \1 GPU-[^,]+(,GPU-[^,]+){3}$'
    check "one order on all tasks of a node" [ "$(awk '{print $3}' "$scratch/out" | sort -u | wc -l)" = 1 ]
    show "\$LOCAL_RANK \$WARPSTEP_GPU_ORDINAL \$CUDA_VISIBLE_DEVICES" --visible one
    check "--visible one: its own GPU, LOCAL_RANK kept" prints '^3 0 GPU-[^,]+$'
    show "\$LOCAL_RANK \$CUDA_VISIBLE_DEVICES" --visible virtual
    check "--visible virtual: LOCAL_RANK is 0" prints_times 8 '^0 GPU-[^,]+$'
    check "--visible virtual: four different GPUs" [ "$(sort -u "$scratch/out" | wc -l)" = 4 ]
    show "\$WARPSTEP_GPU_ORDINAL \$CUDA_VISIBLE_DEVICES" --visible rotate
    check "--visible rotate: own GPU first" [ "$(cut -d, -f1 "$scratch/out" | sort -u | wc -l)" = 4 ]
    show "\$JAX_COORDINATOR_ADDRESS \$TORCHELASTIC_RUN_ID" --lightning elastic
    check "--lightning elastic: torchrun's set" prints_times 8 '^[0-9.]+:[0-9]+ [0-9]+$'
}

test_users_variables() {
    OMP_NUM_THREADS=7 RANK=99 MASTER_ADDR=localhost MASTER_PORT=29500 \
        on_cluster "${eight[@]}" "$warpstep" exec -- bash -c "echo \$OMP_NUM_THREADS \$RANK \$MASTER_ADDR"
    check "the user's OMP_NUM_THREADS stays" prints_times 8 '^7 '
    check "a stale RANK is replaced, and said once" says_times 1 "RANK was '99' and is now '0'"
    check "a loopback MASTER_ADDR is replaced on two nodes" prints_times 0 'localhost'
    MASTER_ADDR=10.77.0.1 MASTER_PORT=29500 on_cluster "${eight[@]}" "$warpstep" exec -- bash -c "echo \$MASTER_ADDR:\$MASTER_PORT"
    check "the user's own meeting point stays" prints_times 8 ':29500$'
    on_cluster "${eight[@]}" "$warpstep" exec -- taskset -c 0 true
    check "a second binder is warned of" says_times 1 'taskset binds again'
}

test_programs() {
    on_cluster "${eight[@]}" "$warpstep" exec -- python3 "$repository/tests/cluster/env_rendezvous.py"
    check "ranks meet at MASTER_ADDR as torch's env:// does" prints '^8 ranks met: 0 1 2 3 4 5 6 7$'
    if mpicc "$repository/tests/cluster/sum_of_ranks.c" -o sum_of_ranks >"$scratch/err" 2>&1; then
        on_cluster "${eight[@]}" "$warpstep" exec -- "$scratch/sum_of_ranks"
        check "an MPI program runs under exec" prints '^8 ranks, sum 28$'
    else
        check "the MPI program compiles" false
    fi
    printf '0-1 %s exec -- echo first %%t\n2-3 %s exec --omp 1 -- echo second %%t\n' "$warpstep" "$warpstep" >programs
    on_cluster srun -N2 -n4 --ntasks-per-node=2 --mpi=pmix --multi-prog "$scratch/programs"
    check "--multi-prog: each its own program" prints_times 2 '^second [23]$'
}

# A script may use warpstep several times in one step, also inside each other.
test_again_and_again() {
    on_cluster "${eight[@]}" bash -c "'$warpstep' map >/dev/null && '$warpstep' map >/dev/null && '$warpstep' exec -- '$warpstep' exec -- bash -c 'echo again \$RANK'"
    check "map, map, exec of exec in one step" exits 0
    check "and every task got there" prints_times 8 '^again [0-7]$'
}

test_ends() {
    on_cluster "${eight[@]}" "$warpstep" exec -- bash -c "exit \$((RANK == 5 ? 42 : 0))"
    check "the program's exit code is the step's" exits 42
    on_cluster "${eight[@]}" "$warpstep" exec -- no-such-program
    check "a missing program: 127" exits 127
    # One task: with several, the first to end has the others stopped by a signal.
    on_cluster srun -n1 --mpi=pmix "$warpstep" exec true
    check "no --: exit code 2" exits 2
    on_cluster "${eight[@]}" "$warpstep" exec -- bash -c "kill -TERM \$\$"
    check "a signal ends the program as without exec" exits 143
    # shellcheck disable=SC2016  # the inner shell's
    check "no descriptor of ours is left" on_cluster srun -n1 --mpi=pmix "$warpstep" exec -- \
        bash -c 'for f in /proc/self/fd/*; do readlink $f; done | grep -Eq "shm|socket.*warpstep" && exit 1 || exit 0'
}

begin --nodes 2 --topology "$repository/slurm/topologies/four-gpu-epyc.xml"
test_environment
test_users_variables
test_programs
test_again_and_again
test_ends
end
