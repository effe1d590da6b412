// SPDX-License-Identifier: Apache-2.0
#include "runtime/cli/exec_environment.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace warpstep::cli;

namespace {

TaskPlace third_of_eight() {
    TaskPlace place;
    place.rank = 6;
    place.size = 8;
    place.local_rank = 2;
    place.local_size = 4;
    place.node = 1;
    place.nodes = 2;
    place.job = "77";
    place.own_gpus = {"GPU-c"};
    place.node_gpus = {"GPU-a", "GPU-b", "GPU-c", "GPU-d"};
    place.gpu_pci = "0000:c1:00.0";
    place.cpus = "40-47";
    place.cores = 8;
    place.numa = {5};
    place.nic = "mlx5_0";
    place.placement_hash = "abc";
    place.master_address = "10.0.0.1";
    place.master_port = 61001;
    place.jax_port = 61002;
    place.interface = "ib0";
    return place;
}

std::string value_of(const std::vector<warpstep::process::Change>& changes, const char* name) {
    std::string found = "(unset)";
    int times = 0;
    for (const auto& change : changes)
        if (change.name == name) {
            found = change.value;
            ++times;
        }
    CHECK(times <= 1);
    return found;
}

std::string exported_value(const char* name, ExecPolicy policy = {}, Variables users = {}) {
    return value_of(exported(third_of_eight(), policy, users), name);
}

}  // namespace

TEST_CASE("cli: exec exports what torch's env:// and torchrun's programs read") {
    CHECK(exported_value("RANK") == "6");
    CHECK(exported_value("WORLD_SIZE") == "8");
    CHECK(exported_value("LOCAL_RANK") == "2");
    CHECK(exported_value("LOCAL_WORLD_SIZE") == "4");
    CHECK(exported_value("GROUP_RANK") == "1");
    CHECK(exported_value("MASTER_ADDR") == "10.0.0.1");
    CHECK(exported_value("MASTER_PORT") == "61001");
    CHECK(exported_value("JAX_COORDINATOR_ADDRESS") == "10.0.0.1:61002");
    CHECK(exported_value("NCCL_SOCKET_IFNAME") == "=ib0");
    CHECK(exported_value("PMIX_MCA_gds") == "hash");
    CHECK(exported_value("WARPSTEP_CPUS") == "40-47");
}

TEST_CASE("cli: torchrun's agent store is never claimed, its run id only when asked for") {
    CHECK(exported_value("TORCHELASTIC_USE_AGENT_STORE") == "(unset)");
    CHECK(exported_value("TORCHELASTIC_RUN_ID") == "(unset)");
    ExecPolicy elastic;
    elastic.lightning = Lightning::elastic;
    CHECK(exported_value("TORCHELASTIC_RUN_ID", elastic) == "77");
    CHECK(exported_value("TORCHELASTIC_USE_AGENT_STORE", elastic) == "(unset)");
}

TEST_CASE("cli: the ways to show GPUs agree on which one is the task's own") {
    const auto check = [](Visible visible, const char* list, const char* ordinal,
                          const char* local_rank) {
        ExecPolicy policy;
        policy.visible = visible;
        CHECK(exported_value("CUDA_VISIBLE_DEVICES", policy) == list);
        CHECK(exported_value("WARPSTEP_GPU_ORDINAL", policy) == ordinal);
        CHECK(exported_value("JAX_LOCAL_DEVICE_IDS", policy) == ordinal);
        CHECK(exported_value("LOCAL_RANK", policy) == local_rank);
        CHECK(exported_value("WARPSTEP_GPU_UUID", policy) == "GPU-c");
    };
    check(Visible::all, "GPU-a,GPU-b,GPU-c,GPU-d", "2", "2");
    check(Visible::one, "GPU-c", "0", "2");
    check(Visible::virtual_, "GPU-c", "0", "0");
    check(Visible::rotated, "GPU-c,GPU-a,GPU-b,GPU-d", "0", "2");
}

TEST_CASE("cli: without GPUs nothing is said about them") {
    TaskPlace place = third_of_eight();
    place.own_gpus.clear();
    const auto changes = exported(place, {}, {});
    for (const char* name : {"CUDA_VISIBLE_DEVICES", "CUDA_DEVICE_ORDER", "WARPSTEP_GPU_ORDINAL"})
        CHECK(value_of(changes, name) == "(unset)");
}

TEST_CASE("cli: without a meeting point nothing is said about it") {
    TaskPlace place = third_of_eight();
    place.master_address.clear();
    place.interface.clear();
    const auto changes = exported(place, {}, {});
    for (const char* name :
         {"MASTER_ADDR", "MASTER_PORT", "JAX_COORDINATOR_ADDRESS", "NCCL_SOCKET_IFNAME"})
        CHECK(value_of(changes, name) == "(unset)");
}

TEST_CASE("cli: OMP_NUM_THREADS is the cores, 1, or the user's") {
    ExecPolicy one, keep;
    one.omp = OmpThreads::one;
    keep.omp = OmpThreads::keep;
    CHECK(exported_value("OMP_NUM_THREADS") == "8");
    CHECK(exported_value("OMP_NUM_THREADS", one) == "1");
    CHECK(exported_value("OMP_NUM_THREADS", keep) == "(unset)");
    CHECK(exported_value("OMP_NUM_THREADS", {}, {{"OMP_NUM_THREADS", "3"}}) == "(unset)");
    CHECK(exported_value("NCCL_SOCKET_IFNAME", {}, {{"NCCL_SOCKET_IFNAME", "eth1"}}) == "(unset)");
    CHECK(exported_value("RANK", {}, {{"RANK", "0"}}) == "6");
}

TEST_CASE("cli: variables that had another value are named, others are not") {
    const TaskPlace place = third_of_eight();
    const Variables users{
        {"RANK", "0"}, {"WORLD_SIZE", "8"}, {"WARPSTEP_CPUS", "1"}, {"HOME", "/"}};
    const auto lines = conflicts(exported(place, {}, users), users, {"python", "x.py"}, place);
    CHECK(lines ==
          std::vector<std::string>{"RANK was '0' and is now '6'; remove it from the script"});
}

TEST_CASE("cli: programs and settings that bind or launch again are warned of") {
    const TaskPlace place = third_of_eight();
    const auto lines = [&](std::vector<std::string> command, Variables users = {}) {
        return conflicts({}, users, command, place);
    };
    CHECK(lines({"./a.out", "taskset"}).empty());
    CHECK(lines({"/usr/bin/numactl", "-N0", "./a.out"}).at(0).find("numactl binds again") == 0);
    CHECK(lines({"torchrun", "--numa-binding=node", "t.py"}).size() == 2);
    CHECK(lines({"torchrun", "t.py"}).at(0).find("torchrun starts processes itself, and 4") == 0);
    CHECK(lines({"./a.out"}, {{"GOMP_CPU_AFFINITY", "0-3"}}).size() == 1);
    TaskPlace alone = place;
    alone.local_size = 1;
    CHECK(conflicts({}, {}, {"torchrun", "t.py"}, alone).empty());
}
