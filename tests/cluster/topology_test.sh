#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The main job on two virtual nodes that are described as real machines: GPUs and cores as on those.
set -uo pipefail
cluster=topology cluster_port=26300
# shellcheck source=tests/cluster/lib.sh
source "$(dirname "$0")/lib.sh"

# Expands "0-3,8" in report_has.
cpus='(lambda t: {c for p in t.split(",") for c in range(int(p.split("-")[0]), int(p.split("-")[-1]) + 1)})'

begin --nodes 2 --topology "$repository/slurm/topologies/dgx-h100.xml"
on_cluster srun -N2 --ntasks-per-node=8 --cpus-per-task=14 --gpus-per-node=8 --mpi=pmix -K1 \
    "$warpstep" run "$repository/configs/data-parallel-sgd.yaml" --json dgx.json
check "the main job passes on two described DGX nodes" exits 0
check "it says that the topology is simulated" grep -q 'simulated' "$scratch/out"
check "every rank has a GPU of its own" report_has dgx.json \
    'len({(x["node"], x["gpu"]["pci"]) for x in r["ranks"]}) == 16'
check "no two ranks of a node share a core" report_has dgx.json \
    "all(not $cpus(a['cpus']) & $cpus(b['cpus']) for a in r['ranks'] for b in r['ranks'] if a['node'] == b['node'] and a['rank'] < b['rank'])"
check "ranks 0-3 sit on the first socket, 4-7 on the second" report_has dgx.json \
    'all(x["numa"] == [x["local_rank"] // 4] for x in r["ranks"] if not x["notes"])'
end
