# shellcheck shell=bash disable=SC2154,SC2034  # sourced: shares variables with virtual-cluster
# SPDX-License-Identifier: Apache-2.0
# The k-th cluster of this machine has the bridge wsclusterk and the network 10.77.k.0/24: node nI is 10.77.k.I, and
# slurmctld and the people who type srun are at 10.77.k.254. Namespaces are kept by mounts in the cluster's directory,
# not in /run/netns, and entered with nsenter: `ip netns exec` mounts another /sys, without cgroups, and slurmd fails.

# Sets: slot network controller port bridge.
make_network() {
    make_bridge
    local index
    for ((index = 1; index <= nodes; index++)); do make_node_network "$index"; done
}

make_bridge() {
    local address error
    address=$(random_address)
    for ((slot = 0; slot < 100; slot++)); do
        bridge=wscluster$slot network=10.77.$slot
        [[ ! -e /sys/class/net/$bridge && -z $(ip -4 route show root "$network.0/24") ]] || continue
        record bridge "$bridge" "$address"
        if error=$(ip link add "$bridge" address "$address" type bridge 2>&1); then
            open_bridge
            return
        fi
        [[ -e /sys/class/net/$bridge ]] ||
            fail "cannot make a bridge ($error); type the same as root of a machine, or of a container that has" \
                "CAP_NET_ADMIN and CAP_SYS_ADMIN"
    done
    fail "no free network among 10.77.0.0/24 .. 10.77.99.0/24 (other clusters have them); type 'ip route' to see whose"
}

open_bridge() {
    controller=$network.254
    port=$((${WARPSTEP_CLUSTER_PORT:-26817} + slot))
    ip address add "$controller/24" dev "$bridge"
    ip link set "$bridge" up
}

random_address() {
    local bytes
    bytes=$(od -An -N5 -tx1 /dev/urandom)
    printf '02%s' "${bytes// /:}"
}

make_node_network() {  # INDEX
    local file=$cluster/nodes.d/n$1.net
    mkdir -p "$cluster/nodes.d"
    record namespace "$file"
    : >"$file"
    unshare --net="$file" true
    ip link add "wsc$slot-$1" master "$bridge" type veth peer name eth0 netns "$file"
    ip link set "wsc$slot-$1" up
    nsenter --net="$file" ip -batch - <<BATCH
link set lo up
address add $network.$1/24 dev eth0
link set eth0 up
BATCH
}
