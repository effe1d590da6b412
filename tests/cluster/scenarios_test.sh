#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Scenarios of docs/scenarios.md over two real Slurm nodes: data parallelism, shards, groups by node, different work per rank, refusals.
set -uo pipefail
cluster=scenarios cluster_port=26900
# shellcheck source=tests/cluster/lib.sh
source "$(dirname "$0")/lib.sh"

configs=$repository/configs
nodes() { # TASKS-PER-NODE FILE OPTIONS...
    on_cluster srun -N2 --ntasks-per-node="$1" --mpi=pmix -K1 "$warpstep" run "${@:2}" --json report.json
}

test_data_parallel() {
    on_cluster srun -N1 -n1 --mpi=pmix "$warpstep" run "$configs/linear-regression.yaml" --json one.json
    check "S6: one rank" exits 0
    nodes 4 "$configs/linear-regression.yaml"
    check "S6: eight ranks on two nodes" exits 0
    check "S6: the weights of one rank to 1e-6" python3 - <<'PY'
import json, sys
one, eight = (json.load(open(f))["values"]["w"] for f in ("one.json", "report.json"))
sys.exit(len(one) != 10 or any(abs(a - b) > 1e-6 * max(1, abs(a)) for a, b in zip(one, eight)))
PY
    check "S6: replicas are bitwise equal" report_has report.json \
        '[v["verdict"] for s in r["steps"] for v in s["verify"]] == ["passed"]'
    check "S6: the loss falls, each sample once" report_has report.json \
        '[e["verdict"] for e in r["expectations"]] == ["passed"] * 3'
}

test_shards() {
    nodes 2 "$configs/sharded-dataset.yaml"
    check "S7: four ranks on two nodes, each sample once" exits 0
    check "S7: by counting" report_has report.json '[e["verdict"] for e in r["expectations"]] == ["passed"] * 2'
}

test_one_task_of_several_devices() {
    nodes 1 "$configs/data-parallel-one-task.yaml"
    check "S5: two tasks of two devices each" exits 0
    nodes 1 "$configs/two-products-ranks.yaml" --set small=60 --set large=90
    check "S8: different work on two nodes" exits 0
    check "S8: each on its rank" report_has report.json '[s["ranks"] for s in r["steps"]] == [1, 1, 2]'
}

test_groups() {
    cat >groups.yaml <<'YAML'
version: 1
name: groups
buffers: { a: { dtype: f64, count: 4, init: rank + 1 } }
steps:
  - { name: by-node, run: all_reduce, group: { by: node }, with: { buffer: a }, verify: { a: { equals: 'select(node == 0, 3, 7)' } } }
YAML
    nodes 2 groups.yaml
    check "a group for each node" exits 0
    sed 's/group: { by: node }/if: node == 0/' groups.yaml >reach.yaml
    nodes 2 reach.yaml
    check "a collective that one node does not reach: exit code 2" exits 2
    check "it names the step and what to type" says "by-node.*group: node == 0"
    check "it is said once" says_times 1 'warpstep:'
}

begin --nodes 2
test_data_parallel
test_shards
test_one_task_of_several_devices
test_groups
end
