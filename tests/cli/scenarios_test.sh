#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The scenarios of docs/scenarios.md as files, on one machine, small. Arguments: WARPSTEP CONFIGS host|cuda
# cuda: over the module and the libraries that WARPSTEP_MODULE_DIR and its like name.
set -uo pipefail
warpstep=$1 configs=$2 device=$3
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
failures=0
export ASAN_OPTIONS="intercept_tls_get_addr=0${ASAN_OPTIONS:+:$ASAN_OPTIONS}"
# What the stand-ins have queued when a process ends is no leak of ours.
[[ $device == host ]] || ASAN_OPTIONS+=:detect_leaks=0

check() {  # WHAT COMMAND...
    if "${@:2}"; then echo "ok: $1"; else
        echo "FAILED: $1"
        cat "$scratch/out" "$scratch/err"
        failures=$((failures + 1))
    fi
}
runs() { timeout 120 "$warpstep" run --device "$device" --json "$scratch/report.json" "$@" >"$scratch/out" 2>"$scratch/err"; status=$?; }
exits() { [[ $status -eq $1 ]]; }
says() { grep -Eq -- "$1" "$scratch/err"; }
prints() { grep -Eq -- "$1" "$scratch/out"; }
holds() { python3 -c "import json,sys; r=json.load(open('$scratch/report.json')); sys.exit(0 if ($1) else 1)"; }

runs "$configs/one-gpu-per-task.yaml" --local-ranks 2
check "S1: a layer on every rank equals its reference" exits 0
check "S1: two ranks" holds "len(r['ranks']) == 2"

# Emulated kernels are slow, so there is less to learn there.
short=()
[[ $device == host ]] || short=(--set samples=160 --set epochs=3 --set learning_rate=0.2)
runs "$configs/data-parallel-one-task.yaml" "${short[@]}"
check "S5: two devices of one task learn" exits 0

weights() { python3 -c "import json; print(*json.load(open('$scratch/report.json'))['values']['w'])"; }
runs "$configs/linear-regression.yaml" "${short[@]}"
check "S6: one rank" exits 0
weights >"$scratch/one"
counts=(2 3 4 5 6 7 8 13 32)
[[ $device == host ]] || counts=(2 3 4)  # as many as there are devices
for ranks in "${counts[@]}"; do
    runs "$configs/linear-regression.yaml" --local-ranks "$ranks" "${short[@]}"
    check "S6: $ranks ranks" exits 0
    weights >"$scratch/several"
    check "S6: $ranks ranks give the result of one to 1e-6" python3 - "$scratch/one" "$scratch/several" <<'PY'
import sys
one, several = ([float(x) for x in open(path).read().split()] for path in sys.argv[1:])
sys.exit(any(abs(a - b) > 1e-6 * max(1, abs(a)) for a, b in zip(one, several)) or len(one) != 10)
PY
done

runs "$configs/sharded-dataset.yaml" --local-ranks 4 --set epochs=2 --set samples=128
check "S7: shards" exits 0
check "S7: each sample once per epoch" holds "all(e['verdict'] == 'passed' for e in r['expectations'])"
runs "$configs/sharded-dataset.yaml" --local-ranks 3 --set epochs=2 --set samples=128
check "S7: shards that wrap" exits 0

runs "$configs/two-products-devices.yaml" --set small=60 --set large=90
check "S8: two products on two devices of one task" exits 0
runs "$configs/two-products-ranks.yaml" --set small=60 --set large=90 --local-ranks 2
check "S8: two products on two ranks" exits 0
check "S8: each on its rank" holds "[s['ranks'] for s in r['steps']] == [1, 1, 2]"
runs "$configs/two-products-ranks.yaml" --local-ranks 3
check "S8: three ranks are refused before any work" exits 2

runs "$configs/shared-gpu.yaml" --set n=1000 --local-ranks 2
check "S10: two tasks share a device" exits 0

runs "$configs/two-streams.yaml" --set n=1000
check "S11: two arrays on two streams" exits 0
sed 's/buffer: b, factor/buffer: a, factor/' "$configs/two-streams.yaml" >"$scratch/race.yaml"
runs "$scratch/race.yaml" --set n=1000
check "S11: one array on two streams is refused" exits 2
check "S11: the refusal names both steps and the buffer" says "'double-a'.*'double-b'.*'a'|'double-b'.*'double-a'.*'a'|'a'.*'double-"

runs "$configs/graph.yaml" --set turns=20 --set n=100
check "S12: a graph gives the result of its steps" exits 0
check "S12: what it gained is in the report" holds "r['steps'][0]['numbers']['launch_gain'] > 0 and r['steps'][0]['launches'] == 20"
runs "$configs/copy-compute-overlap.yaml" --set n=64 --set turns=3
# How long it takes is a GPU's affair.
check "S12: two streams in a graph" holds "all(v['verdict'] == 'passed' for v in r['steps'][0]['verify']) and len(r['steps'][0]['verify']) == 2"
sed 's/needs: \[up1\], //' "$configs/copy-compute-overlap.yaml" >"$scratch/race.yaml"
runs "$scratch/race.yaml" --set n=64
check "S12: without one of its needs it is refused" exits 2
check "S12: the refusal names both steps" says "'up1'.*'gemm1'|'gemm1'.*'up1'"

cat >"$scratch/matrix.yaml" <<'YAML'
version: 1
name: sizes
matrix: { n: [1Ki, 4Ki], factor: [2, 3] }
buffers: { a: { dtype: f64, count: n, init: 1 } }
steps:
  - { name: scale, run: scale, with: { buffer: a, factor: factor }, verify: { a: { equals: factor } } }
report: { junit: junit.xml, csv: table.csv, prometheus: metrics.prom }
YAML
(cd "$scratch" && timeout 60 "$warpstep" run --device "$device" --json report.json matrix.yaml >out 2>err)
status=$?
check "a matrix runs once for each combination" exits 0
check "each is in the report" holds "[s['name'] for s in r['steps']] == ['scale [n=%s factor=%s]' % (n, f) for n in ('1Ki', '4Ki') for f in (2, 3)]"
check "JUnit, CSV and Prometheus are written" test -s "$scratch/junit.xml" -a -s "$scratch/table.csv" -a -s "$scratch/metrics.prom"

cat >"$scratch/groups.yaml" <<'YAML'
version: 1
name: groups
buffers: { a: { dtype: f64, count: 4, init: rank + 1 }, b: { dtype: f64, count: 4, init: rank + 1 } }
steps:
  - { name: first-two, run: all_reduce, if: rank < 2, group: rank < 2, with: { buffer: a }, verify: { a: { equals: 3 } } }
  - { name: by-parity, run: all_reduce, group: { by: rank % 2 }, with: { buffer: b }, verify: { b: { equals: 'select(rank % 2 == 0, 4, 2)' } } }
YAML
runs "$scratch/groups.yaml" --local-ranks 3
check "groups of ranks" exits 0
sed 's/group: rank < 2, //' "$scratch/groups.yaml" >"$scratch/reach.yaml"
runs "$scratch/reach.yaml" --local-ranks 3
check "a collective that not all ranks reach is refused" exits 2
check "the refusal names the step and the group that would do" says "'first-two'.*group: rank < 2"

cat >"$scratch/store.yaml" <<'YAML'
version: 1
name: store
buffers:
  a: { dtype: f32, shape: [3, 4], init: iota }
steps:
  - { name: keep, run: store, with: { buffer: a, file: 'out-{rank}.npy' } }
YAML
(cd "$scratch" && timeout 60 "$warpstep" run --device "$device" --json report.json store.yaml >out 2>err)
status=$?
check "store writes" exits 0
cat >"$scratch/again.yaml" <<'YAML'
version: 1
name: again
buffers:
  a: { dtype: f32, shape: [2, 4], init: { file: out-0.npy, offset: 4 } }
steps:
  - { name: look, run: barrier, verify: { a: { equals: index + 4, exact: true } } }
YAML
runs "$scratch/again.yaml"
check "and a buffer begins with what was stored" exits 0

exit $((failures > 0))
