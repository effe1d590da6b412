#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# `warpstep run FILE --dry-run` as a person on a login node meets it. Arguments: WARPSTEP CONFIGS TOPOLOGIES
set -uo pipefail
warpstep=$1 configs=$2 topologies=$3
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
failures=0
# LeakSanitizer stumbles over the thread-local storage of the plugins that hwloc has closed again, unless it is told not to follow it.
export ASAN_OPTIONS="intercept_tls_get_addr=0${ASAN_OPTIONS:+:$ASAN_OPTIONS}"
unset SLURM_JOB_ID SLURM_STEP_ID COLUMNS

check() {  # WHAT COMMAND...
    if "${@:2}"; then echo "ok: $1"; else
        echo "FAILED: $1"
        cat "$scratch/out" "$scratch/err"
        failures=$((failures + 1))
    fi
}
dry() { timeout 60 "$warpstep" run "$@" --dry-run >"$scratch/out" 2>"$scratch/err"; status=$?; }
exits() { [[ $status -eq $1 ]]; }
prints() { grep -Eq -- "$1" "$scratch/out"; }
lacks() { ! prints "$1"; }
says() { grep -Eq -- "$1" "$scratch/err"; }
silent() { [[ ! -s $scratch/out ]]; }
fits() { python3 -c 'import sys; sys.exit(any(len(line) > int(sys.argv[2]) + 1 for line in open(sys.argv[1])))' "$scratch/out" "$1"; }
json() { python3 -c 'import json, sys; run = json.load(open(sys.argv[1])); sys.exit(not eval(sys.argv[2]))' "$scratch/out" "$1"; }

for config in "$configs"/*.yaml; do
    name=$(basename "$config")
    [ "$name" != check-floors.yaml ] || continue # no workload
    case $name in my-saxpy.yaml) dry "$config" --device cuda ;; *) dry "$config" --device host --ranks 2 ;; esac
    check "$name: nothing is in the way" exits 0
    check "$name: its steps are shown" prints '^ 1 '
done

dry "$configs/data-parallel-sgd.yaml" --device host --ranks 8 --per-node 4
check "eight equal ranks print once" prints '^   1\.2 reduce +all_reduce +grad → grad · 44 B among 8 ranks$'
check "ranks and nodes" prints '8 ranks on 2 nodes \(by --ranks\)'
check "rows of the ranks" prints '^train +442 +11 +7 +64 +55 to 56 +shuffled each epoch, seed'
dry "$configs/my-saxpy.yaml" --device cuda
check "a GPU on paper is said to be one" prints 'a CUDA device that is not here|NVIDIA'
check "launches of own kernels" prints '65536 blocks of 256 threads'
dry "$configs/my-saxpy.yaml" --device host
check "own kernels need CUDA" exits 2
check "and it is said where" says 'my-saxpy.yaml:[0-9]+:[0-9]+: step .saxpy.'

cat >"$scratch/reach.yaml" <<'YAML'
version: 1
name: reach
buffers:
  a: { count: 8 }
steps:
  - { name: only-two, if: rank < 2, run: all_reduce, with: { buffer: a } }
YAML
dry "$scratch/reach.yaml" --device host --ranks 2
check "two ranks meet" exits 0
dry "$scratch/reach.yaml" --device host --ranks 4
check "four do not" exits 2
check "both kinds of ranks and the fix are named" says 'reach.yaml:6:.*only-two.*ranks 0-1 but not by ranks 2-3.*group: rank < 2'
check "the program is shown all the same" prints 'ranks 2-3: not run: if rank < 2'
dry "$scratch/reach.yaml" --device host --ranks 4 --json -
check "JSON is all of it" json 'len(run["problems"]) == 1 and [p["ranks"] for p in run["programs"]] == [[0, 1], [2, 3]]'
check "JSON has what steps touch" json 'run["programs"][0]["steps"][0]["writes"] == ["a"]'

cat >"$scratch/huge.yaml" <<'YAML'
version: 1
name: huge
params: { n: 1Ti }
buffers:
  a: { dtype: f64, count: n }
steps:
  - { name: s, run: fill, with: { buffer: a, value: 1 } }
YAML
dry "$scratch/huge.yaml" --device host --here
check "more memory than there is" exits 2
check "with what to set" says 'need 8 TiB of host memory .*--set n='
dry "$scratch/huge.yaml" --device host --ranks 8 --per-node 4
check "of other machines nobody knows" exits 0
check "but it is said" prints "^not checked here: the memory of the ranks' nodes$"
dry "$scratch/huge.yaml" --device host --set n=4
check "--set holds" exits 0

cat >"$scratch/limits.yaml" <<'YAML'
version: 1
name: limits
params: { threads: 256, shared: 0 }
buffers:
  a: { count: device.sm_count * 1024 }
kernels:
  k:
    source: 'extern "C" __global__ void k(float* a) { a[threadIdx.x] = 1; }'
    args: [ { write: a } ]
    grid: device.sm_count
    block: threads
    shared: shared
steps:
  - { name: s, run: k }
YAML
dry "$scratch/limits.yaml" --assume h100
check "a grid of a GPU that is not here" exits 0
check "its multiprocessors are known" prints '132 blocks of 256 threads'
WARPSTEP_MODULE_DIR=/nonexistent dry "$scratch/limits.yaml" --assume h100
check "registers are the compiler's to tell" prints 'not checked here: .*registers'
dry "$scratch/limits.yaml" --assume h100 --set threads=2048
check "more threads than a block has" exits 2
check "with the limit" says 'the block is 2048 in x \(this GPU allows 1 to 1024\)'
dry "$scratch/limits.yaml" --assume h100 --set shared=228Ki
check "more shared memory than a block has" says 'a block needs 228 KiB of shared memory \(this GPU has 227 KiB\)'
dry "$scratch/limits.yaml" --assume a100 --set shared=200Ki
check "which depends on the model" says 'this GPU has 163 KiB'
dry "$configs/my-saxpy.yaml" --assume sm_90
check "an architecture will do" exits 0
dry "$scratch/limits.yaml" --assume sm_90
check "also where nobody knows how many multiprocessors there are" exits 0
check "which is said" prints 'device.sm_count counts as 1'
dry "$scratch/limits.yaml" --assume h1000
check "known models are named" says "no GPU model 'h1000'.*h200, h100"

cat >"$scratch/heavy.yaml" <<'YAML'
version: 1
name: heavy
params: { threads: 512 }
buffers:
  a: { count: 1Mi }
kernels:
  k:
    source: |
      extern "C" __global__ void k(float* a) {
          float v[100];
          for (int i = 0; i < 100; ++i) v[i] = a[threadIdx.x * 100 + i];
          __syncthreads();
          for (int t = 0; t < 3; ++t)
              for (int i = 0; i < 100; ++i) v[i] = v[i] * v[(i + 7) % 100] + t;
          for (int i = 0; i < 100; ++i) a[threadIdx.x * 100 + i] = v[i];
      }
    args: [ { update: a } ]
    grid: 1
    block: threads
steps:
  - { name: s, run: k }
YAML
export WARPSTEP_CACHE_DIR=$scratch/cache
mkdir -m 700 "$scratch/cache"
if "$warpstep" compile "$scratch/heavy.yaml" --arch sm_90 --output "$scratch/k.cubin" >"$scratch/out" 2>&1; then
    dry "$scratch/heavy.yaml" --assume h100
    check "as many threads as the registers of a kernel allow" exits 0
    check "then nothing is left to the compiler" lacks registers
    dry "$scratch/heavy.yaml" --assume sm_90 --set threads=1024
    check "more are refused" exits 2
    check "with the registers" says "heavy.yaml:7:3: kernel 'k': a block has 1024 threads \\(this kernel allows [0-9]+, with [0-9]+ registers each\\)"
    sed -e '/source: |/,/^      }/d' -e 's/    args:/    file: k.cubin\n    args:/' "$scratch/heavy.yaml" >"$scratch/compiled.yaml"
    WARPSTEP_MODULE_DIR=/nonexistent dry "$scratch/compiled.yaml" --device cuda --set threads=1024
    check "a cubin tells its registers where there is no compiler" says "kernel 'k': a block has 1024 threads .*registers each"
    dry "$scratch/compiled.yaml" --assume a100
    check "and for which GPU it is" says 'k.cubin is for sm_90 \(this GPU needs sm_80\)'
    sed 's/float v\[100\]/float w[100]/' "$scratch/heavy.yaml" >"$scratch/broken.yaml"
    dry "$scratch/broken.yaml" --assume h100
    check "a source that does not compile is refused in its lines" says 'broken.yaml:1[0-9].*error.*"v" is undefined'
else
    echo "skipped: no compiler here, so that no registers are known"
fi

dgx=$topologies/dgx-h100.xml
dry "$configs/my-saxpy.yaml" --topology "$dgx" --ranks 16 --per-node 8
check "a node of a file" exits 0
check "has its GPUs" prints 'NVIDIA H100 80GB HBM3, which is not here'
check "but nobody knows what is free" prints "not checked here: how much memory is free on the ranks' nodes"
dry "$scratch/huge.yaml" --topology "$dgx" --device host
check "its memory is known" says "this rank has 2 TiB .*2 TiB are in the node, by .*dgx-h100.xml.*--set n="
dry "$scratch/huge.yaml" --topology "$dgx" --device host --set n=200Gi
check "what would fit an empty node is not refused" exits 0
cat >"$scratch/cores.yaml" <<'YAML'
version: 1
name: cores
placement: { cpus_per_task: 40, gpus_per_task: 2, strict: true }
buffers:
  a: { count: 8 }
steps:
  - { name: s, run: fill, with: { buffer: a, value: 1 } }
YAML
dry "$scratch/cores.yaml" --ranks 2
check "cores of unknown nodes" prints "not checked here: .*whether the ranks' nodes have what 'placement' asks for"
dry "$scratch/cores.yaml" --ranks 2 --topology "$dgx"
check "cores of a known node" exits 0
check "are not left unchecked" lacks "placement"
check "a rank has the GPUs it asks for" prints '2 x NVIDIA H100'
dry "$scratch/cores.yaml" --ranks 4 --topology "$dgx"
check "more cores than it has" exits 2
check "with both numbers" says '4 tasks.*40 cores.*112'
dry "$scratch/cores.yaml" --ranks 4 --per-node 2 --topology "$dgx"
check "two nodes of it have them" exits 0
dry "$configs/my-saxpy.yaml" --topology "$topologies/mi250x.xml" --device cuda
check "CUDA on a node without" says 'no CUDA device: .*mi250x.xml describes a node without a GPU of NVIDIA'
dry "$configs/my-saxpy.yaml" --topology "$dgx" --here
check "two nodes are one too many" exits 2
check "with what to type" says '--here and --topology .* name two nodes .*; give one of them'
dry "$configs/my-saxpy.yaml" --topology "$scratch/none.xml"
check "a file that is not there" says 'none.xml'
dry "$configs/my-saxpy.yaml" --topology "$dgx" --ranks 8 --json -
check "JSON names the node" json 'run["topology"].endswith("dgx-h100.xml") and run["host_bytes"] == 2 << 40 and run["host_free_bytes"] is None'

cat >"$scratch/matrix.yaml" <<'YAML'
version: 1
name: matrix
matrix: { a: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10], b: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10], c: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10] }
buffers:
  x: { count: a * b * c }
  y: { count: 'select(a * b * c == 1000, 7, a * b * c)' }
steps:
  - { name: s, run: copy, with: { from: x, to: y } }
YAML
dry "$scratch/matrix.yaml" --device host
check "the last of 1000 combinations is planned, too" says "'x' is 1000 f32 but 'y' is 7 f32"
check "and so many are said to be" prints 'the first of 1000 combinations'

for width in 40 72 100; do
    COLUMNS=$width dry "$configs/collectives.yaml" --device host --ranks 3
    check "lines fit $width columns" fits "$width"
done
SLURM_JOB_ID=1 SLURM_STEP_ID=0 SLURM_PROCID=1 SLURM_STEP_TASKS_PER_NODE=2 dry "$scratch/reach.yaml" --device host
check "in a job step only rank 0 speaks" silent
SLURM_JOB_ID=1 SLURM_STEP_ID=0 SLURM_PROCID=0 SLURM_STEP_TASKS_PER_NODE=4 dry "$scratch/reach.yaml" --device host
check "and it speaks for all of its ranks" prints '4 ranks on 1 node \(as this job step\)'
check "with their verdict" exits 2
timeout 60 "$warpstep" run "$scratch/reach.yaml" --ranks 2 >"$scratch/out" 2>"$scratch/err"; status=$?
check "--ranks without --dry-run is refused" exits 2
exit $((failures > 0))
