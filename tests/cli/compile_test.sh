#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# `warpstep compile` as a person meets it: a .cu, a workload, wrong ones. Needs NVRTC, no GPU. Arguments: WARPSTEP CONFIGS
set -uo pipefail
warpstep=$(realpath "$1") configs=$(realpath "$2")
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
failures=0
export ASAN_OPTIONS="intercept_tls_get_addr=0${ASAN_OPTIONS:+:$ASAN_OPTIONS}"
export WARPSTEP_CACHE_DIR=$scratch/cache
cd "$scratch" || exit 1

check() {  # WHAT COMMAND...
    if "${@:2}"; then echo "ok: $1"; else
        echo "FAILED: $1"
        cat out err
        failures=$((failures + 1))
    fi
}
compile() { timeout 60 "$warpstep" compile "$@" >out 2>err; status=$?; }
exits() { [[ $status -eq $1 ]]; }
prints() { grep -Eq -- "$1" out; }
says() { grep -Eq -- "$1" err; }
is_elf() { [[ $(head -c 4 "$1" | tail -c 3) == ELF ]]; }
images() { [[ $(find cache -name '*.image' | wc -l) -eq $1 ]]; }

cat >k.cu <<'CU'
#include "factor.h"
extern "C" __global__ void scale(float* x, long n) {
    long i = blockIdx.x * (long)blockDim.x + threadIdx.x;
    if (i < n) x[i] *= FACTOR;
}
template <typename T> __global__ void fill(T* x, T value) { x[threadIdx.x] = value; }
CU
mkdir -p headers
echo '#define FACTOR SCALE' >headers/factor.h

compile k.cu --arch sm_90 -I headers -D SCALE=3
if [[ $status -eq 3 ]] && says 'cannot open NVRTC'; then
    echo "skipped: no NVRTC here"
    exit 0
fi
check "a .cu: exit code 0" exits 0
check "a .cu: kernel, registers, parameters" prints '^scale +sm_90 +[0-9]+ +0 +2: 8, 8 B'
check "a .cu: the cubin is written here" is_elf k.cubin
compile k.cu --arch compute_80 --entry 'fill<double>' -I headers -DSCALE=3 -o fill.ptx
check "PTX of a template: its name" prints '^fill<double> +compute_80 '
check "PTX of a template: the file" grep -q '\.target sm_80' fill.ptx
compile k.cu --arch sm_90 -D SCALE=3
check "a missing header: exit code 2" exits 2
check "a missing header: place and reason" says 'k.cu:1.*factor.h'
compile k.cu --arch sm_90 -I headers --entry scal -D SCALE=3
check "a wrong entry: exit code 2" exits 2
check "a wrong entry: suggestion" says "no kernel 'scal' in k.cu; did you mean 'scale'"
compile k.cu --arch sm_7
check "an unknown architecture: exit code 2" exits 2
check "an unknown architecture: says so" says "does not compile for 'sm_7'; did you mean 'sm_75'"
compile k.cu --arch sm_90 -I headers -D SCALE=3 -o /nonexistent/k.cubin
check "an output that cannot be written: exit code 3" exits 3
compile missing.cu --arch sm_90
check "a missing file: exit code 2" exits 2
compile notes.txt --arch sm_90
check "another kind of file: says what it takes" says 'ends in none of .cu, .yaml'
STAND_IN_DEVICES=0 CUDA_VISIBLE_DEVICES='' compile k.cu -I headers -D SCALE=3
check "no GPU and no --arch: exit code 2" exits 2
check "no GPU and no --arch: says what to type" says 'no GPU here to compile for .*--arch sm_90'

compile "$configs/my-saxpy.yaml" --arch sm_90
check "a workload: exit code 0" exits 0
check "a workload: arguments are shown" prints '^saxpy +sm_90 .* 4: 8, 4, 8, 8 B'
check "a workload: kept for the run" images 1
compile "$configs/my-saxpy.yaml" --arch sm_90
check "a workload again: found in the cache" images 1
compile "$configs/my-saxpy.yaml" --arch sm_80 --output .
check "a workload into a folder" is_elf saxpy.cubin
sed 's/type: i64/type: i32/' "$configs/my-saxpy.yaml" >wrong.yaml
compile wrong.yaml --arch sm_90
check "a wrong type: exit code 2" exits 2
line=$(grep -n 'type: i32' wrong.yaml | cut -d: -f1)
check "a wrong type: line, both sizes" says "wrong.yaml:$line:[0-9]+: argument 1 .*i32 \(4 bytes\).*takes 8 bytes"
sed 's/alpha \* x\[i\]/alhpa * x[i]/' "$configs/my-saxpy.yaml" >wrong.yaml
compile wrong.yaml --arch sm_90
check "a wrong source: exit code 2" exits 2
line=$(grep -n 'alhpa' wrong.yaml | cut -d: -f1)
column=$(grep 'alhpa' wrong.yaml | awk '{ print index($0, "alhpa") }')
check "a wrong source: line and column of the YAML" says "wrong.yaml:$line:$column: identifier \"alhpa\" is undefined"
compile "$configs/stream-triad.yaml" --arch sm_90
check "a workload without kernels: exit code 2" exits 2
WARPSTEP_NVRTC_LIBRARY=/nonexistent.so compile k.cu --arch sm_90
check "no NVRTC: exit code 3" exits 3
check "no NVRTC: says what to do" says 'cannot open NVRTC .*WARPSTEP_NVRTC_LIBRARY'

echo "compile: $failures failed"
((failures == 0))
