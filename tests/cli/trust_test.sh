#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Root in folders of another user: nothing is written through a link, no code is loaded. Arguments: WARPSTEP REPOSITORY
set -uo pipefail
warpstep=$1 repository=$2
if ((EUID != 0)); then echo "skipped: not root"; exit 77; fi
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
failures=0
export ASAN_OPTIONS="intercept_tls_get_addr=0${ASAN_OPTIONS:+:$ASAN_OPTIONS}"

check() {  # WHAT COMMAND...
    if "${@:2}"; then echo "ok: $1"; else
        echo "FAILED: $1"
        cat "$scratch/out" "$scratch/err"
        failures=$((failures + 1))
    fi
}
runs() { timeout 120 "$@" >"$scratch/out" 2>"$scratch/err" </dev/null; status=$?; }
exits() { [[ $status -eq $1 ]]; }
says() { grep -Eq -- "$1" "$scratch/err"; }
intact() { [[ $(cat "$scratch/treasure") == treasure ]]; }

chmod 755 "$scratch"
echo treasure >"$scratch/treasure"
chmod 600 "$scratch/treasure"
touch -d "1 hour ago" "$scratch/treasure"
exporter=$scratch/exporter
mkdir "$exporter"
chown 65534:65534 "$exporter"
setpriv --reuid 65534 --regid 65534 --clear-groups ln -s "$scratch/treasure" "$exporter/warpstep.prom"

WARPSTEP=$warpstep runs "$repository/slurm/textfile" "$exporter"
check "textfile: a planted link is not followed" intact
check "textfile: the refusal names it" says 'warpstep.prom \(it is a link that somebody else may have put there\)'
check "textfile: it does not say that all is well" test "$status" -ne 0
rm "$exporter/warpstep.prom"
WARPSTEP=$warpstep runs "$repository/slurm/textfile" "$exporter"
check "textfile: the exporter's own folder is written" grep -q '^warpstep_check_exit_code' "$exporter/warpstep.prom"
check "textfile: nothing else is left there" test "$(ls "$exporter")" = warpstep.prom

for command in "run $repository/configs/stream-triad.yaml --device host --set n=1Ki --json FILE" \
    "plan --topology $repository/slurm/topologies/dgx-h100.xml --format json --output FILE" \
    "check --level quick --format json --output FILE" "check --level quick --save-facts FILE" \
    "map --local-ranks 0 --format json --output FILE"; do
    ln -s "$scratch/treasure" "$exporter/report"
    # shellcheck disable=SC2086  # words
    runs "$warpstep" ${command//FILE/"$exporter/report"}
    check "${command%% *}: a planted link is not followed" intact
    rm -f "$exporter/report"
done

printf 'GIF89a' >"$exporter/libnvidia-ml.so.1"
chown 65534 "$exporter/libnvidia-ml.so.1"
WARPSTEP_NVML_LIBRARY=$exporter/libnvidia-ml.so.1 WARPSTEP_MODULE_DIR=$exporter runs "$warpstep" --version
check "a library of another user: said" says 'WARPSTEP_NVML_LIBRARY=.* is ignored \(.* belongs to user 65534'
check "a module folder of another user: said" says 'WARPSTEP_MODULE_DIR=.* is ignored'
check "a library of another user: no error" exits 0
cp "$exporter/libnvidia-ml.so.1" "$scratch/libnvidia-ml.so.1"
WARPSTEP_NVML_LIBRARY=$scratch/libnvidia-ml.so.1 runs "$warpstep" --version
check "a library of root's is not spoken of" bash -c "! grep -q ignored '$scratch/err'"

for script in prolog epilog health-check; do
    printf '#!/bin/sh\nenv >%q\nexit 0\n' "$scratch/environment" >"$scratch/warpstep"
    chmod +x "$scratch/warpstep"
    FAKE_NVML=/x WARPSTEP_NVML_LIBRARY=/x WARPSTEP_MODULE_DIR=/x WARPSTEP_TOPOLOGY=/x WARPSTEP=$scratch/warpstep \
        runs "$repository/slurm/$script"
    check "$script: no hook is passed on" bash -c "! grep -Eq 'FAKE|WARPSTEP_' '$scratch/environment'"
done

((failures == 0))
