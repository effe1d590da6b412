#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The program as a person meets it outside Slurm: help, version, catalog, usage errors, one task. Arguments: WARPSTEP ROOT
set -uo pipefail
warpstep=$1 root=$2
configs=$root/configs
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
failures=0
# LeakSanitizer stumbles over the thread-local storage of the plugins that hwloc has closed again, unless it is told not to follow it.
export ASAN_OPTIONS="intercept_tls_get_addr=0${ASAN_OPTIONS:+:$ASAN_OPTIONS}"

check() {  # WHAT COMMAND...
    if "${@:2}"; then echo "ok: $1"; else
        echo "FAILED: $1"
        cat "$scratch/out" "$scratch/err"
        failures=$((failures + 1))
    fi
}
runs() { timeout 60 "$warpstep" "$@" >"$scratch/out" 2>"$scratch/err"; status=$?; }
exits() { [[ $status -eq $1 ]]; }
prints() { grep -Eq -- "$1" "$scratch/out"; }
says() { [[ $(wc -l <"$scratch/err") -eq 1 ]] && grep -Eq -- "$1" "$scratch/err"; }  # one line

runs --help
check "help exits 0" exits 0
check "help names the commands" prints 'run .*kernels|run'
runs --version
check "version exits 0" exits 0
check "version names the libraries" prints '^hwloc +2\.'
runs kernels
check "the catalog has the triad" prints 'stream.triad +a = b \+ scalar \* c'
runs kernels stream.triad
check "one kernel in full" prints 'scalar +value'
check "its buffers with role, types and shape" prints '^a +write +f32 f64 +\[n\]$'
check "its cost" prints '^bytes: 3 n size$'
check "a step to paste" prints 'with: \{ a: a, b: b, c: c, scalar: 0.4 \}'
runs kernels all_reduce
check "an operation that is no kernel" prints '^op +word +avg, max, min, prod, sum$'
check "what is measured of it" prints '^metrics: time \(seconds\), algbw .*, busbw \(bytes/s; outside for_each, with several ranks\), launches$'
runs kernels --page
check "docs/operations.md is what the rows say (warpstep kernels --page >docs/operations.md)" cmp -s "$scratch/out" "$root/docs/operations.md"
runs kernels all_reduse
check "a misspelt operation: suggestion" says "no kernel 'all_reduse'; did you mean 'all_reduce'"
runs kernels stream.traid
check "an unknown kernel: exit code 2" exits 2
check "an unknown kernel: suggestion" says "no kernel 'stream.traid'; did you mean 'stream.triad'"
runs run
check "no file: exit code 2" exits 2
check "no file: says so" says 'FILE'
runs run "$configs/all-reduce.yaml" --local-ranks 0
check "0 ranks: exit code 2" exits 2
runs run "$configs/all-reduce.yaml" --set m=1
check "an unknown param: exit code 2" exits 2
check "an unknown param: names it" says "'m'"
runs run "$configs/all-reduce.yaml" --set n=1000 --device cuda
if exits 0; then
    echo "ok: there is a CUDA device here"
else
    check "no CUDA device: exit code 3" exits 3
    check "no CUDA device: says why" says 'no CUDA device: '
fi
(cd / && timeout 60 "$warpstep" run "$configs/data-parallel-sgd.yaml" --device host --json "$scratch/report.json") >"$scratch/out" 2>"$scratch/err"
status=$?
check "the main job runs alone, from any directory" exits 0
check "its report is JSON" python3 -m json.tool "$scratch/report.json" /dev/null
runs run "$configs/all-reduce.yaml" --set n=10 --device host --json /nonexistent/report.json
check "a report that cannot be written: exit code 3" exits 3
check "a report that cannot be written: says where, once" says '^warpstep: cannot write /nonexistent/report.json '
runs run "$configs/all-reduce.yaml" --set n=1000 --local-ranks 4 --device host
check "four local ranks" exits 0
check "four local ranks are in the table" prints '^ +3 '

printf '#SBATCH -N2 --ntasks-per-node=4\nsrun torchrun t.py\n' >"$scratch/job.sbatch"
runs lint "$scratch/job.sbatch" --slurm-version 22.05
check "lint: a warning is exit code 1" exits 1
check "lint: file, line and finding" prints 'job.sbatch:2: warning: 8 launchers .*\[launch-launcher-per-task\]'
check "lint: what to type" prints '^    srun -n \$SLURM_NNODES --ntasks-per-node=1 torchrun t.py$'
runs lint "$scratch/job.sbatch" --slurm-version new
check "lint: no version: exit code 2" exits 2
runs lint "$configs/../slurm/warpstep.sbatch" --slurm-version 22.05
check "lint: nothing to say about our own script" exits 0

if command -v mpirun >/dev/null; then
    # PMIx leaks a few bytes of its own; with sanitizers only ours may fail the test.
    echo 'leak:libpmix.so' >"$scratch/leaks"
    export LSAN_OPTIONS=suppressions=$scratch/leaks:print_suppressions=0
    timeout 60 mpirun --allow-run-as-root --oversubscribe -n 4 "$warpstep" run "$configs/all-reduce.yaml" \
        --set n=1000 --device host --json "$scratch/report.json" >"$scratch/out" 2>"$scratch/err"
    status=$?
    check "four ranks under mpirun" exits 0
    check "mpirun: all four in the report" grep -q '"rank": 3' "$scratch/report.json"
fi

echo "command line: $failures failed"
((failures == 0))
