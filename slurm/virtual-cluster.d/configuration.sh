# shellcheck shell=bash disable=SC2154  # sourced: cluster, network, ... are set by virtual-cluster
# SPDX-License-Identifier: Apache-2.0
# Everything the daemons and the tasks read, written below the cluster's directory.

write_configuration() {
    mkdir -p "$cluster"/{log,munge,run,spool,state,gpus}
    printf '%s\n' "$nodes" >"$cluster/nodes"
    describe_nodes
    make_gpu_files
    write_hosts
    install_plugstack
    write_slurm_conf
    write_gres_conf
    printf 'CgroupPlugin=cgroup/v1\n' >"$cluster/cgroup.conf"  # named, else slurmd looks for cgroups and needs them
    install_task_prolog
    write_environment
    (umask 077 && head -c 128 /dev/urandom >"$cluster/munge/key")
}

# For every node: nI.node (its line in slurm.conf) and nI.gpus (one line per GPU: the cores near it, or "all").
# For a node with a topology also nI.xml and nI.pus (OS index of each CPU in Slurm's order).
describe_nodes() {
    local index file
    for ((index = 1; index <= nodes; index++)); do
        file=${node_topology[n$index]:-$common_topology}
        if [[ -n $file ]]; then
            describe_topology "n$index" "$file"
        else
            describe_plain "n$index"
        fi
        [[ -z $gpus ]] || set_gpus "$cluster/nodes.d/n$index.gpus"
    done
}

describe_topology() {  # NODE FILE
    install -m 644 "$2" "$cluster/nodes.d/$1.xml"
    "$here/virtual-cluster.d/describe-node" "$cluster/nodes.d/$1.xml" "$cluster/nodes.d/$1" ||
        fail "cannot use topology $2 (reason above); type 'lstopo -i $2' to look at it"
}

describe_plain() {  # NODE
    local memory
    memory=$(awk '/^MemTotal:/ {print int($2 / 1024)}' /proc/meminfo)
    printf 'Sockets=1 CoresPerSocket=%s ThreadsPerCore=1 RealMemory=%s\n' "${cores:-16}" "$memory" \
        >"$cluster/nodes.d/$1.node"
    yes all | head -n "${gpus:-4}" >"$cluster/nodes.d/$1.gpus" || true
}

# --gpus N overrides the file: the first N of its GPUs, or more that are near all cores.
set_gpus() {  # FILE
    local lines
    lines=$({ cat "$1"; yes all; } 2>/dev/null | head -n "$gpus") || true
    printf '%s' "${lines:+$lines$'\n'}" >"$1"
}

count_gpus() { wc -l <"$cluster/nodes.d/$1.gpus"; }  # NODE

# Stand-ins: Slurm grants a GPU by the number that ends its file's name and only wants the file to be a device.
make_gpu_files() {
    local gpu most
    most=$(wc -l "$cluster"/nodes.d/*.gpus | awk '$2 != "total" && $1 > most {most = $1} END {print most + 0}')
    for ((gpu = 0; gpu < most; gpu++)); do ln -s /dev/null "$cluster/gpus/gpu$gpu"; done
}

write_hosts() {
    local index
    {
        printf '127.0.0.1 localhost\n::1 localhost\n'
        [[ $(uname -n) =~ ^n[0-9]+$ ]] || printf '%s %s\n' "$controller" "$(uname -n)"
        for ((index = 1; index <= nodes; index++)); do printf '%s n%s\n' "$network.$index" "$index"; done
    } >"$cluster/hosts"
}

write_slurm_conf() {
    local index count
    {
        cat <<CONF
ClusterName=$name
SlurmctldHost=$(uname -n | cut -d. -f1)($controller)
SlurmctldPort=$port
SlurmUser=root
AuthType=auth/munge
AuthInfo=socket=$cluster/munge/socket

StateSaveLocation=$cluster/state
SlurmdSpoolDir=$cluster/spool/%n
SlurmctldPidFile=$cluster/run/slurmctld.pid
SlurmdPidFile=$cluster/run/%n.pid
SlurmctldLogFile=$cluster/log/slurmctld.log
SlurmdLogFile=$cluster/log/%n.log

MpiDefault=pmix
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
TaskPlugin=task/affinity
ProctrackType=proctrack/linuxproc
AccountingStorageType=accounting_storage/none
JobAcctGatherType=jobacct_gather/none
SchedulerParameters=bf_interval=1
KillOnBadExit=1
KillWait=5
SlurmdTimeout=10
ReturnToService=2
SlurmdParameters=config_overrides
GresTypes=gpu
MailProg=/bin/true
CONF
        [[ -z $plugstack ]] || printf 'PlugStackConfig=%s/plugstack.conf\n' "$cluster"
        ! compgen -G "$cluster/nodes.d/*.xml" >/dev/null || printf 'TaskProlog=%s/task-prolog\n' "$cluster"
        printf '\n'
        for ((index = 1; index <= nodes; index++)); do
            count=$(count_gpus "n$index")
            printf 'NodeName=n%s NodeAddr=%s %s%s\n' "$index" "$network.$index" "$(<"$cluster/nodes.d/n$index.node")" \
                "$( ((count == 0)) || printf ' Gres=gpu:%s' "$count")"
        done
        printf 'PartitionName=main Nodes=ALL Default=YES State=UP MaxTime=INFINITE\n'
    } >"$cluster/slurm.conf"
}

write_gres_conf() {
    local index gpu near
    for ((index = 1; index <= nodes; index++)); do
        gpu=0
        while read -r near; do
            printf 'NodeName=n%s Name=gpu File=%s/gpus/gpu%s%s\n' "$index" "$cluster" "$gpu" \
                "$([[ $near == all ]] || printf ' Cores=%s' "$near")"
            gpu=$((gpu + 1))
        done <"$cluster/nodes.d/n$index.gpus"
    done >"$cluster/gres.conf"
}

# A copy, because the original may lie in /tmp, which is another one on every node.
install_plugstack() { [[ -z $plugstack ]] || install -m 644 "$plugstack" "$cluster/plugstack.conf"; }

install_task_prolog() { install -m 755 "$here/virtual-cluster.d/task-prolog" "$cluster/task-prolog"; }

# CPU masks mean nothing on claimed cores, hence no binding by Slurm.
write_environment() {
    printf 'export %s\n' "SLURM_CONF=$cluster/slurm.conf" SLURM_CPU_BIND=none >"$cluster/environment"
}
