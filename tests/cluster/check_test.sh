#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# "A job was given several GPUs and the program uses one": every cause of it as a real job, and the finding that names it.
# The GPUs are those of a stand-in of NVML.
set -uo pipefail
cluster=check cluster_port=27100
# shellcheck source=tests/cluster/lib.sh
source "$(dirname "$0")/lib.sh"
here=$repository/tests/cluster

# Four GPUs, and a directory in which programs claim them.
make_gpus() {
    export CLAIMS=$scratch/claims UUIDS="" FAKE_NVML=$scratch/nvml WARPSTEP_NVML_LIBRARY=${FAKE_NVML_LIBRARY:?}
    mkdir -p "$CLAIMS"
    {
        printf 'driver 580.65.06\ncuda 13000\n'
        echo "process_directory $CLAIMS"
        local bus index=0
        for bus in 1b 43 9d df; do
            local uuid="GPU-0000000$index-0000-0000-0000-000000000000"
            echo "gpu 0000:$bus:00.0 $uuid 81559 165002300$index 1 NVIDIA H100 80GB HBM3"
            echo healthy
            UUIDS=${UUIDS:+$UUIDS,}$uuid
            index=$((index + 1))
        done
    } >"$FAKE_NVML"
    export UUIDS
}

# Whether a finding fires in report.json; and that it is the answer to the user's question.
fires() { report_has report.json "any(f['rule'] == '$1' and f['verdict'] in ('WARN', 'FAIL') for f in r['findings'])"; }
quiet() { report_has report.json "not any(f['rule'] == '$1' and f['verdict'] in ('WARN', 'FAIL') for f in r['findings'])"; }
fix_says() { report_has report.json "any(f['rule'] == '$1' and '$2' in f['fix'] for f in r['findings'])"; }
answers() { report_has report.json "__import__('re').search(r'''$1''', r['answer'])"; }

check_step() {  # SRUN-ARGUMENTS...
    rm -f "$scratch/report.json"
    on_cluster srun "$@" "$warpstep" check --format json --output "$scratch/report.json"
}

test_sound() {
    check_step --mpi=pmix -N2 --ntasks-per-node=4 --gpus-per-node=4
    check "all GPUs used: no cause fires" quiet grant-one-task
    check "all GPUs used: PMIx is there" quiet slurm-pmix-missing
    check "all GPUs used: they were asked for" quiet grant-gpu-not-requested
    check "all GPUs used: both nodes and all ranks are in the report" \
        report_has report.json "len(r['ranks']) == 8 and len(r['nodes']) == 2"
}

test_launch_causes() {
    rm -f "$scratch/report.json"
    on_cluster sbatch --wait -N1 -n4 --gpus-per-node=4 -o "$scratch/batch.out" \
        --wrap "'$warpstep' check --format json --output '$scratch/report.json'"
    check "not started through srun" fires launch-no-srun
    check "not started through srun: what to type" fix_says launch-no-srun "srun --mpi=pmix"
    check_step --mpi=none -n4 --gpus-per-node=4
    check "no PMIx server" fires slurm-pmix-missing
    check "no PMIx server: what to type" fix_says slurm-pmix-missing "srun --mpi=pmix"
    check "no PMIx server: exit code 1" exits 1
    check_step --mpi=pmix -n1 --gpus-per-node=4
    check "one task only" fires grant-one-task
    check "one task only: what to type" fix_says grant-one-task "--ntasks-per-node=4"
    check_step --mpi=pmix -n4
    check "GPU not requested" fires grant-gpu-not-requested
}

test_visibility_causes() {
    check_step --mpi=pmix -n2 --gpus-per-node=2 env CUDA_VISIBLE_DEVICES=2,3
    check "the visible devices were overwritten" fires gpu-visible-set
    rm -f "$scratch/report.json"
    # shellcheck disable=SC2016  # the task's own variable
    on_cluster srun --mpi=pmix -n4 --gpus-per-task=1 bash -c \
        'LOCAL_RANK=$SLURM_LOCALID exec "$0" check --format json --output "$1"' "$warpstep" "$scratch/report.json"
    check "wrong device ordinal" fires gpu-ordinal
}

# A user's step, and an overlapping one that looks at it.
watch_step() {  # WAY
    rm -rf "$CLAIMS" "$scratch/report.json"
    mkdir -p "$CLAIMS"
    on_cluster salloc -N1 -n4 --gpus-per-node=4 bash -c "
        srun --mpi=pmix --overlap -n4 python3 '$here/claims_gpu.py' 20 $1 &
        for i in \$(seq 50); do [[ \$(find '$CLAIMS' -path '*GPU-*' -type f | wc -l) -lt 4 ]] || break; sleep 0.2; done
        srun --mpi=pmix --overlap -N1 -n1 '$warpstep' check --step \$SLURM_JOB_ID.0 --format json --output '$scratch/report.json'
        scancel -s KILL \$SLURM_JOB_ID.0; wait"
}

test_programs() {
    watch_step first
    check "all ranks on device 0" fires program-one-gpu
    check "all ranks on device 0: it is the answer" answers '1 of 4 GPUs'
    watch_step own
    check "each rank its own device: no finding" quiet program-one-gpu
    watch_step parent
    check "fork after CUDA start" fires program-fork-after-cuda
}

test_diagnose() {
    rm -rf "$CLAIMS"
    mkdir -p "$CLAIMS"
    on_cluster srun --mpi=pmix -n4 --gpus-per-node=4 "$warpstep" exec --diagnose-after 3 -- python3 "$here/claims_gpu.py" 8 first
    check "exec --diagnose: the command's code" exits 0
    check "exec --diagnose: names the cause" says 'program-one-gpu'
    on_cluster srun --mpi=pmix -n4 --gpus-per-node=4 "$warpstep" exec --diagnose-after 30 -- true
    check "exec --diagnose: a command that has ended" says 'ended before they could be looked at'
}

test_silent_rank() {
    rm -f "$scratch/report.json"
    # Rank 3 never comes to the check.
    # shellcheck disable=SC2016  # the task's own variable
    on_cluster srun --mpi=pmix -n4 --gpus-per-node=4 bash -c \
        '((SLURM_PROCID == 3)) && exec sleep 15; exec "$0" check --timeout 4 --format json --output "$1"' \
        "$warpstep" "$scratch/report.json"
    check "a rank that never answers is a finding" fires step-rank-missing
    check "a rank that never answers: it is named" report_has report.json \
        "any(f['rule'] == 'step-rank-missing' and 'rank 3' in f['evidence'] for f in r['findings'])"
    check "a rank that never answers: the others are judged" report_has report.json "len(r['ranks']) == 3"
}

test_hung_driver() {
    cp "$FAKE_NVML" "$scratch/sound"
    sed -i '1i hang 60' "$FAKE_NVML"
    check_step --mpi=pmix -n1 --gpus-per-node=1
    cp "$scratch/sound" "$FAKE_NVML"
    check "a driver that hangs is a finding" fires driver-hang
}

test_administrator() {
    # The scripts pass no hook on, so the stand-in of NVML comes with the program that they start.
    export WARPSTEP=$scratch/with-gpus
    printf '#!/bin/sh\nFAKE_NVML=%q WARPSTEP_NVML_LIBRARY=%q exec %q "$@"\n' "$FAKE_NVML" "$WARPSTEP_NVML_LIBRARY" \
        "$warpstep" >"$WARPSTEP"
    chmod +x "$WARPSTEP"
    # A stand-in of NVML has neither a kernel module nor /dev/nvidia-uvm.
    local ignored=(--ignore box-uvm-missing --ignore driver-library-mismatch)
    local health=("$repository/slurm/health-check" --drain "${ignored[@]}")
    rm -rf "$CLAIMS"
    on_cluster env SLURMD_NODENAME=n1 "${health[@]}"
    check "health check: a sound node is silent" exits 0
    cp "$FAKE_NVML" "$scratch/sound"
    echo "remapped 0 0 0 1" >>"$FAKE_NVML"  # the last GPU's
    on_cluster env SLURMD_NODENAME=n1 "${health[@]}"
    check "health check: a broken GPU is exit code 1" exits 1
    check "health check: says which" says 'remap-failed'
    on_cluster env SLURMD_NODENAME=n2 "WARPSTEP=$warpstep" "$repository/slurm/health-check" "${ignored[@]}"
    check "health check: a hook in the daemon's environment is not passed on" exits 0
    on_cluster scontrol show node n1
    check "health check: the node is drained with our reason" grep -Eq 'Reason=warpstep: .*remap-failed' "$scratch/out"
    cp "$scratch/sound" "$FAKE_NVML"
    on_cluster env SLURMD_NODENAME=n1 "${health[@]}"
    on_cluster scontrol show node n1
    check "health check: well again, resumed" bash -c "! grep -q DRAIN '$scratch/out'"
    on_cluster scontrol update nodename=n1 state=drain reason="memory is to be replaced"
    on_cluster env SLURMD_NODENAME=n1 "${health[@]}"
    on_cluster scontrol show node n1
    check "health check: somebody else's drain stays" grep -q 'DRAIN' "$scratch/out"
    on_cluster scontrol update nodename=n1 state=resume
    on_cluster "$repository/slurm/prolog" "${ignored[@]}"
    check "prolog: a sound node takes the job" exits 0
    on_cluster "$repository/slurm/sweep" --level quick --tasks 1 main
    check "sweep: a line for each node" bash -c "[[ \$(grep -c '^n[12] ' '$scratch/out') = 2 ]]"
}

begin --nodes 2
make_gpus
test_sound
test_launch_causes
test_visibility_causes
test_programs
test_diagnose
test_silent_rank
test_hung_driver
test_administrator
end
