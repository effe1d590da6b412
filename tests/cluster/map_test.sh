#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# `warpstep map` under the ways in which Slurm grants GPUs, on two nodes described as four-GPU EPYC machines and on two that
# are this machine.
set -uo pipefail
cluster=map cluster_port=26400
# shellcheck source=tests/cluster/lib.sh
source "$(dirname "$0")/lib.sh"

map_json() {  # SRUN-ARGUMENTS...
    on_cluster srun --mpi=pmix "$@" "$warpstep" map --format json
    cp "$scratch/out" "$scratch/map.json"
}
has() { report_has map.json "$1"; }  # PYTHON-EXPRESSION over r
ranks='[x for n in r["nodes"] for x in n["ranks"]]'
pcis="[g['pci'] for x in $ranks for g in x['gpus']]"

# The GPUs of these nodes in rank order: near NUMA nodes 1, 3, 5 and 7.
near='["0000:41:00.0", "0000:03:00.0", "0000:c1:00.0", "0000:81:00.0"]'

layout() {  # WHAT PYTHON-EXPRESSION SRUN-ARGUMENTS...
    map_json "${@:3}"
    check "$1: exits 0" exits 0
    check "$1: every rank once" has "sorted(x['rank'] for x in $ranks) == list(range(len($ranks)))"
    check "$1" has "$2"
}

test_layouts() {
    layout "all GPUs, a task each" "$pcis == $near" -N1 -n4 --gres=gpu:4
    layout "two GPUs for four tasks: two on each" "sorted(__import__('collections').Counter($pcis).values()) == [2, 2]" \
        -N1 -n4 --gres=gpu:2
    layout "3 + 1 tasks and GPUs" "[len(n['ranks']) for n in r['nodes']] == [3, 1] and len($pcis) == 4" -N2 -n4 --gpus=4
    layout "uneven grants: no GPU is idle" "sum(len(x['gpus']) for x in $ranks) == 6" -N2 -n4 --gpus=6
    layout "--gpus-per-task=1: what Slurm chose for each" "len(set($pcis)) == 4" -N1 -n4 --gpus-per-task=1
    layout "--gpus-per-task=2" "[len(x['gpus']) for x in $ranks] == [2, 2] and len(set($pcis)) == 4" \
        -N1 -n2 --gpus-per-task=2 -c4
    layout "--gpu-bind=none leaves all GPUs to us" "$pcis == $near * 2" -N2 -n8 --ntasks-per-node=4 --gpus-per-task=1 --gpu-bind=none
    layout "--ntasks-per-gpu=1" "len(set($pcis)) == 4" -N1 --gpus=4 --ntasks-per-gpu=1
    layout "--ntasks-per-gpu=2" "sorted(__import__('collections').Counter($pcis).values()) == [2] * 4" \
        -N1 --gpus=4 --ntasks-per-gpu=2 -n8
    layout "--gpu-bind=single:1" "len(set($pcis)) == 4" -N1 -n4 --gpus-per-node=4 --gpu-bind=single:1
    layout "--gpu-bind=closest" "len(set($pcis)) == 4" -N1 -n4 --gpus-per-node=4 --gpu-bind=closest
    layout "--gpu-bind=map_gpu keeps Slurm's order" \
        "$pcis == ['0000:c1:00.0', '0000:81:00.0', '0000:41:00.0', '0000:03:00.0']" \
        -N1 -n4 --gpus-per-node=4 --gpu-bind=map_gpu:3,2,1,0
    layout "--gpu-bind=mask_gpu" "len(set($pcis)) == 4 and len($pcis) == 4" -N1 -n4 --gpus-per-node=4 --gpu-bind=mask_gpu:0x3,0xc
    layout "--gpu-bind=per_task:1" "len(set($pcis)) == 4" -N1 -n4 --gpus-per-node=4 --gpu-bind=per_task:1
    layout "one task has all four" "len($pcis) == 4" -n1 --gpus-per-node=4
    layout "no GPU asked for: none used" "$pcis == []" -N1 -n4
    layout "--mem-per-gpu and --gpu-freq change nothing" "$pcis == $near" \
        -N1 -n4 -c16 --gpus-per-node=4 --mem-per-gpu=500M --gpu-freq=high
    layout "--gpu-bind=single:1 with more tasks than GPUs" "len($pcis) == 3 and len(set($pcis)) == 2" \
        -N1 -n3 --gpus-per-node=2 --gpu-bind=single:1
    layout "--gres-flags=enforce-binding" "len(set($pcis)) == 2" -N1 -n2 -c4 --gpus-per-node=2 --gres-flags=enforce-binding
    layout "--cpus-per-gpu" "$pcis == $near" -N1 -n4 --gpus-per-node=4 --cpus-per-gpu=2
    layout "cyclic ranks over two nodes" "all(x['rank'] % 2 == i for i, n in enumerate(r['nodes']) for x in n['ranks'])" \
        -N2 --ntasks-per-node=2 -m cyclic --gpus-per-node=4
    layout "rank 0 on the second node" "r['nodes'][0]['name'] == 'n2' and r['nodes'][0]['ranks'][0]['rank'] == 0" \
        -N2 -n2 -m arbitrary -w "$scratch/hosts" --gpus-per-node=1
}

test_inside_jobs() {
    on_cluster salloc -N1 -n4 --gpus-per-node=4 bash -c "srun --mpi=pmix -n1 --gres=gpu:1 '$warpstep' map --format json >'$scratch/map.json'"
    check "a step of one GPU in a job of four" has "len($pcis) == 1"
    on_cluster salloc -N1 -n4 --gpus-per-node=4 bash -c "srun --mpi=pmix -n1 --gpus=1 '$warpstep' map --format json >'$scratch/map.json'"
    check "a step that inherits --gpus-per-node: what Slurm shows, all four" has "len($pcis) == 4"
    on_cluster salloc -N1 -n4 --gpus-per-task=1 bash -c "srun --mpi=pmix '$warpstep' map --format json >'$scratch/map.json'"
    check "a binding inherited from the job" has "[len(x['gpus']) for x in $ranks] == [1] * 4 and len(set($pcis)) == 4"
    on_cluster salloc -N1 -n2 --gpus-per-node=2 bash -c \
        "env -u SLURM_GPUS_PER_NODE srun --mpi=pmix --exact -n1 --gpus=1 '$warpstep' map --format json >'$scratch/a.json' &
        env -u SLURM_GPUS_PER_NODE srun --mpi=pmix --exact -n1 --gpus=1 '$warpstep' map --format json >'$scratch/map.json'; wait"
    check "two steps side by side: a GPU each" has "len($pcis) == 1"
    check "two steps side by side: not the same" bash -c "[[ \$(grep -h '\"pci\"' '$scratch/a.json' '$scratch/map.json' | sort -u | wc -l) = 2 ]]"
    on_cluster sbatch --wait -N1 -n1 --gpus-per-node=1 --array=0-1 -o "$scratch/array.%a" \
        --wrap "srun --mpi=pmix '$warpstep' map --format json"
    check "elements of a job array" bash -c "[[ \$(grep -l '\"rank\": 0' '$scratch'/array.[01] | wc -l) = 2 ]]"
    on_cluster salloc -N1 -n2 --gpus-per-node=2 bash -c \
        "srun --mpi=pmix -n2 --overlap sleep 5 & sleep 1; '$warpstep' map >/dev/null; srun --mpi=pmix -n2 --overlap '$warpstep' map --format json >'$scratch/map.json'; wait"
    check "an overlapping step" has "len(set($pcis)) == 2"
    on_cluster bash -c "srun -N1 -w n1 -n1 --gpus-per-node=2 --mpi=none sleep 8 & sleep 2
        srun --mpi=pmix -N1 -w n1 -n2 --gpus-per-node=2 '$warpstep' map --format json >'$scratch/map.json'; kill %1"
    check "beside another job: the other two GPUs" has "len(set($pcis)) == 2 and $pcis != ${near}[:2]"
    on_cluster salloc -N1 -n2 --gpus-per-node=2 : -N1 -n1 --gpus-per-node=1 bash -c \
        "srun --mpi=pmix --het-group=0,1 '$warpstep' map --format json >'$scratch/map.json'"
    check "a heterogeneous job is one step" has "sorted(x['rank'] for x in $ranks) == [0, 1, 2] and len($pcis) == 3"
}

test_output() {
    on_cluster srun -N2 --ntasks-per-node=4 --cpus-per-task=16 --gpus-per-node=4 --mpi=pmix "$warpstep" map
    check "nodes that are alike are said once" [ "$(grep -c '^rank' "$scratch/out")" = 1 ]
    check "it ends with one sentence" grep -q '^8 ranks placed on a described machine, nothing was bound; all near' "$scratch/out"
    on_cluster srun -N1 -n4 --gpus-per-node=4 --mpi=pmix "$warpstep" map --explain
    check "--explain says why" grep -q 'GPU 0000:41:00.0' "$scratch/out"
    on_cluster srun -N2 -n2 --gpus-per-node=4 --mpi=pmix "$warpstep" map --format svg --output "$scratch/map.svg"
    check "the picture is XML with both nodes" python3 -c \
        'import sys, xml.dom.minidom as m; t = m.parse(sys.argv[1]).toxml(); assert ">n1<" in t and ">n2<" in t' "$scratch/map.svg"
}

# What `plan` says of a file is what `map` finds in a step on that machine.
test_plan_is_map() {
    map_json -N1 -n4 -c16 --gpus-per-node=4
    cp map.json mapped.json
    "$warpstep" plan --topology "$repository/slurm/topologies/four-gpu-epyc.xml" --tasks 4 --format json >"$scratch/planned.json"
    check "plan and map agree" python3 - "$scratch/planned.json" "$scratch/mapped.json" <<'PYTHON'
import json, sys
planned, mapped = (json.load(open(path))["nodes"][0] for path in sys.argv[1:])
rows = [(t["cpus"], [g["uuid"] for g in t["gpus"]], t["numa"], t["nics"]) for t in planned["tasks"]]
found = [(t["cpus"], [g["uuid"] for g in t["gpus"]], t["numa"], t["nics"]) for t in mapped["ranks"]]
sys.exit(rows != found)
PYTHON
}

test_refusals() {
    on_cluster srun -K0 -n4 --mpi=none "$warpstep" map
    check "no PMIx: exit code 3" exits 3
    check "no PMIx: what to type" says 'srun --mpi=pmix'
    on_cluster srun -N2 --ntasks-per-node=4 --mpi=pmix "$warpstep" map --bogus
    check "an unknown option: exit code 2, at once" exits 2
    check "an unknown option: said once per node" says_times 2 'bogus'
    on_cluster srun -N2 --ntasks-per-node=4 --gpus-per-node=4 --mpi=pmix "$warpstep" map --gpus-per-task 2
    check "more GPUs than there are: exit code 2" exits 2
    check "more GPUs than there are: said once" says_times 1 '4 tasks with 2 GPUs each need 8 GPUs'
    on_cluster srun -N2 --ntasks-per-node=4 --mpi=pmix --kill-on-bad-exit=0 \
        bash -c "[[ \$SLURM_PROCID = 5 ]] || exec '$warpstep' map --timeout 3"
    check "a task that never came: exit code 3" exits 3
    check "a task that never came is named" says 'local rank 1 on n2 did not answer in time'
    check "a task that never came: within 15 s" within 15
    check "nothing is left in shared memory" on_cluster srun -N2 -n2 bash -c '! ls /dev/shm/warpstep-* 2>/dev/null'
}

# Nodes without a description are this machine: binding is real.
test_live() {
    on_cluster srun -N1 -n2 --mpi=pmix "$warpstep" map --format json
    cp "$scratch/out" "$scratch/map.json"
    check "live: bound as planned" has "all(x['cpus'] == x['planned_cpus'] for x in $ranks) and r['verdict'] != 'bad'"
    check "live: tasks do not share a CPU" has "len({x['cpus'] for x in $ranks}) == min(2, $(nproc))"
    on_cluster srun -N1 -n2 --mpi=pmix --cpu-bind=map_cpu:0,0 "$warpstep" map --as-is --format json
    cp "$scratch/out" "$scratch/map.json"
    check "--as-is shows what Slurm bound" has "[x['cpus'] for x in $ranks] == ['0', '0']"
}

printf 'n2\nn1\n' >"$scratch/hosts"
begin --nodes 2 --topology "$repository/slurm/topologies/four-gpu-epyc.xml"
test_layouts
test_inside_jobs
test_output
test_plan_is_map
test_refusals
"$virtual_cluster" down --name "$cluster" >/dev/null 2>&1
begin --nodes 2
test_live
end
