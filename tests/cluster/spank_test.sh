#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# `srun --warpstep-bind`: the plugin in srun, sbatch, salloc and slurmstepd of a real Slurm, and programs in place of
# warpstep that fail in every way.
set -uo pipefail
cluster=spank cluster_port=26600
# shellcheck source=tests/cluster/lib.sh
source "$(dirname "$0")/lib.sh"

topology=$repository/slurm/topologies/dgx-h100.xml
plugin=${WARPSTEP_SPANK:-$repository/build/bin/warpstep_spank.so}
# -K0: the first task that ends with a code must not end those that have not spoken yet.
four=(srun -K0 -N2 --ntasks-per-node=2 -c4)
one=(srun -n1 -c4)
prints() { grep -Eq -- "$1" "$scratch/out"; }
prints_times() { [[ $(grep -Ec -- "$2" "$scratch/out") -eq $1 ]]; }

# The words behind the plugin in plugstack.conf; srun and slurmstepd read it at every launch.
site() { printf 'optional %s %s\n' "$scratch/warpstep_spank.so" "$*" >"$plugstack"; }

# A build may lie in /tmp, where the nodes do not see it.
install_here() {
    cp "$warpstep" "$(dirname "$warpstep")/libwarpstep.so" "$plugin" "$scratch/" || exit 1
    warpstep=$scratch/warpstep
    cat >show <<'TEXT'
#!/bin/bash
echo "$SLURM_PROCID mask $(awk '/^Cpus_allowed_list/ {print $2}' /proc/self/status) rank $RANK/$WORLD_SIZE \
local $LOCAL_RANK/$LOCAL_WORLD_SIZE node $NODE_RANK omp $OMP_NUM_THREADS cpus $WARPSTEP_CPUS \
gpu $CUDA_VISIBLE_DEVICES $WARPSTEP_GPU_PCI meeting $WARPSTEP_MEETING."
exit "${1:-0}"
TEXT
    chmod +x show
}

everybody_is_unplaced() { [[ $(wc -l <"$scratch/out") -eq $1 ]] && prints_times "$1" '^[0-3] mask [^ ]+ rank / '; }

test_option() {
    local command
    for command in srun sbatch salloc; do
        on_cluster "$command" --help
        check "$command --help lists the option" prints '--warpstep-bind=WORDS'
        on_cluster "$command" -n1 --warpstep-bind=visible=two "$scratch/show"
        check "$command refuses a malformed option" says "error: --warpstep-bind=visible=two: bad value 'two'"
        check "$command did not run it" [ "$status" -ne 0 ]
    done
}

test_placement() {
    on_cluster "${four[@]}" --warpstep-bind "$scratch/show"
    check "a placed step ends with 0" exits 0
    local mask all
    all=$(awk '/^Cpus_allowed_list/ {print $2}' /proc/self/status)
    mask=$(awk '$1 == 0 {print $3}' "$scratch/out")
    check "every task says its rank" prints_times 4 '^([0-3]) mask [^ ]+ rank \1/4 local [01]/2 node [01] '
    check "rank 3 is local rank 1 on node 1" prints '^3 .* rank 3/4 local 1/2 node 1 '
    check "the mask is what was exported" prints_times 4 ' mask ([^ ]+) .* cpus \1 '
    check "two tasks do not share the node" [ "$mask" != "$all" ]
    check "OMP_NUM_THREADS is set" prints_times 4 ' omp [0-9]+ '
    check "the meeting's name stays with the plugin" prints_times 4 ' meeting \.$'
    check "nobody warns" says_times 0 'warpstep'
    on_cluster "${four[@]}" --mpi=none --warpstep-bind=omp=1,no-bind "$scratch/show" 7
    check "without PMIx, words are heeded" prints_times 4 " mask $all rank [0-3]/4 .* omp 1 "
    check "the program's exit code is the step's" exits 7
    on_cluster "${one[@]}" --warpstep-bind=explain true
    check "explain says why" says '^warpstep: .*[Mm]emory'
    on_cluster "${one[@]}" --warpstep-bind bash -c "kill -TERM \$\$"
    check "a signal ends the program as without the plugin" exits 143
    echo input | on_cluster "${one[@]}" --warpstep-bind cat
    check "stdin is the program's" prints '^input$'
}

test_no_option() {
    on_cluster "${one[@]}" env
    cut -d= -f1 "$scratch/out" | sort >with
    check "without the option nothing is placed" [ "$(grep -Ec '^(RANK|WARPSTEP_CPUS)$' with)" -eq 0 ]
    : >"$plugstack"
    on_cluster "${one[@]}" env
    cut -d= -f1 "$scratch/out" | sort >without
    check "without the option the environment is as without the plugin" cmp with without
    site "warpstep=$warpstep" default=on
    on_cluster "${four[@]}" "$scratch/show"
    check "default=on places without the option" prints_times 4 ' rank [0-3]/4 '
    on_cluster "${four[@]}" --warpstep-bind=off "$scratch/show"
    check "off beats default=on" everybody_is_unplaced 4
    WARPSTEP_BIND=off on_cluster "${four[@]}" "$scratch/show"
    check "WARPSTEP_BIND=off beats default=on" everybody_is_unplaced 4
    site "warpstep=$warpstep"
    WARPSTEP_BIND=omp=1 on_cluster "${four[@]}" "$scratch/show"
    check "WARPSTEP_BIND places" prints_times 4 ' rank [0-3]/4 .* omp 1 '
}

# exec hears of a described node by a variable that the plugin must find before TaskProlog sets it.
test_described_node() {
    WARPSTEP_TOPOLOGY=$topology on_cluster srun -N2 --ntasks-per-node=8 --gpus-per-node=8 --exclusive \
        --warpstep-bind=visible=one "$scratch/show"
    check "a described node is placed" exits 0
    check "rank 0 has the first GPU" prints '^0 .* cpus 0-13,112-125 gpu GPU-[^ ,]+ 0000:1b:00.0 '
    check "rank 12 has the fifth GPU of the second node" \
        prints '^12 .* node 1 .* cpus 56-69,168-181 gpu GPU-[^ ,]+ 0000:9d:00.0 '
    grep -Eo ' gpu [^ ]+ ' "$scratch/out" | sort | uniq -c | awk '{print $1}' >gpu-counts
    check "every task of a node has a GPU of its own" [ "$(xargs <gpu-counts)" = "2 2 2 2 2 2 2 2" ]
    WARPSTEP_TOPOLOGY=$topology on_cluster srun -N1 --ntasks-per-node=2 --gpus-per-node=4 --exclusive \
        --warpstep-bind=visible=rotate,gpus-per-task=2,cpus-per-task=3 "$scratch/show"
    check "all four GPUs, own ones first" prints_times 2 ' omp 3 .* gpu GPU-[^ ,]+(,GPU-[^ ,]+){3} '
}

test_batch() {
    printf '#!/bin/bash\n#SBATCH -N2 --ntasks-per-node=2 -c4 --warpstep-bind=omp=1\n%s\n' \
        "echo \"batch RANK=\$RANK\"; srun $scratch/show; srun --warpstep-bind=off $scratch/show" >job
    on_cluster sbatch --wait --output="$scratch/job.out" job
    cp job.out out
    check "a batch script itself is not placed" prints '^batch RANK=$'
    check "its steps take the option from #SBATCH" prints_times 4 ' rank [0-3]/4 .* omp 1 '
    check "a step of it may say off" prints_times 4 ' rank / '
    on_cluster salloc -N2 --ntasks-per-node=2 -c4 --warpstep-bind srun "$scratch/show"
    check "steps take the option from salloc" prints_times 4 ' rank [0-3]/4 '
}

test_programs() {
    if mpicc "$repository/tests/cluster/sum_of_ranks.c" -o sum_of_ranks >"$scratch/err" 2>&1; then
        on_cluster "${four[@]}" --mpi=pmix --warpstep-bind "$scratch/sum_of_ranks"
        check "an MPI program runs" prints '^4 ranks, sum 6$'
    else
        check "the MPI program compiles" false
    fi
    printf '0-1 %s\n2-3 %s 6\n' "$scratch/show" "$scratch/show" >programs
    on_cluster "${four[@]}" --warpstep-bind --multi-prog "$scratch/programs"
    check "--multi-prog: all are placed" prints_times 4 ' rank [0-3]/4 '
    check "--multi-prog: the largest exit code" exits 6
    on_cluster salloc -N2 --ntasks-per-node=2 -c4 bash -c \
        "srun --overlap -c4 --warpstep-bind $scratch/show & srun --overlap -c4 --warpstep-bind $scratch/show; wait"
    check "two steps at once do not meet each other" prints_times 8 ' rank [0-3]/4 '
}

# What a program in warpstep's place does, the words beside it, and the warning.
test_failure() {  # WHAT WARNING SCRIPT [WORDS...]
    printf '#!/bin/bash\n%s\n' "$3" >false_warpstep
    chmod +x false_warpstep
    site "warpstep=$scratch/false_warpstep" "${@:4}"
    on_cluster "${four[@]}" --warpstep-bind "$scratch/show" 5
    check "$1: the job runs, unplaced" everybody_is_unplaced 4
    check "$1: every rank says so once" says_times 4 "^warpstep: rank [0-3] runs unplaced: .*$2"
    check "$1: the exit code is the program's" exits 5
}

test_failures() {
    test_failure "failing" 'ended with code 3' 'echo set RANK=9; exit 3'
    test_failure "crashing" 'killed by signal 6' "kill -ABRT \$\$"
    test_failure "hanging" 'did not answer in 2 s' 'sleep 1000' timeout=2
    test_failure "half an answer" "answer 'set RANK=9'" 'printf "set RANK=9"'
    test_failure "foreign CPUs" 'cannot bind' 'echo bind 4000; echo set RANK=9'
    check "the hanging program is gone" [ -z "$(pgrep -f "$scratch/false_warpstep")" ]
    site "warpstep=$scratch/missing"
    on_cluster "${four[@]}" --warpstep-bind "$scratch/show" 5
    check "missing: the job runs, unplaced" everybody_is_unplaced 4
    check "missing: every node says so once" says_times 2 'tasks on n[12] run unplaced: cannot run .*missing'
    check "missing: the exit code is the program's" exits 5
    on_cluster "${four[@]}" "$scratch/show"
    check "missing: nobody hears of it who did not ask" says_times 0 warpstep
    site "warpstep=$warpstep" color=on
    on_cluster "${four[@]}" --warpstep-bind "$scratch/show"
    check "a wrong plugstack.conf: the job runs, unplaced" everybody_is_unplaced 4
    check "a wrong plugstack.conf is said" says "error: warpstep: unknown word 'color' in plugstack.conf"
}

install_here
plugstack=$scratch/plugstack.conf
site "warpstep=$warpstep"
begin --nodes 2 --topology "$topology" --plugstack "$plugstack"
plugstack=$WARPSTEP_CLUSTER_DIR/$cluster/plugstack.conf
test_option
test_placement
test_no_option
test_described_node
test_batch
test_programs
test_failures
end
