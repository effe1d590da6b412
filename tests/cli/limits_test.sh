#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What must end: runs that take too long, too few open files, endless files, absurd counts. Arguments: WARPSTEP CONFIGS
set -uo pipefail
warpstep=$1 configs=$2
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
failures=0
export ASAN_OPTIONS="intercept_tls_get_addr=0${ASAN_OPTIONS:+:$ASAN_OPTIONS}"

check() {  # WHAT COMMAND...
    if "${@:2}"; then echo "ok: $1"; else
        echo "FAILED: $1"
        cat "$scratch/out" "$scratch/err"
        failures=$((failures + 1))
    fi
}
runs() { timeout 120 "$warpstep" "$@" >"$scratch/out" 2>"$scratch/err" </dev/null; status=$?; }
exits() { [[ $status -eq $1 ]]; }
says() { grep -Eq -- "$1" "$scratch/err"; }
says_once() { [[ $(grep -Ec -- "$1" "$scratch/err") -eq 1 ]]; }

# Rank 1 comes late to a collective, or all are busy, or all go round and round.
workload() {  # NAME STEPS...
    printf 'version: 1\nname: %s\nbuffers: { x: { dtype: f32, count: 8, init: 1 } }\nsteps:\n' "$1" >"$scratch/$1.yaml"
    printf '  - %s\n' "${@:2}" >>"$scratch/$1.yaml"
}
workload late '{ name: late, run: spin, with: { seconds: "select(rank == 1, 4, 0)" } }' \
    '{ name: sum, run: all_reduce, with: { buffer: x } }'
workload busy '{ name: busy, run: spin, with: { seconds: 60 } }'
workload round '{ name: round, for_each: [ { i: range(1000000000) } ], steps: [ { name: sum, run: all_reduce, with: { buffer: x } } ] }'
workload slow '{ name: slow, run: fill, with: { buffer: x, value: 1 } }'

runs run "$scratch/late.yaml" --device host --local-ranks 2 --operation-timeout 1
check "--operation-timeout: exit code 3" exits 3
check "--operation-timeout: the rank that did not come is named" says 'rank 1 .*did not come'
runs run "$scratch/late.yaml" --device host --local-ranks 2 --operation-timeout 60
check "--operation-timeout: long enough" exits 0

for file in round busy; do
    runs run "$scratch/$file.yaml" --device host --local-ranks 2 --run-timeout 2 --json "$scratch/$file.json"
    check "--run-timeout ($file): exit code 3" exits 3
    check "--run-timeout ($file): said once" says_once 'the run has not ended after 2 s \(--run-timeout\)'
done
check "--run-timeout: the report has it" grep -q 'has not ended after 2 s' "$scratch/round.json"
runs run "$scratch/round.yaml" --device host --run-timeout 2
check "--run-timeout: a single task too" exits 3
runs run "$scratch/slow.yaml" --device host --local-ranks 2 --run-timeout 100
check "--run-timeout: a run in time passes" exits 0
runs run "$scratch/slow.yaml" --run-timeout 0
check "--run-timeout 0: refused" exits 2

(ulimit -n 40; timeout 120 "$warpstep" run "$configs/all-reduce.yaml" --device host --set n=8 --local-ranks 32 >"$scratch/out" 2>"$scratch/err" </dev/null)
status=$?
check "a hard limit of open files that is too low: exit code 3" exits 3
check "a hard limit of open files that is too low: both numbers, once" \
    says_once '[0-9]+ open files are needed here \(the hard limit is 40\); raise it'
(ulimit -Sn 24; timeout 120 "$warpstep" run "$configs/all-reduce.yaml" --device host --set n=8 --local-ranks 32 >"$scratch/out" 2>"$scratch/err" </dev/null)
status=$?
check "a soft limit of open files that is too low is raised" exits 0

runs run "$configs/all-reduce.yaml" --device host --set n=8 --local-ranks 256
check "256 ranks on this machine" exits 0

runs run /dev/zero
check "an endless workload: exit code 2" exits 2
check "an endless workload: named" says 'cannot read /dev/zero \(it has more than 256 MiB\)'
runs lint /dev/zero
check "an endless script: exit code 2" exits 2
check "an endless script: named" says 'cannot read /dev/zero'
runs check --facts /dev/zero
check "endless facts: exit code 2" exits 2
check "endless facts: named" says 'cannot read /dev/zero'
timeout 120 "$warpstep" lint - </dev/zero >"$scratch/out" 2>"$scratch/err"
status=$?
check "an endless script on standard input: exit code 2" exits 2
echo '{"schema": 5}' >"$scratch/facts.json"
runs check --facts "$scratch/facts.json"
check "facts of another layout: exit code 2" exits 2
check "facts of another layout: the file is named" says 'facts.json is no file of facts \(its schema is 5,'

for name in SLURM_HET_SIZE SLURM_NTASKS SLURM_STEP_NUM_TASKS SLURM_NNODES SLURM_NODEID; do
    (export SLURM_JOB_ID=7 "$name=2147483647"; timeout 60 "$warpstep" run "$configs/all-reduce.yaml" --device host --set n=8 \
        >"$scratch/out" 2>"$scratch/err" </dev/null)
    status=$?
    check "$name=2147483647 ends" test "$status" -lt 4
done
(export SLURM_JOB_ID=7 'SLURM_TASKS_PER_NODE=4(x2147483647)'
 timeout 60 "$warpstep" run "$configs/all-reduce.yaml" --dry-run >"$scratch/out" 2>"$scratch/err" </dev/null)
status=$?
check "a dry run of billions of ranks: exit code 2" exits 2
check "a dry run of billions of ranks: what to type" says 'type --ranks N'

echo 'n: 7Ki' >"$scratch/params.yaml"
runs run "$configs/all-reduce.yaml" --dry-run --ranks 2 --params "$scratch/params.yaml" --json -
check "a dry run reads --params" grep -q '28672' "$scratch/out"
echo 'm: 7Ki' >"$scratch/params.yaml"
runs run "$configs/all-reduce.yaml" --dry-run --ranks 2 --params "$scratch/params.yaml"
check "a dry run refuses a param that is none" exits 2
echo '{ {' >"$scratch/params.yaml"
runs run "$configs/all-reduce.yaml" --dry-run --ranks 2 --params "$scratch/params.yaml"
check "a dry run refuses a params file that is none" exits 2
check "a dry run names the params file" says 'params.yaml:[0-9]+:[0-9]+: not valid YAML'

((failures == 0))
