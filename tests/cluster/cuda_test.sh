#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The CUDA module and NCCL on two real Slurm nodes, over the stand-ins: what works, and what a user sees of each failure.
#   cuda_test.sh STAND-INS-BUILD-FOLDER
set -uo pipefail
cluster=cuda cluster_port=26700
build=$(readlink -f "$1")
# shellcheck source=tests/cluster/lib.sh
source "$(dirname "$0")/lib.sh"

export WARPSTEP_MODULE_DIR=$build/emulated WARPSTEP_NCCL_LIBRARY=$build/stand_ins/libnccl.so.2
four=(srun -N2 --ntasks-per-node=2 --mpi=pmix -K1)

# Every node has GPUs of its own; one rank can be told to fail.
cat >rank.sh <<'END'
#!/bin/bash
export STAND_IN_GPU_BASE=$((SLURM_NODEID * 8))
[[ ${FAIL_RANK:-} == "$SLURM_PROCID" ]] && export STAND_IN_FAIL=$FAIL
exec "$@"
END
chmod +x rank.sh

run() {  # WORKLOAD OPTIONS...
    on_cluster "${four[@]}" ./rank.sh "$warpstep" run "$repository/configs/$1" --device cuda "${@:2}"
}

failing() {  # RANK WHAT WORKLOAD OPTIONS...
    FAIL_RANK=$1 FAIL=$2 run "${@:3}"
}

test_works() {
    run collectives.yaml --set n=1000 --json collectives.json
    check "collectives exit 0" exits 0
    check "four ranks on CUDA over NCCL" report_has collectives.json \
        'r["device"] == "cuda" and len(r["ranks"]) == 4 and r["communicator"].startswith("nccl")'
    check "all nine collectives verified" report_has collectives.json \
        'sum(v["verdict"] == "passed" for s in r["steps"] for v in s["verify"]) == 9'
    check "every rank has a GPU of its own" report_has collectives.json 'len({x["gpu"]["uuid"] for x in r["ranks"]}) == 4'
    run data-parallel-sgd.yaml --set epochs=2 --json sgd.json
    check "the main job trains on CUDA" report_has sgd.json 'r["device"] == "cuda" and len(r["ranks"]) == 4'
}

test_failures() {
    failing 1 'cudaMalloc#1+=2' all-reduce.yaml --set n=1000
    check "out of memory: code 3" exits 3
    check "out of memory: says how much and on which GPU" says 'cannot allocate .* on GPU-.*out of memory'
    failing 2 'ncclAllReduce#1=6' all-reduce.yaml --set n=1000
    check "NCCL refuses a call: code 3" exits 3
    check "NCCL refuses a call: names the call" says 'rank 2 on n2: nccl .*all_reduce failed on rank 2 of 4: .*ncclRemoteError'
    failing 3 'ncclCommInitRankConfig#1=2,ncclCommInitRankScalable#1=2' all-reduce.yaml --set n=1000
    check "NCCL cannot start: code 3" exits 3
    check "NCCL cannot start: says so" says 'rank 3 on n2.*cannot start'
    failing 1 'lost#3=1' stream.yaml --set n=1000
    check "a GPU is lost: code 3" exits 3
    check "a GPU is lost: names the GPU" says 'rank 1 on n1: cuda: .*GPU-'
    WARPSTEP_NCCL_LIBRARY=/nowhere/libnccl.so run all-reduce.yaml --set n=1000
    check "no NCCL: code 3" exits 3
    check "no NCCL: said what to do" says 'cannot open NCCL .*WARPSTEP_NCCL_LIBRARY'
    STAND_IN_DEVICES=1 run all-reduce.yaml --set n=1000
    check "two ranks on one GPU are refused" says 'GPU-.*(share|ranks)'
    check "two ranks on one GPU: bad input or environment" test "$status" -ge 2
    STAND_IN_DRIVER=12040 run all-reduce.yaml --set n=1000
    check "an old driver: code 3" exits 3
    check "an old driver: both versions" says 'the driver is for CUDA 12.4, this module needs 13'
}

test_signal() {
    FAIL_RANK=1 FAIL='ncclAllReduce#2=hang' on_cluster timeout --signal=TERM 8 "${four[@]}" ./rank.sh "$warpstep" run \
        "$repository/configs/all-reduce.yaml" --device cuda --set n=1000
    check "a collective that hangs ends with the job" within 40
}

begin --nodes 2
test_works
test_failures
test_signal
end
