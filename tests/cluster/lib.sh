# SPDX-License-Identifier: Apache-2.0
# Shared by the tests that run warpstep on a virtual cluster of their own. Sourced after these are set:
#   cluster    name of the cluster        warpstep   the program (default build/bin/warpstep)
# shellcheck shell=bash disable=SC2034,SC2154  # variables of the sourcing test
repository=$(readlink -f "$(dirname "${BASH_SOURCE[0]}")/../..")
warpstep=${WARPSTEP:-$repository/build/bin/warpstep}
virtual_cluster=$repository/slurm/virtual-cluster
export WARPSTEP_CLUSTER_DIR=/var/lib/warpstep-cluster-$cluster.$$
export WARPSTEP_CLUSTER_PORT=${cluster_port:?}
scratch=/var/tmp/warpstep-$cluster.$$ # not /tmp: every virtual node has its own
failures=0
mkdir -p "$scratch"
cd "$scratch" || exit 1

check() {  # WHAT COMMAND...
    if "${@:2}"; then
        printf 'ok: %s\n' "$1"
    else
        printf 'FAILED: %s\n' "$1"
        sed 's/^/    out: /' "$scratch/out" 2>/dev/null | tail -n 15
        sed 's/^/    err: /' "$scratch/err" 2>/dev/null | tail -n 15
        failures=$((failures + 1))
    fi
}

# Runs a command on the cluster under a limit; output in $scratch/out and $scratch/err, its status in $status.
on_cluster() {  # COMMAND...
    local begin=$SECONDS
    "$virtual_cluster" run --name "$cluster" -- timeout 60 "$@" >"$scratch/out" 2>"$scratch/err"
    status=$?
    seconds=$((SECONDS - begin))
}

exits() { [[ $status -eq $1 ]]; }
within() { [[ $seconds -le $1 ]]; }
says() { grep -Eq -- "$1" "$scratch/err"; }           # REGEX on stderr
says_times() { [[ $(grep -Ec -- "$2" "$scratch/err") -eq $1 ]]; }
report_has() { python3 "$repository/tests/cluster/report_has.py" "$1" "$2" 2>>"$scratch/err"; }  # FILE PYTHON-EXPRESSION

finish() {
    "$virtual_cluster" down --name "$cluster" >/dev/null 2>&1
    rm -rf "$scratch"
    rmdir "$WARPSTEP_CLUSTER_DIR" 2>/dev/null
}

begin() {  # up's ARGUMENTS...
    if ((EUID != 0)); then
        echo "skipped: needs root"
        exit 77
    fi
    trap finish EXIT
    "$virtual_cluster" up --name "$cluster" "$@" >"$scratch/out" 2>"$scratch/err"
    status=$?
    check "the cluster is up" exits 0
    ((status == 0)) || exit 1
}

end() {
    printf '%s: %d failed\n' "$cluster" "$failures"
    ((failures == 0))
}
