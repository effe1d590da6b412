# shellcheck shell=bash disable=SC2154  # sourced: cluster is set by virtual-cluster
# SPDX-License-Identifier: Apache-2.0
# The ledger: every thing outside the cluster's directory is written down before it is made, so that it can be unmade
# whatever happens in between. Lines:
#   process PID BIRTH NAME      a daemon; BIRTH tells it from a later process with the same pid
#   namespace FILE              a network namespace, kept by a mount on FILE
#   bridge NAME ADDRESS         a bridge and the virtual cables plugged into it; ADDRESS tells it from another's bridge

open_ledger() {
    mkdir -p "$cluster"
    : >>"$cluster/ledger"
}

record() { printf '%s\n' "$*" >>"$cluster/ledger"; }

# When a process was born: this boot of the machine and the clock ticks since. Empty when it is gone or a zombie.
birth() {  # PID
    local boot stat fields
    read -r boot </proc/sys/kernel/random/boot_id
    { read -r stat <"/proc/$1/stat"; } 2>/dev/null || return 0
    read -ra fields <<<"${stat##*) }"
    [[ ${fields[0]} == [ZX] ]] || printf '%s/%s' "$boot" "${fields[19]}"
}

is_alive() { [[ $(birth "$1") == "$2" ]]; }  # PID BIRTH
is_gone() { ! is_alive "$@"; }

within() {  # SECONDS COMMAND...: true as soon as COMMAND is, false after SECONDS
    local end=$((SECONDS + $1))
    until "${@:2}"; do
        ((SECONDS <= end)) || return 1
        sleep 0.05
    done
}

# What this shell has started, recorded yet or not.
end_children() {
    local pid fields
    for pid in "${launched[@]}"; do
        read -ra fields 2>/dev/null <"/proc/$pid/stat" || continue
        ((fields[3] != $$)) || kill -KILL "$pid" 2>/dev/null || true
    done
}

end_process() {  # PID BIRTH NAME
    is_alive "$1" "$2" || return 0
    kill -KILL "$1" 2>/dev/null || true
    within 5 is_gone "$1" "$2" || { say "$3 (pid $1) does not end"; return 1; }
}

processes_in() {  # NAMESPACE-FILE
    local process
    for process in /proc/[0-9]*; do
        [[ ! $process/ns/net -ef $1 ]] || printf '%s\n' "${process#/proc/}"
    done
}

kill_all_in() {  # NAMESPACE-FILE: true when none is left
    local pids
    pids=$(processes_in "$1")
    [[ -n $pids ]] || return 0
    # shellcheck disable=SC2086  # one word per pid
    kill -KILL $pids 2>/dev/null || true
    return 1
}

end_namespace() {  # FILE
    [[ -e $1 ]] || return 0
    within 10 kill_all_in "$1" || { say "processes $(processes_in "$1" | xargs) of $1 do not end"; return 1; }
    ! mountpoint --quiet "$1" || umount "$1" || return 1
    rm -f "$1"
}

end_bridge() {  # NAME ADDRESS
    [[ $(cat "/sys/class/net/$1/address" 2>/dev/null) == "$2" ]] || return 0
    local cable
    for cable in "/sys/class/net/$1/brif"/*; do
        [[ ! -e $cable ]] || ip link delete "${cable##*/}" 2>/dev/null || true
    done
    ip link delete "$1"
}

# Unmakes all that the ledger says, last thing first, then the directory. Safe to repeat.
unmake() {
    local kind a b c left=0
    while read -r kind a b c; do
        case $kind in
            process) end_process "$a" "$b" "$c" || left=1 ;;
            namespace) end_namespace "$a" || left=1 ;;
            bridge) end_bridge "$a" "$b" || left=1 ;;
        esac
    done < <(tac "$cluster/ledger" 2>/dev/null)
    ((left == 0)) || return 1
    rm -rf --one-file-system "$cluster"
}
