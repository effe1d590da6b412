#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# mpirun_test.sh MPIRUN PROBE: four ranks under Open MPI's launcher know who they are and meet; a rank that never comes is
# named by the others, and the step ends with a code.
set -u
mpirun=$1
probe=$2
failures=0

check() { # check WHAT FILE PATTERN COUNT
    found=$(grep -Ec "$3" "$2")
    if [ "$found" != "$4" ]; then
        echo "FAILED: $1: expected $4 lines of '$3', found $found in:"
        sed 's/^/    /' "$2"
        failures=$((failures + 1))
    fi
}

launch() {
    timeout -k 5 25 "$mpirun" --allow-run-as-root --oversubscribe "$@" >"$work/out" 2>&1
}

work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
# Variables of a job that this test may run in describe another step.
for name in $(env | sed -n 's/^\(\(SLURM\|PMIX\|PMI\|OMPI\)_[A-Za-z0-9_]*\)=.*/\1/p'); do unset "$name"; done

# In a build with sanitizers: PMIx 4.2.2 loses a few bytes in PMIx_Init and each value that PMIx_Get_nb finds at once.
echo "leak:libpmix.so" >"$work/suppressions"
export LSAN_OPTIONS="suppressions=$work/suppressions:print_suppressions=0"

launch -n 4 "$probe"
status=$?
[ $status -eq 0 ] || { echo "FAILED: mpirun ended with $status"; sed 's/^/    /' "$work/out"; exit 1; }
for rank in 0 1 2 3; do
    check "rank $rank has its place" "$work/out" \
        "^step rank=$rank/4 local=$rank/4 node=0\(.+\) nodes=\[[^ ]+:0,1,2,3\] job='' step='' ns='.+'$" 1
done
check "all ranks read all words" "$work/out" '^met rank=[0-3] good=4/4' 4
check "PMIx's own threads are known" "$work/out" 'pmix-threads=[1-9]' 4

# Not the code itself: Open MPI 4.1.4 with PMIx 4.2.2 often crashes or hangs in PMIx_server_finalize when a job ends while a
# fence is pending, also for a bare PMIx program without abort. Under Slurm the code is the one of the refusal.
launch -n 4 "$probe" --deadline-ms 1500 --late 2 20000
status=$?
[ $status -ne 0 ] || { echo "FAILED: a missing rank should end the step with a failure"; failures=$((failures + 1)); }
check "the missing rank is named" "$work/out" 'rank 0 on .*: rank 2 on .* never arrived \(waited [0-9.]+ s\)' 1
check "nobody meets without it" "$work/out" '^met ' 0

launch -n 4 "$probe" --abort 2 42
status=$?
[ $status -ne 0 ] || { echo "FAILED: an abort should end the step with a failure"; failures=$((failures + 1)); }
check "nobody meets after an abort" "$work/out" '^met ' 0

[ $failures -eq 0 ] && echo "passed"
exit $((failures > 0))
