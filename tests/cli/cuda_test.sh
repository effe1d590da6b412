#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Runs of several ranks over the emulated module and the stand-ins that WARPSTEP_MODULE_DIR and its like name: what they leave on the
# GPUs, and how failures end them. Argument: WARPSTEP
set -uo pipefail
warpstep=$1
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
failures=0
# As in scenarios_test.sh.
export ASAN_OPTIONS="intercept_tls_get_addr=0:detect_leaks=0${ASAN_OPTIONS:+:$ASAN_OPTIONS}"

check() {  # WHAT COMMAND...
    if "${@:2}"; then echo "ok: $1"; else
        echo "FAILED: $1"
        cat "$scratch/out" "$scratch/err"
        failures=$((failures + 1))
    fi
}
runs() { timeout 60 "$warpstep" run --device cuda --local-ranks 2 "$@" >"$scratch/out" 2>"$scratch/err"; status=$?; }
exits() { [[ $status -eq $1 ]]; }
says() { grep -Eq -- "$1" "$scratch/err"; }
says_times() { [[ $(grep -Ec -- "$2" "$scratch/err") -eq $1 ]]; }

# Batches large enough to be prepared ahead, by threads in the background.
cat >"$scratch/batches.yaml" <<'END'
version: 1
name: batches
datasets:
  train:
    generate: { linear: { samples: 1024, features: 1200, noise: 0.01, seed: 7 } }
    batch: { per_rank: 64 }
    shard: { by: rank, uneven: wrap }
buffers: { x: { dtype: f32, count: 10 } }
steps:
  - name: read
    for_each: [ { epoch: range(2) }, { batch: train } ]
    steps: [ { name: sum, run: all_reduce, with: { buffer: x } } ]
END
# column(I): what stands there, each value once.
column() { cut -d' ' -f"$1" "$scratch/contexts" | sort -u | paste -sd' '; }
export STAND_IN_CONTEXTS=$scratch/contexts
runs "$scratch/batches.yaml"
unset STAND_IN_CONTEXTS
check "batches from the background: exit code 0" exits 0
check "batches from the background: a context on each GPU" test "$(column 2)" = "0 1"
check "batches from the background: one for each of two ranks" test "$(column 1 | wc -w)" -eq 2
check "batches from the background: and no other" test "$(wc -l <"$scratch/contexts")" -eq 2

# The group's work begins when all has been issued, so that only a wait can notice its failure.
cat >"$scratch/part.yaml" <<'END'
version: 1
name: part
buffers: { x: { dtype: f32, count: 1000 } }
steps:
  - name: later
    for_each: [ { turn: range(1) } ]
    steps:
      - { name: busy, run: spin,       with: { seconds: 0.3 } }
      - { name: sum,  run: all_reduce, with: { buffer: x }, group: { by: rank * 0 } }
END
runs "$scratch/part.yaml"
check "a group: exit code 0" exits 0
STAND_IN_FAIL='asyncError#1=6' runs "$scratch/part.yaml"
check "a group that fails later: exit code 3" exits 3
check "a group that fails later: NCCL's words" says 'nccl .*ncclRemoteError'

NCCL_COMM_BLOCKING=1 runs "$scratch/part.yaml"
check "a blocking NCCL is not had: exit code 0" exits 0
check "a blocking NCCL is not had: said once" says_times 1 \
    'NCCL_COMM_BLOCKING=1 is ignored \(a blocking start has no deadline\); unset it$'
NCCL_COMM_BLOCKING=0 runs "$scratch/part.yaml"
check "an NCCL that blocks nowhere is no news" says_times 0 'NCCL_COMM_BLOCKING'

echo "cuda: $failures failed"
((failures == 0))
