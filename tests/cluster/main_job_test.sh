#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The three workloads on two real Slurm nodes, and what their JSON reports say.
set -uo pipefail
cluster=mainjob cluster_port=26100
# shellcheck source=tests/cluster/lib.sh
source "$(dirname "$0")/lib.sh"

eight=(srun -N2 --ntasks-per-node=4 --gpus-per-node=4 --mpi=pmix -K1)

# What holds of every report of eight ranks on two nodes.
check_ranks() {
    check "$1: eight ranks in order" report_has "$1.json" '[x["rank"] for x in r["ranks"]] == list(range(8))'
    check "$1: four on each node" report_has "$1.json" \
        'sorted((x["node"], x["local_rank"]) for x in r["ranks"]) == [(n, l) for n in ("n1", "n2") for l in range(4)]'
    check "$1: every rank has cores" report_has "$1.json" 'all(x["cpus"] for x in r["ranks"])'
    check "$1: passed with exit code 0" report_has "$1.json" \
        'r["version"] == 1 and r["verdict"] == "passed" and r["exit_code"] == 0 and r["device"] == "host"'
}

test_main_job() {
    on_cluster "${eight[@]}" "$warpstep" run "$repository/configs/data-parallel-sgd.yaml" --json main.json
    check "main job exits 0" exits 0
    check_ranks main
    check "main job: four expectations hold" report_has main.json \
        '[e["verdict"] for e in r["expectations"]] == ["passed"] * 3'
    check "main job: weights equal on all ranks" report_has main.json \
        '[v["verdict"] for s in r["steps"] for v in s["verify"]] == ["passed"]'
    check "main job: 200 epochs of 7 batches" report_has main.json \
        '[s["launches"] for s in r["steps"] if s["name"] == "gradient"] == [1400]'
    check "main job: the fit is between least squares and 1 % above" report_has main.json \
        '[2859.69 <= s["numbers"]["mse"] <= 2888.29 for s in r["steps"] if s["name"] == "fit"] == [True]'
    check "main job: the table names both nodes" grep -Eq '^ +7 +n2' "$scratch/out"
}

test_other_workloads() {
    on_cluster "${eight[@]}" "$warpstep" run "$repository/configs/all-reduce.yaml" --json reduce.json
    check "all-reduce exits 0" exits 0
    check_ranks reduce
    check "all-reduce: verified, with a bus bandwidth" report_has reduce.json \
        'r["steps"][0]["verify"][0]["verdict"] == "passed" and r["steps"][0]["metrics"]["busbw"]["median"] > 0'
    on_cluster "${eight[@]}" "$warpstep" run "$repository/configs/stream-triad.yaml" --set n=64Ki --json triad.json
    check "stream-triad exits 0" exits 0
    check_ranks triad
    check "stream-triad: timed expectations are skipped on the host" report_has triad.json \
        '[e["verdict"] for e in r["expectations"]] == ["skipped"] * 2'
}

test_json_on_stdout() {
    on_cluster "${eight[@]}" "$warpstep" run "$repository/configs/all-reduce.yaml" --set n=1 --json -
    check "--json - writes nothing but JSON" report_has "$scratch/out" 'r["exit_code"] == 0'
}

test_layouts() {
    local layout
    for layout in "-m cyclic" "-m block" "-n5" "-n1 -N1" "-n2 -N2" "-w n2 -N1 -n2"; do
        # shellcheck disable=SC2086  # the layout is several arguments
        on_cluster srun -N2 -n4 $layout --mpi=pmix -K1 "$warpstep" run "$repository/configs/all-reduce.yaml" \
            --set n=1000 --json layout.json
        check "all-reduce with $layout" exits 0
        check "$layout: ranks are numbered through" report_has layout.json \
            '[x["rank"] for x in r["ranks"]] == list(range(len(r["ranks"])))'
    done
    on_cluster srun -N2 --ntasks-per-node=2 -m cyclic --mpi=pmix "$warpstep" run "$repository/configs/all-reduce.yaml" \
        --set n=1 --json layout.json
    check "cyclic: neighbours sit on different nodes" report_has layout.json \
        '[x["node"] for x in r["ranks"]] == ["n1", "n2", "n1", "n2"]'
}

test_several_steps() {
    # shellcheck disable=SC2016  # for the inner shell
    "$virtual_cluster" run --name "$cluster" -- bash -c '
        srun -N1 -w n1 -n2 -c1 --mpi=pmix "$0" run "$1" --set n=1000 --json a.json >/dev/null 2>err & first=$!
        srun -N1 -w n1 -n2 -c1 --mpi=pmix "$0" run "$1" --set n=1000 --json b.json >/dev/null 2>>err & second=$!
        wait $first && wait $second' "$warpstep" "$repository/configs/all-reduce.yaml"
    status=$?
    check "two jobs on one node at once do not meet" exits 0
}

begin --nodes 2 --gpus 4
test_main_job
test_other_workloads
test_json_on_stdout
test_layouts
test_several_steps
end
