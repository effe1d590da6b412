#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# srun --multi-prog: several lines of `warpstep run` are one step; another workload is refused, and a rank that runs another
# program is named.
set -uo pipefail
cluster=mpmd cluster_port=27100
# shellcheck source=tests/cluster/lib.sh
source "$(dirname "$0")/lib.sh"

reduce="$warpstep run $repository/configs/all-reduce.yaml"

# The lines of the file that says which rank runs what.
on_cluster_each() {  # LINES...
    printf '%s\n' "$@" >programs
    on_cluster srun -N2 -n4 --ntasks-per-node=2 --mpi=pmix --multi-prog "$scratch/programs"
}

test_one_step() {
    on_cluster_each "0-1 $reduce --set n=1000 --json one.json" "2-3 $reduce --set n=1000 --device host"
    check "two lines of the same workload: exit code 0" exits 0
    check "they are one rank space" report_has one.json '[x["rank"] for x in r["ranks"]] == [0, 1, 2, 3]'
    check "local ranks and nodes are right" report_has one.json \
        '[(x["node"], x["local_rank"]) for x in r["ranks"]] == [("n1", 0), ("n1", 1), ("n2", 0), ("n2", 1)]'
    check "all four took part" report_has one.json \
        'r["verdict"] == "passed" and r["steps"][0]["ranks"] == 4'
}

test_other_workloads() {
    on_cluster_each "0-1 $reduce --set n=1000" "2-3 $reduce --set n=2000"
    check "another --set: exit code 2" exits 2
    check "another --set: names the ranks and what to do, once" says_times 1 \
        'ranks 2 and 3 on n2 would run another workload than ranks 0 and 1 on n1.*give every task the same'
    on_cluster_each "0-2 $reduce --set n=1000" "3 $warpstep run $repository/configs/stream-triad.yaml --set n=1Ki"
    check "another file: exit code 2" exits 2
    check "another file: names the rank, once" says_times 1 'rank 3 on n2 would run another workload'
}

test_other_programs() {
    on_cluster_each "0-2 $reduce --timeout 3" "3 /bin/true"
    check "a rank that runs /bin/true: exit code 3" exits 3
    check "it is named" says 'rank 3 on n2 never arrived'
    on_cluster_each "1-3 $reduce --timeout 3" "0 $warpstep exec -- sleep 1"
    check "a rank that runs exec: the step fails" test "$status" -ne 0
    check "it is named too, though it is rank 0" says 'rank 0 on n1 never arrived'
    check "and the step ends in time" within 20
}

begin --nodes 2 --gpus 0
test_one_step
test_other_workloads
test_other_programs
end
