# shellcheck shell=bash disable=SC2154  # sourced: cluster, nodes, ... are set by virtual-cluster
# SPDX-License-Identifier: Apache-2.0
# munged and slurmctld on this machine, one slurmd in each node's namespaces.

start_daemons() {
    local index
    launch munged munged --foreground --socket="$cluster/munge/socket" --key-file="$cluster/munge/key" \
        --log-file="$cluster/log/munged.log" --pid-file="$cluster/run/munged.pid" --seed-file="$cluster/munge/seed"
    wait_for munged 10 test -S "$cluster/munge/socket"
    launch slurmctld slurmctld -D -f "$cluster/slurm.conf"
    for ((index = 1; index <= nodes; index++)); do
        launch "n$index" nsenter --net="$cluster/nodes.d/n$index.net" unshare --mount --uts --ipc \
            "$here/virtual-cluster.d/node" "n$index" "$cluster"
    done
    wait_for slurmctld 20 answers "$controller" "$port"
    wait_for slurmctld 30 nodes_are_idle
}

# The process records itself and then becomes the daemon: no moment at which it runs unrecorded. It gets default
# signals, because a shell starts its background children with SIGINT and SIGQUIT ignored and tasks would inherit that.
launch() {  # NAME COMMAND...
    (
        local pid=$BASHPID  # not inside $( ), where it is another
        record process "$pid" "$(birth "$pid")" "$1"
        exec env --ignore-environment --default-signal PATH="$PATH:/usr/sbin:/sbin" setsid "${@:2}" \
            </dev/null >"$cluster/log/$1.out" 2>&1 9<&-
    ) &
    launched+=($!)
    disown
}

wait_for() {  # DAEMON SECONDS COMMAND...
    local end=$((SECONDS + $2))
    until "${@:3}"; do
        fail_if_one_died
        ((SECONDS <= end)) || fail_with_log "$1" "$1 is not ready after $2 s"
        sleep 0.05
    done
}

fail_if_one_died() {
    local kind pid born daemon
    while read -r kind pid born daemon; do
        [[ $kind != process ]] || is_alive "$pid" "$born" || fail_with_log "$daemon" "$daemon ended"
    done <"$cluster/ledger"
}

fail_with_log() {  # DAEMON PROBLEM
    sed 's/^/    /' < <(tail -qn 8 "$cluster/log/$1.out") >&2
    fail "$2 (its last lines are above); mend that and type 'slurm/virtual-cluster up' again"
}

answers() { (: <"/dev/tcp/$1/$2") 2>/dev/null; }  # ADDRESS PORT

slurm() { SLURM_CONF=$cluster/slurm.conf timeout "$@"; }  # SECONDS COMMAND...

nodes_are_idle() {
    [[ $(slurm 5 sinfo --noheader --Node --format=%T 2>/dev/null | grep -cx idle) -eq $nodes ]]
}

# Proves that a step starts on every node and that its output comes back.
run_first_job() {
    local answer
    answer=$(slurm 30 srun --nodes="$nodes" uname -n 2>"$cluster/log/first-job.out" | sort -V | xargs) || true
    [[ $answer == "$(node_names)" ]] ||
        fail_with_log first-job "a first job on all nodes said '$answer'"
}

# Lets people's srun end by itself; what does not is killed with its namespace.
end_jobs() {
    local jobs
    jobs=$(slurm 3 squeue --noheader --format=%A 2>/dev/null | sort -u) || true
    [[ -n $jobs ]] || return 0
    # shellcheck disable=SC2086  # one word per job
    slurm 3 scancel $jobs 2>/dev/null || true
    within 2 no_jobs || true
}

no_jobs() { [[ -z $(slurm 3 squeue --noheader 2>/dev/null) ]]; }

print_daemons() {
    local kind pid born daemon state=0 word
    while read -r kind pid born daemon; do
        [[ $kind == process ]] || continue
        word=running
        is_alive "$pid" "$born" || word=DEAD state=1
        printf '%-10s pid %-8s %s\n' "$daemon" "$pid" "$word"
    done <"$cluster/ledger"
    return "$state"
}
