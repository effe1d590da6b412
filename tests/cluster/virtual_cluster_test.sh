#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# slurm/virtual-cluster does what it says and leaves nothing behind. Needs root; under 90 s; one line per check.
# It compares the whole machine before and after, so nothing else may start or end a cluster meanwhile.
# shellcheck disable=SC2016,SC2009  # $ in single quotes is for the tasks; pgrep cannot print such lines as ps does
set -uo pipefail
repository=$(readlink -f "$(dirname "$0")/../..")
script=$repository/slurm/virtual-cluster
a=testa$$ b=testb$$
scratch=$(mktemp -d)
export WARPSTEP_CLUSTER_DIR=/var/lib/warpstep-cluster-test.$$
export WARPSTEP_CLUSTER_PORT=26000
cd / || exit 1
failures=0

check() {  # WHAT COMMAND...
    if "${@:2}"; then
        printf 'ok: %s\n' "$1"
    else
        printf 'FAILED: %s\n' "$1"
        sed 's/^/    /' "$scratch/said" 2>/dev/null
        failures=$((failures + 1))
    fi
}

says() { "$script" "$@" >"$scratch/said" 2>&1; }  # ARGUMENTS...: what it said is in $scratch/said
exits_with() { says "${@:2}"; [[ $? -eq $1 ]]; }
said() { grep -q -- "$1" "$scratch/said"; }
on() { says run --name "$1" -- timeout 30 "${@:2}"; }  # NAME COMMAND...
counted() { [[ $(grep -cx -- "$2" "$scratch/said") -eq $1 ]]; }  # TIMES LINE

# All that a cluster is made of: links, namespaces, mounts and processes of this machine, and files.
machine() {
    ip -o link | awk -F': ' '{print "link", $2}'
    ip netns list | sed 's/^/namespace /'
    findmnt --noheadings --list --output TARGET,FSTYPE | sed 's/^/mount /'
    ps -eo comm=,args= | grep -E '^(munged|slurmctld|slurmd|slurmstepd|srun) |sleep 98[7]65' | sed 's/^/process /'
    find "$WARPSTEP_CLUSTER_DIR" -mindepth 1 2>/dev/null | sed 's/^/file /'
}

is_as_before() {
    local end=$((SECONDS + 5))
    until diff <(machine | sort) "$scratch/before" >"$scratch/said"; do
        ((SECONDS < end)) || return 1
        sleep 0.2
    done
}

finish() {
    "$script" down --name "$a" >/dev/null 2>&1
    "$script" down --name "$b" >/dev/null 2>&1
    rm -rf "$scratch"
    rmdir "$WARPSTEP_CLUSTER_DIR" 2>/dev/null
}

test_usage() {
    check "a bad number is bad usage" exits_with 2 up --nodes none
    check "an unknown command is bad usage" exits_with 2 begin
    check "--cores with --topology is bad usage" \
        exits_with 2 up --cores 4 --topology "$repository/slurm/topologies/dgx-h100.xml"
    check "a topology for a node that is not there is bad usage" \
        exits_with 2 up --topology "n3=$repository/slurm/topologies/dgx-h100.xml"
    check "run without a cluster fails" exits_with 1 run --name "$a" -- true
    check "down without a cluster is no error" exits_with 0 down --name "$a"
    unshare --user "$script" up --name "$a" >"$scratch/said" 2>&1
    check "without root it says so in one line" counted 1 'virtual-cluster: not root .*; type .*'
}

test_two_nodes() {
    local began=$SECONDS
    check "up" says up --name "$a"
    check "up took less than 10 s" test $((SECONDS - began)) -lt 10
    check "up twice is refused" exits_with 1 up --name "$a"
    check "and says how to go on" said "already up; type 'slurm/virtual-cluster down --name $a'"
    check "status is healthy" says status --name "$a"
    on "$a" srun -N2 -n2 hostname
    check "a job on two nodes reports two host names" eval 'counted 1 n1 && counted 1 n2'
    on "$a" srun -N2 -n2 --gpus-per-node=4 bash -c 'echo "$CUDA_VISIBLE_DEVICES $SLURM_STEP_GPUS $SLURM_GPUS_ON_NODE"'
    check "each node grants 4 GPUs" counted 2 '0,1,2,3 0,1,2,3 4'
    on "$a" srun -N2 --ntasks-per-node=2 bash -c 'echo "$PMIX_RANK/${PMIX_NAMESPACE%.*.*}/$SLURM_PROCID"'
    check "tasks have the PMIx environment" eval 'counted 1 0/slurm.pmix/0 && counted 1 3/slurm.pmix/3'
    on "$a" srun -N2 -n2 bash -c 'getent hosts n$((2 - SLURM_NODEID)) | cut -d" " -f2-'
    sed -i 's/ //g' "$scratch/said"
    check "nodes know each other's names" eval 'counted 1 n1 && counted 1 n2'
    on "$a" srun -N2 -n2 bash -c 'touch {/tmp,/dev/shm}/$SLURMD_NODENAME; sleep 0.5; ls /tmp/n? /dev/shm/n?'
    check "nodes share neither /tmp nor /dev/shm" eval 'counted 1 /tmp/n1 && counted 1 /dev/shm/n2'
    on "$a" srun -n1 bash -c 'env | grep -cE "^WARPSTEP_(TOPOLOGY|ALLOWED_CPUS)="'
    check "without --topology nothing is exported about it" counted 1 0
    on "$a" srun -n1 bash -c 'grep SigIgn /proc/self/status'
    check "tasks ignore no signal" counted 1 $'SigIgn:\t0000000000000000'
    check "sbatch works" sbatch_works
}

sbatch_works() {
    on "$a" sbatch --wait --output="$WARPSTEP_CLUSTER_DIR/$a/batch" -N2 -n2 --wrap 'srun hostname' || return 1
    sort "$WARPSTEP_CLUSTER_DIR/$a/batch" >"$scratch/said"
    counted 1 n1 && counted 1 n2
}

test_second_cluster_with_topologies() {
    check "a second cluster beside the first" says up --name "$b" \
        --topology "$repository/slurm/topologies/dgx-h100.xml" --topology "n2=$repository/slurm/topologies/four-gpu-epyc.xml"
    on "$b" srun -N2 -n2 -c8 --gpus-per-node=4 bash -c 'echo "$SLURMD_NODENAME $WARPSTEP_ALLOWED_CPUS $WARPSTEP_TOPOLOGY"'
    check "4 cores of 2 threads have their OS numbers" counted 1 "n1 0-3,112-115 $WARPSTEP_CLUSTER_DIR/$b/nodes.d/n1.xml"
    check "8 cores of 1 thread have their OS numbers" counted 1 "n2 0-7 $WARPSTEP_CLUSTER_DIR/$b/nodes.d/n2.xml"
    on "$b" srun -w n1 -n1 -c224 --gpus-per-node=8 bash -c 'echo $WARPSTEP_ALLOWED_CPUS $CUDA_VISIBLE_DEVICES'
    check "all of a node" counted 1 '0-223 0,1,2,3,4,5,6,7'
    on "$a" srun -N2 -n2 bash -c 'echo $SLURM_CLUSTER_NAME'
    check "the first cluster still works" counted 2 "$a"
    check "down of the second" says down --name "$b"
    on "$a" srun -N2 -n2 hostname
    check "the first still works after that" eval 'counted 1 n1 && counted 1 n2'
}

daemon_pid() { awk -v daemon="$2" '$1 == "process" && $4 == daemon {print $2}' "$WARPSTEP_CLUSTER_DIR/$1/ledger"; }

test_down_after_a_crash() {
    "$script" run --name "$a" -- srun -N2 -n2 bash -c 'setsid sleep 98765 & sleep 98765' >/dev/null 2>&1 &
    local job=$!
    wait_for_processes 4 'sleep 98765'
    kill -KILL "$(daemon_pid "$a" n1)"
    sleep 1000 &
    local stranger=$!
    printf 'process %s another-boot/1 stranger\n' "$stranger" >>"$WARPSTEP_CLUSTER_DIR/$a/ledger"
    check "status sees a dead slurmd" exits_with 1 status --name "$a"
    check "down after kill -9 of a slurmd" says down --name "$a"
    check "down spares a process that has a recorded pid but was born at another time" kill "$stranger"
    wait "$job" "$stranger" 2>/dev/null
    check "nothing is left, tasks that left their session included" is_as_before
}

wait_for_processes() {  # COUNT COMMAND-LINE
    local end=$((SECONDS + 10))
    until [[ $(ps -eo args= | grep -cx -- "$2") -ge $1 ]] || ((SECONDS >= end)); do sleep 0.1; done
}

test_up_that_fails() {
    python3 -c '
import socket, sys, time
held = []
for port in range(26000, 26100):
    held.append(socket.create_server(("0.0.0.0", port)))
print("held", flush=True)
time.sleep(60)' >"$scratch/held" &
    local holder=$! end=$((SECONDS + 10))
    until grep -qs held "$scratch/held" || ((SECONDS >= end)); do sleep 0.1; done
    check "up with an occupied port fails" exits_with 1 up --name "$a"
    check "and names the daemon and its reason" eval 'said "slurmctld ended" && said "Address already in use"'
    check "and leaves nothing" is_as_before
    kill "$holder"
    wait "$holder" 2>/dev/null
}

test_interrupted_up() {  # SIGNAL
    local delay started
    for delay in 0.05 0.1 0.15 0.2 0.25 0.3 0.4; do
        "$script" up --name "$a" >"$scratch/said" 2>&1 &
        started=$!
        sleep "$delay"
        kill "-$1" "$started" 2>/dev/null
        wait "$started" 2>/dev/null
        [[ $1 == TERM && ! -e $WARPSTEP_CLUSTER_DIR/$a/ready ]] || "$script" down --name "$a" >"$scratch/said" 2>&1
        is_as_before || return 1
    done
}

test_without_cgroups() {
    local answer
    answer=$(unshare --mount bash -c '
        mount -t tmpfs -o ro tmpfs /sys/fs/cgroup
        "$0" up --name "$1" && "$0" run --name "$1" -- srun -N2 -n2 hostname
        "$0" down --name "$1"' "$script" "$a" 2>"$scratch/said" | sort | xargs)
    [[ $answer == "n1 n2" ]]
}

trap finish EXIT
machine | sort >"$scratch/before"
test_usage
test_two_nodes
test_second_cluster_with_topologies
test_down_after_a_crash
test_up_that_fails
check "an up ended by SIGTERM at any moment leaves nothing" test_interrupted_up TERM
check "after kill -9 of up at any moment, down leaves nothing" test_interrupted_up KILL
check "works where /sys/fs/cgroup is empty and read-only" test_without_cgroups
check "nothing is left at the end" is_as_before
printf '%s after %s s\n' "$( ((failures == 0)) && echo passed || echo "$failures failed")" "$SECONDS"
((failures == 0))
