#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# `warpstep plan`: options, formats, refusals, self-test. Arguments: WARPSTEP TOPOLOGIES
set -uo pipefail
warpstep=$1 topologies=$2
unset WARPSTEP_TOPOLOGY WARPSTEP_ALLOWED_CPUS CUDA_VISIBLE_DEVICES SLURM_STEP_GPUS
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
failures=0
# LeakSanitizer stumbles over the thread-local storage of the plugins that hwloc has closed again, unless it is told not to follow it.
export ASAN_OPTIONS="intercept_tls_get_addr=0${ASAN_OPTIONS:+:$ASAN_OPTIONS}"
dgx=$topologies/dgx-h100.xml epyc=$topologies/four-gpu-epyc.xml

check() {  # WHAT COMMAND...
    if "${@:2}"; then echo "ok: $1"; else
        echo "FAILED: $1"
        head -c 4000 "$scratch/out" "$scratch/err"
        failures=$((failures + 1))
    fi
}
plans() { timeout 120 "$warpstep" plan "$@" >"$scratch/out" 2>"$scratch/err"; status=$?; }
exits() { [[ $status -eq $1 ]]; }
prints() { grep -Eq -- "$1" "$scratch/out"; }
silent() { [[ ! -s $scratch/out ]]; }
says() { [[ $(wc -l <"$scratch/err") -eq 1 ]] && grep -Eq -- "$1" "$scratch/err"; }  # one line
python() { python3 - "$scratch/out" "$@"; }
refuses() {  # WHAT PATTERN OPTIONS...: exit code 2, one line, nothing on stdout
    plans "${@:3}"
    check "$1: exit code 2" exits 2
    check "$1: one line says why" says "$2"
    check "$1: no plan" silent
}

plans --topology "$dgx"
check "a plan exits 0" exits 0
check "a task for every GPU" prints '^ +7 +7 +0000:df:00.0 .* 98-111,210-223 +1 +mlx5_7 +switch'
check "srun's masks, in the order of local ranks" prints '--cpu-bind=mask_cpu:0x3fff0{24}3fff,0xfffc'
check "srun's memory" prints '--mem-bind=prefer,map_mem:0\*4,1\*4$'
check "srun's GPUs" prints '--gpu-bind=map_gpu:0,1,2,3,4,5,6,7$'
check "gres.conf counts cores" prints 'File=/dev/nvidia\[4-7\] Cores=56-111$'
check "the table fits 120 columns" python <<'PYTHON'
import sys
lines = open(sys.argv[1], encoding="utf-8").read().split("\n")
rows = lines[lines.index(next(l for l in lines if l.startswith("rank "))):][:9]
sys.exit(any(len(row) > 120 for row in rows))
PYTHON

plans --topology "$dgx" --allowed-cpus 0-15
check "what is granted is said" prints '^allowed: CPUs 0-15$'
check "remote tasks have numbered notes" prints '^ +[0-9]+  remote: '
plans --topology "$dgx" --gpus 2,GPU-d6000000-4100-8000-0000-000000000005 --tasks 2 --smt 1 --cpus-per-task 4
check "GPUs by ordinal and by UUID" prints '^ +1 +5 +0000:c3:00.0'
check "cores and threads as asked" prints '^ +0 +2 .* 4 +0-3 '
plans --topology "$dgx" --gpus-per-task 4
check "tasks follow from GPUs per task" prints '^ +1 +4 '
check "several GPUs become a mask" prints '--gpu-bind=mask_gpu:0xf,0xf0$'
plans --topology "$dgx" --interleave
check "interleaved ranks go round the packages" prints '^ +1 +4 +0000:9d:00.0'
plans --topology "$dgx" --tasks 16 --share 2 --strict
check "shared as allowed is no exception" exits 0
plans --topology "$dgx" --tasks 2 --explain
check "reasons stand below the table" prints '^why:$'

plans --topology "${dgx}x2" --topology "$epyc"
check "alike nodes are shown once" prints '^n\[1-2\] \(2 alike\) · 2 packages'
check "other nodes are shown, too" prints '^n3 · 1 package'
check "srun's flags for each kind" prints '^ n\[1-2\]:$'
plans --topology "${epyc}x3" --ntasks 7
check "tasks of the step in blocks" prints '^n\[2-3\] \(2 alike\)'
plans
check "without a topology this machine is planned" exits 0
check "without a topology this machine is named" prints ' · live$'

plans --topology "${dgx}x2" --topology "$epyc" --format json
check "JSON has every node" python <<'PYTHON'
import json, sys
document = json.load(open(sys.argv[1], encoding="utf-8"))
nodes = document["nodes"]
assert document["version"] == 1 and document["hash"]
assert [node["name"] for node in nodes] == ["n1", "n2", "n3"]
assert [len(node["tasks"]) for node in nodes] == [8, 8, 4]
assert nodes[0]["tasks"][7]["cpus"] == "98-111,210-223"
assert nodes[0]["tasks"] == nodes[1]["tasks"]
gpus = [gpu["uuid"] for task in nodes[0]["tasks"] for gpu in task["gpus"]]
assert len(set(gpus)) == 8
PYTHON
plans --topology "$dgx" --allowed-cpus 0-15 --topology "$epyc" --format svg --output "$scratch/picture.svg"
check "a picture in a file, nothing else" silent
cp "$scratch/picture.svg" "$scratch/out"
check "the picture is XML with every task" python <<'PYTHON'
import sys
import xml.etree.ElementTree as ElementTree
root = ElementTree.parse(sys.argv[1]).getroot()
assert root.get("viewBox").startswith("0 0 1200 ")
texts = [element.text for element in root.iter("{http://www.w3.org/2000/svg}text")]
assert all(f"rank {rank}" in texts for rank in range(8)), texts
titles = [element.text for element in root.iter("{http://www.w3.org/2000/svg}title")]
assert sum(title.startswith("core ") for title in titles) == 112 + 64
assert "rank 7 is remote" in titles
PYTHON

head -c 3000 "$dgx" >"$scratch/truncated.xml"
sed 's/<topology version="2.0">/<topology version="3.0">/' "$dgx" >"$scratch/hwloc3.xml"
cat >"$scratch/no-pus.xml" <<'XML'
<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE topology SYSTEM "hwloc2.dtd">
<topology version="2.0"><object type="Machine" os_index="0" gp_index="1"/></topology>
XML
mkdir "$scratch/empty"
refuses "a missing file" '/nonexistent.xml' --topology /nonexistent.xml
refuses "a truncated file" 'truncated.xml' --topology "$scratch/truncated.xml"
refuses "a file of hwloc 3" 'hwloc3.xml' --topology "$scratch/hwloc3.xml"
refuses "a file without PUs" 'no-pus.xml' --topology "$scratch/no-pus.xml"
refuses "a directory" "$scratch/empty" --topology "$scratch/empty"
refuses "no nodes" 'asks for 0 nodes' --topology "${dgx}x0"
refuses "too many nodes" '1 to 65536' --topology "${dgx}x99999999999999999999"
refuses "0 tasks" '--tasks' --topology "$dgx" --tasks 0
refuses "a number that is none" '--tasks' --topology "$dgx" --tasks two
refuses "fewer tasks than nodes" '--ntasks 1' --topology "${dgx}x2" --ntasks 1
refuses "two numbers of tasks" '--ntasks' --topology "$dgx" --ntasks 8 --tasks 8
refuses "more GPUs than there are" 'need 9 GPUs' --topology "$dgx" --tasks 1 --gpus-per-task 9
refuses "more cores than there are" 'need 113 cores' --topology "$dgx" --tasks 1 --cpus-per-task 113
refuses "a GPU that is not there" "--gpus '8'" --topology "$dgx" --gpus 8
refuses "CPUs outside the machine" "--allowed-cpus '0-300'" --topology "$dgx" --allowed-cpus 0-300
refuses "no CPUs" '--allowed-cpus' --topology "$dgx" --allowed-cpus ''
refuses "CPUs that are no list" 'x-y' --topology "$dgx" --allowed-cpus x-y
refuses "an exception under --strict" 'n2 .*strict' --topology "$dgx" --topology "$epyc" --tasks 8 --strict
refuses "an unknown format" '--format' --topology "$dgx" --format pdf
refuses "reasons in a picture" '--explain' --topology "$dgx" --format svg --explain
refuses "a self-test of an empty directory" 'no \*.xml' --self-test "$scratch/empty"
refuses "a self-test of nothing" '/nonexistent' --self-test /nonexistent
refuses "a self-test with a topology" '--self-test' --self-test generated --topology "$dgx"
refuses "a seed without a self-test" '--seed' --topology "$dgx" --seed 3
plans --topology "$dgx" --output /nonexistent/plan.txt
check "an unwritable file: exit code 3" exits 3
check "an unwritable file: says where" says '/nonexistent/plan.txt'
"$warpstep" plan --topology "$dgx" >/dev/full 2>"$scratch/err"
status=$?
check "a full stdout: exit code 3" exits 3
check "a full stdout: says so" says 'stdout'

plans --self-test generated --count 300 --seed 7
check "the planner passes its self-test" exits 0
check "the self-test counts by family" prints '^all +300 '
plans --self-test "$topologies" --count 20
check "the planner passes on every file" exits 0
check "the self-test counts by file" prints '^dgx-h100.xml +20 '

echo "plan: $failures failed"
((failures == 0))
