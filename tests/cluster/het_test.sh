#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Heterogeneous jobs: the components of one srun are one rank space; the first alone hears of the others; nodes that Slurm's PMIx
# confuses are refused.
set -uo pipefail
cluster=het cluster_port=27200
# shellcheck source=tests/cluster/lib.sh
source "$(dirname "$0")/lib.sh"

reduce=("$warpstep" run "$repository/configs/all-reduce.yaml" --set n=1000)
prints_times() { [[ $(grep -Ec -- "$2" "$scratch/out") -eq $1 ]]; }

# Two tasks on the first node, four on the two others. The limit is srun's own, because salloc waits for it. NODE NODES COMMAND...
in_job() { on_cluster salloc -N1 -n2 -w "$1" : -N2 -n4 -w "$2" timeout -k 2 25 "${@:3}"; }

test_one_step() {
    in_job n1 'n[2-3]' srun --het-group=0,1 --mpi=pmix "${reduce[@]}" --json het.json
    check "two components: exit code 0" exits 0
    check "six ranks in order" report_has het.json '[x["rank"] for x in r["ranks"]] == list(range(6))'
    check "the first component's two are on n1, the others' on n2 and n3" report_has het.json \
        '[x["node"] for x in r["ranks"]] == ["n1"] * 2 + sorted(x["node"] for x in r["ranks"][2:]) and r["nodes"] == 3'
    check "local ranks count on each node" report_has het.json \
        'all(x["local_rank"] == sum(y["node"] == x["node"] for y in r["ranks"][:x["rank"]]) for x in r["ranks"])'
    check "all six took part" report_has het.json 'r["verdict"] == "passed" and r["steps"][0]["ranks"] == 6'
    in_job n1 'n[2-3]' srun --mpi=pmix --het-group=0 "${reduce[@]}" : --het-group=1 "${reduce[@]}"
    check "a command for each component: one step too" prints_times 1 'all-reduce · 6 ranks on 3 nodes'
}

test_followers() {
    # shellcheck disable=SC2016  # for the tasks' shell
    in_job n1 'n[2-3]' srun --het-group=0,1 --mpi=pmix "$warpstep" exec -- \
        bash -c 'echo "$RANK/$WORLD_SIZE node $NODE_RANK $SLURM_PROCID"; sleep 1'
    check "exec: ranks count through both components" prints_times 6 '^([0-5])/6 node [0-2] \1$'
    check "exec: the first component is node 0" prints_times 2 '^[01]/6 node 0 '
    in_job n1 'n[2-3]' srun --het-group=0,1 --mpi=pmix "$warpstep" map
    check "map: all six are placed" prints_times 1 '^6 ranks placed'
}

test_one_component() {
    in_job n1 'n[2-3]' srun --mpi=pmix "${reduce[@]}"
    check "srun without --het-group: exit code 0" exits 0
    check "it says, once, that this is one component" says_times 1 \
        'this step has 2 of the 6 tasks of a heterogeneous job.*type srun --het-group=0-1'
    in_job n1 'n[2-3]' srun --het-group=1 --mpi=pmix "${reduce[@]}"
    check "the second alone was asked for: nothing to say" says_times 0 'heterogeneous'
    check "and has its four ranks" prints_times 1 'all-reduce · 4 ranks on 2 nodes'
}

# Slurm 22.05 itself cannot connect the nodes of such a step.
test_confused_nodes() {
    in_job n3 'n[1-2]' srun --het-group=0,1 --mpi=pmix "${reduce[@]}"
    check "components in another order than their nodes: exit code 3" exits 3
    check "says why and what to type" says 'takes the nodes of a heterogeneous step for each other.*salloc -w n1 : -w n2'
    check "ends in time" within 20
}

begin --nodes 3 --gpus 0
test_one_step
test_followers
test_one_component
test_confused_nodes
end
