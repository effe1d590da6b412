#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Whom slurm/health-check and slurm/prolog drain for an Xid: facts of a sound node get lines of the kernel log, and
# warpstep judges them in place of the node's own. Arguments: WARPSTEP WRITE_FACTS ROOT
set -uo pipefail
warpstep=$1 write_facts=$2 root=$3
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
failures=0

check() {  # WHAT COMMAND...
    if "${@:2}"; then echo "ok: $1"; else
        echo "FAILED: $1 (exit code $status)"
        head -c 2000 "$scratch/out" "$scratch/err"
        failures=$((failures + 1))
    fi
}
exits() { [[ $status -eq $1 ]]; }
says() { grep -Fq -- "$1" "$scratch/err"; }
drained() { grep -q state=drain "$scratch/scontrol.log"; }
drained_nobody() { [[ ! -s $scratch/scontrol.log ]]; }

# The scripts keep nothing of the environment but where warpstep is.
cat >"$scratch/warpstep" <<END
#!/bin/sh
[ "\$1" = check ] || exit 2
export ASAN_OPTIONS=intercept_tls_get_addr=0  # as tests/cli sets it
exec "$warpstep" "\$@" --facts "$scratch/facts.json"
END
mkdir "$scratch/bin"
cat >"$scratch/bin/scontrol" <<END
#!/bin/sh
[ "\$1" = update ] && echo "\$*" >>"$scratch/scontrol.log"
echo "NodeName=n1 State=IDLE Reason="
END
chmod +x "$scratch/warpstep" "$scratch/bin/scontrol"
export WARPSTEP=$scratch/warpstep PATH=$scratch/bin:$PATH SLURMD_NODENAME=n1
"$write_facts" >"$scratch/sound.json" || exit 1

node_with() {  # CODE SEVERITY ACTION LINE: one line of the first GPU; without SEVERITY, as older versions wrote it
    : >"$scratch/scontrol.log"
    python3 - "$scratch" "$@" <<'END'
import json, sys
scratch, code, *told = sys.argv[1:]
facts = json.load(open(f"{scratch}/sound.json"))
health = facts["nodes"][0]["gpus"][0]["health"]
health["xids"], health["xid_times_s"] = [int(code)], None
health.pop("xid_events", None)
health["recovery_action"] = None  # a driver that logs more than its NVML tells
if told:
    health["xid_events"] = [dict(zip(("severity", "action", "line"), told), code=int(code))]
json.dump(facts, open(f"{scratch}/facts.json", "w"))
END
}
runs() { "$root/slurm/$1" "${@:2}" >"$scratch/out" 2>"$scratch/err"; status=$?; }

stays() {  # WHAT CODE TEXT: the node of node_with is judged so, and neither drained nor refused
    runs health-check --drain
    check "$1: health-check" exits "$2"
    [[ -z $3 ]] || check "$1: health-check says so" says "$3"
    check "$1: nobody is drained" drained_nobody
    runs prolog
    check "$1: the job starts" exits 0
}
goes() {  # WHAT TEXT
    runs health-check --drain
    check "$1: health-check" exits 1
    check "$1: health-check says so" says "$2"
    check "$1: the node is drained" drained
    runs prolog
    check "$1: the job does not start here" exits 1
}

head="NVRM: Xid (PCI:0000:1b:00):"
node_with 63 "" "" "$head 63, Row Remapper: New row marked for remapping"
stays "Xid 63" 0 ""
node_with 999 "" "" "$head 999, pid=7, something new"
stays "an Xid that nobody knows" 3 "$head 999, pid=7, something new"
node_with 999
stays "an Xid that nobody knows, by its number" 3 "Xid 999"
node_with 145 Nonfatal "" "$head 145, RLW_CTRL Nonfatal XC0 i0 Link 08 (0x00000003 0x80000000)"
stays "NVLink 5, nonfatal" 0 ""
node_with 149
stays "NVLink 5, by its number" 3 "Xid 149"
node_with 149 Fatal "" "$head 149, NETIR_LINK_EVT Fatal XC0 i0 Link 08 (0x004505c6 0x00000000)"
goes "NVLink 5, fatal" "NETIR_LINK_EVT Fatal"
node_with 154
stays "Xid 154, by its number" 3 "Xid 154"
node_with 154 "" "0x0 (None)" "$head 154, GPU recovery action changed from 0x1 (GPU Reset Required) to 0x0 (None)"
stays "Xid 154, back to none" 0 ""
node_with 154 "" "0x2 (Node Reboot Required)" \
    "$head 154, GPU recovery action changed from 0x0 (None) to 0x2 (Node Reboot Required)"
goes "Xid 154, a reboot" "Node Reboot Required"
node_with 151
goes "Xid 151" "Xid 151"
node_with 168
goes "Xid 168" "Xid 168"

echo "drains: $failures failed"
((failures == 0))
