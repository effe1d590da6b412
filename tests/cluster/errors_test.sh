#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What bad input, missing peers and dying ranks get on real Slurm: one line that says what to type, the documented exit code, a
# step that ends within 30 seconds, and no half-written report.
set -uo pipefail
cluster=errors cluster_port=26200
# shellcheck source=tests/cluster/lib.sh
source "$(dirname "$0")/lib.sh"

eight=(srun -N2 --ntasks-per-node=4 --mpi=pmix -K1)
sgd=$repository/configs/data-parallel-sgd.yaml

# A copy of the main job with one thing changed: FILE SED-EXPRESSION
spoil() { sed "$2" "$sgd" | sed "s|data/diabetes.csv|$repository/configs/data/diabetes.csv|" >"$1"; }

# NAME CODE REGEX, after on_cluster: the code, the line, once, in time.
check_refusal() {
    check "$1: exit code $2" exits "$2"
    check "$1: says what is wrong and what to type, once" says_times 1 "$3"
    check "$1: ends within 30 s" within 30
}

test_bad_files() {
    spoil key.yaml 's/shuffle:/shufle:/'
    on_cluster "${eight[@]}" "$warpstep" run key.yaml --json bad.json
    check_refusal "unknown key" 2 "key.yaml:[0-9]+:[0-9]+: .*'shufle'.*did you mean 'shuffle'"
    check "unknown key: the report says so" report_has bad.json \
        'r["exit_code"] == 2 and r["verdict"] == "no verdict" and "shufle" in r["failure"]'
    spoil type.yaml 's/standardize: true/standardize: 7/'
    on_cluster "${eight[@]}" "$warpstep" run type.yaml
    check_refusal "wrong type" 2 'type.yaml:[0-9]+:[0-9]+: '
    on_cluster "${eight[@]}" "$warpstep" run missing.yaml
    check_refusal "missing file" 2 'cannot read missing.yaml'
    spoil data.yaml 's|data/diabetes.csv|data/diabetes2.csv|'
    on_cluster "${eight[@]}" "$warpstep" run data.yaml
    check_refusal "missing data" 2 'data.yaml:[0-9]+:[0-9]+: .*diabetes2.csv'
    sed '7s/^[0-9.]*/nan/' "$repository/configs/data/diabetes.csv" >nan.csv
    sed "s|data/diabetes.csv|$scratch/nan.csv|" "$sgd" >nan.yaml
    on_cluster "${eight[@]}" "$warpstep" run nan.yaml --json nan.json
    check_refusal "NaN in the data" 2 'nan.csv:7: .*age.*finite'
    check "NaN in the data: the report says so" report_has nan.json 'r["exit_code"] == 2 and "nan" in r["failure"]'
}

test_impossible_requests() {
    { cat "$repository/configs/all-reduce.yaml"; echo 'ranks: { exact: 3 }'; } >three.yaml
    sed -i 's/^params:/params:\n  wanted: 3/; s/exact: 3/exact: wanted/' three.yaml
    on_cluster "${eight[@]}" "$warpstep" run three.yaml
    check_refusal "another number of ranks than needed" 2 'exactly 3 \(the step has 8\)'
    on_cluster "${eight[@]}" "$warpstep" run "$repository/configs/all-reduce.yaml" --set n=1Ti
    check_refusal "more memory than there is" 2 'the buffers need 8 TiB'
    on_cluster "${eight[@]}" "$warpstep" run "$repository/configs/all-reduce.yaml" --set 'n=1000 + rank'
    check_refusal "a collective of different sizes" 2 "differs between ranks 0 and 1 .the size of 'mine'"
    on_cluster "${eight[@]}" "$warpstep" run "$repository/configs/all-reduce.yaml" --device cuda
    check_refusal "CUDA where there is none" 3 'no CUDA device: '
    sed 's/n: select.*/n: 1000/; s/ranks \* (ranks + 1) \/ 2/7/' "$repository/configs/all-reduce.yaml" >wrong.yaml
    on_cluster "${eight[@]}" "$warpstep" run wrong.yaml --json wrong.json
    check "a wrong result: exit code 1" exits 1
    check "a wrong result: the report names the element" report_has wrong.json \
        'r["verdict"] == "failed" and "first sum[0] = 36 (expected 7)" in r["steps"][0]["verify"][0]["detail"]'
}

test_no_pmix() {
    on_cluster srun -N2 --ntasks-per-node=2 --mpi=none "$warpstep" run "$sgd"
    check "no PMIx server: exit code 3" exits 3
    check "no PMIx server: names the fix and the rank" says 'rank [0-3] on n[12].*srun --mpi=pmix'
    on_cluster srun -N1 -n1 --mpi=none "$warpstep" run "$repository/configs/all-reduce.yaml" --set n=10
    check "no PMIx server is fine for one task" exits 0
    # shellcheck disable=SC2016  # for the task's shell
    on_cluster srun -N1 -n2 --mpi=pmix bash -c 'SLURM_NTASKS=3 SLURM_STEP_NUM_TASKS=3 exec "$0" run "$1"' "$warpstep" "$sgd"
    check "PMIx and Slurm disagree about the size: exit code 3" exits 3
    check "PMIx and Slurm disagree about the size: says both" says '2.*3|3.*2'
}

# Rank 3 dies before it joins, so the others wait for it. OPTIONS...
with_early_death() {
    # shellcheck disable=SC2016  # for the task's shell
    on_cluster srun -N2 --ntasks-per-node=4 --mpi=pmix "$@" bash -c '
        if [[ $SLURM_PROCID == 3 ]]; then sleep 1; kill -KILL $$; fi
        exec "$0" run "$1"' "$warpstep" "$sgd"
}

test_early_death() {
    with_early_death -K1
    check "killed before the bootstrap, -K1: the step fails" test "$status" -ne 0
    check "killed before the bootstrap, -K1: survivors name rank and node" says 'rank 3 on n1'
    check "killed before the bootstrap, -K1: ends within 30 s" within 30
    with_early_death --kill-on-bad-exit=0
    check "killed before the bootstrap, without -K1: the step fails" test "$status" -ne 0
    check "killed before the bootstrap, without -K1: ends in time" within 30
}

# A rank that is killed in the middle of the work. OPTIONS...
with_late_death() {
    rm -f pid.*
    # shellcheck disable=SC2016  # for the task's shell
    on_cluster bash -c '
        timeout 50 srun -N2 --ntasks-per-node=4 --mpi=pmix "${@:4}" bash -c "echo \$\$ >pid.\$SLURM_PROCID; exec $0 run $1 --set epochs=100000000 --json $2" &
        step=$!
        until [[ -s pid.5 && -s pid.0 ]]; do sleep 0.1; done
        sleep 3
        kill -KILL "$(cat "pid.$3")"
        wait $step' "$warpstep" "$sgd" late.json "$victim" "$@"
}

test_late_death() {
    local victim
    for victim in 5 0; do
        rm -f late.json
        with_late_death --kill-on-bad-exit=0
        check "rank $victim killed at work: the step fails" test "$status" -ne 0
        check "rank $victim killed at work: survivors say which rank and node" says "stopped: rank $victim on n[12] died"
        check "rank $victim killed at work: ends within 30 s" within 30
    done
    victim=5
    rm -f late.json
    with_late_death --kill-on-bad-exit=0
    check "rank 5 killed at work: the report says no verdict" report_has late.json \
        'r["verdict"] == "no verdict" and r["exit_code"] == 3'
    check "nothing half-written" test -z "$(find "$scratch" -name '*.tmp.*')"
}

# The other nodes' leaders sit in a collective with a node whose cable is pulled: they hear of it by the channel's keepalive.
# The last test: Slurm takes the node for lost.
test_silent_node() {
    local bridge port
    bridge=$(sed -n 's/^bridge \([^ ]*\).*/\1/p' "$WARPSTEP_CLUSTER_DIR"/*/ledger)
    port=wsc${bridge#wscluster}-2
    printf 'version: 1\nname: endless\nbuffers: { x: { dtype: f32, count: 100000 } }\nsteps:\n%s\n' \
        '  - { name: r, for_each: [ { i: range(1000000000) } ], steps: [ { name: a, run: all_reduce, with: { buffer: x } } ] }' >endless.yaml
    rm -f pid.* silent.json
    # shellcheck disable=SC2016  # for the task's shell
    "$virtual_cluster" run --name "$cluster" -- timeout 75 srun --kill-on-bad-exit=0 --no-kill -N2 --ntasks-per-node=2 --mpi=pmix \
        bash -c 'echo $$ >pid.$SLURM_PROCID; exec "$0" run endless.yaml --json silent.json' "$warpstep" >"$scratch/out" 2>"$scratch/err" &
    local step=$!
    until [[ -s pid.0 && -s pid.2 ]]; do sleep 0.1; done
    sleep 3
    ip link set "$port" down
    local turn
    for ((turn = 0; turn < 600; turn++)); do
        [[ -s silent.json ]] && break
        sleep 0.1
    done
    check "a silent node: a rank on it is named" says 'stopped: rank [23] on n2 died'
    check "a silent node: the report says no verdict" report_has silent.json 'r["verdict"] == "no verdict" and "on n2 died" in r["failure"]'
    check "a silent node: rank 0 has ended" bash -c "! kill -0 $(cat pid.0) 2>/dev/null"
    ip link set "$port" up
    wait "$step"
}

begin --nodes 2 --gpus 4
test_bad_files
test_impossible_requests
test_no_pmix
test_early_death
test_late_death
test_silent_node
end
