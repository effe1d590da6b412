// SPDX-License-Identifier: Apache-2.0
// Facts of a task.
#include "runtime/check/collect.hpp"

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>

#include "tests/check/described_machine.hpp"
#include "tests/support/source_dir.hpp"

using namespace warpstep;
using namespace warpstep::check;
using test::DescribedMachine;

namespace {

RankFacts facts_with(const std::map<std::string, std::string>& env,
                     const std::string& cgroup = "0::/\n") {
    const DescribedMachine machine;
    machine.write("proc/self/cgroup", cgroup);
    Sources sources = machine.sources();
    sources.env = env;
    return collect_rank(sources);
}

std::string started_by(const std::map<std::string, std::string>& env,
                       const std::string& cgroup = "0::/\n") {
    return facts_with(env, cgroup).started_by;
}

const std::map<std::string, std::string> step_48 = {
    {"SLURM_JOB_ID", "48"},        {"SLURM_STEP_ID", "0"},  {"SLURM_PROCID", "5"},
    {"SLURM_LOCALID", "1"},        {"SLURM_NODEID", "1"},   {"SLURM_STEP_NUM_TASKS", "8"},
    {"SLURM_STEP_NUM_NODES", "2"}, {"SLURM_NTASKS", "8"},   {"SLURM_STEP_TASKS_PER_NODE", "4(x2)"},
    {"SLURMD_NODENAME", "n2"},     {"OMP_NUM_THREADS", "7"}};

}  // namespace

TEST_CASE("check: a task of a step knows itself by the launcher's variables") {
    const RankFacts facts = facts_with(step_48);
    CHECK(facts.started_by == "step");
    CHECK(facts.rank == 5);
    CHECK(facts.size == 8);
    CHECK(facts.local_rank == 1);
    CHECK(facts.local_size == 4);
    CHECK(facts.node == "n2");
    CHECK(facts.host_name == "localhost");
    CHECK(facts.omp_threads == 7);
    CHECK(facts.pid == ::getpid());
    CHECK(facts.clock_s > 1.7e9);
    CHECK_FALSE(facts.nvml_gpus.has_value());
}

TEST_CASE("check: who started a task shows in its variables and its cgroup") {
    CHECK(started_by({}) == "none");
    CHECK(started_by({{"SLURM_JOB_ID", "48"}, {"SLURM_PROCID", "0"}}) == "batch");
    CHECK(started_by({{"SLURM_JOB_ID", "48"}},
                     "0::/system.slice/slurmstepd.scope/job_48/step_batch/user/task_0\n") ==
          "batch");
    CHECK(started_by({{"SLURM_JOB_ID", "48"}}) == "allocation");
    CHECK(started_by(
              {{"SLURM_JOB_ID", "48"}, {"SLURM_STEP_ID", "4294967290"}, {"SLURM_PROCID", "0"}}) ==
          "allocation");
    CHECK(started_by({}, "0::/system.slice/slurmstepd.scope/job_48/step_extern/user/task_0\n") ==
          "ssh");
    CHECK(started_by({{"SLURM_JOB_ID", "48"}, {"SLURM_STEP_ID", "0"}}) == "ssh");
    CHECK(started_by({{"OMPI_COMM_WORLD_RANK", "0"}}) == "mpirun");
    CHECK(started_by({{"PMIX_NAMESPACE", "prterun-n1-4711@1"}}) == "mpirun");
    auto inside = step_48;
    inside["PMIX_NAMESPACE"] = "slurm.pmix.48.0";
    CHECK(started_by(inside) == "step");
}

TEST_CASE("check: the cgroup that names the job is found among those of version 1") {
    const RankFacts facts = facts_with(
        step_48, "9:devices:/slurm/uid_1000/job_48/step_0/task_1\n4:memory:/\n0::/init.scope\n");
    CHECK(facts.cgroup == "/slurm/uid_1000/job_48/step_0/task_1");
}

TEST_CASE("check: variables are kept when rules look at them and secrets never") {
    const auto kept = relevant_variables({{"SLURM_JOB_ID", "1"},
                                          {"SLURM_JWT", "eyJ"},
                                          {"NCCL_DEBUG", "INFO"},
                                          {"RANK", "3"},
                                          {"RANKING", "3"},
                                          {"HOME", "/home/user"},
                                          {"MASTER_ADDR", "n1"},
                                          {"WARPSTEP_API_KEY", "x"},
                                          {"GPU_TOKEN", "x"},
                                          {"LD_PRELOAD", "libx.so"},
                                          {"no_proxy", "localhost"},
                                          {"HTTPS_PROXY", "http://me:pass@word@proxy:3128"}});
    CHECK(kept == std::map<std::string, std::string>{{"SLURM_JOB_ID", "1"},
                                                     {"NCCL_DEBUG", "INFO"},
                                                     {"RANK", "3"},
                                                     {"MASTER_ADDR", "n1"},
                                                     {"LD_PRELOAD", "libx.so"},
                                                     {"no_proxy", "localhost"},
                                                     {"HTTPS_PROXY", "http://proxy:3128"}});
}

TEST_CASE("check: affinity, memory nodes, limits and signals are the kernel's") {
    const DescribedMachine machine;
    machine.write("proc/self/status",
                  "SigBlk:\t0000000000000002\nSigIgn:\t0000000000001000\n"
                  "SigCgt:\t8000000000004a00\nCpus_allowed_list:\t0-13,112-125\n"
                  "Mems_allowed_list:\t0-1\n");
    machine.write("proc/self/limits",
                  "Limit                     Soft Limit           Hard Limit           Units\n"
                  "Max core file size        0                    unlimited            bytes\n"
                  "Max open files            1024                 131072               files\n"
                  "Max locked memory         67108864             unlimited            bytes\n");
    machine.write("proc/self/cgroup", "0::/job_48/step_0\n");
    machine.write("proc/sys/net/ipv4/ip_local_port_range", "32768\t60999\n");
    machine.write("proc/sys/kernel/random/boot_id", "abc\n");
    machine.write("sys/devices/system/cpu/online", "0-223\n");
    machine.write("sys/fs/cgroup/job_48/cpu.max", "1400000 100000\n");
    machine.write("sys/fs/cgroup/job_48/step_0/cpu.max", "max 100000\n");
    const RankFacts facts = collect_rank(machine.sources());
    CHECK(facts.cpus == "0-13,112-125");
    CHECK(facts.mems == "0-1");
    CHECK(facts.online_cpus == "0-223");
    CHECK(facts.boot_id == "abc");
    CHECK(facts.cpu_quota == doctest::Approx(14));
    CHECK(facts.signals.caught == std::vector<int>{10, 12, 15, 64});
    CHECK(facts.signals.ignored == std::vector<int>{13});
    CHECK(facts.signals.blocked == std::vector<int>{2});
    CHECK(facts.open_files.soft == 1024u);
    CHECK(facts.open_files.hard == 131072u);
    CHECK(facts.memlock.soft == 67108864u);
    CHECK_FALSE(facts.memlock.hard.has_value());
    CHECK(facts.core_size.soft == 0u);
    CHECK(facts.ephemeral_low == 32768);
    CHECK(facts.ephemeral_high == 60999);
}

TEST_CASE("check: a quota of version 1 is the group's that is nearest to the root, too") {
    const DescribedMachine machine;
    machine.write("proc/self/cgroup", "3:cpu,cpuacct:/slurm/job_48\n2:cpuset:/\n");
    machine.write("sys/fs/cgroup/cpu/slurm/job_48/cpu.cfs_quota_us", "-1\n");
    machine.write("sys/fs/cgroup/cpu/slurm/job_48/cpu.cfs_period_us", "100000\n");
    machine.write("sys/fs/cgroup/cpu/slurm/cpu.cfs_quota_us", "250000\n");
    machine.write("sys/fs/cgroup/cpu/slurm/cpu.cfs_period_us", "100000\n");
    CHECK(collect_rank(machine.sources()).cpu_quota == doctest::Approx(2.5));
    CHECK_FALSE(facts_with({}).cpu_quota.has_value());
}

TEST_CASE("check: old segments that nobody holds are left over") {
    const DescribedMachine machine;
    for (const char* name : {"nccl-old", "nccl-held", "torch_new", "mine"})
        machine.write(std::string("dev/shm/") + name, "four");
    const auto hour_ago = std::filesystem::file_time_type::clock::now() - std::chrono::hours(1);
    for (const char* name : {"nccl-old", "nccl-held", "mine"})
        std::filesystem::last_write_time(machine.path("dev/shm/") + name, hour_ago);
    machine.add_process(7, "train", 1, "");
    machine.write("proc/7/maps", "7f00-7f10 rw-s 0 00:17 5   /dev/shm/nccl-held\n");
    const RankFacts facts = collect_rank(machine.sources());
    REQUIRE(facts.stale_segments.size() == 1);
    CHECK(facts.stale_segments[0].path == "/dev/shm/nccl-old");
    CHECK(facts.stale_segments[0].bytes == 4);
    CHECK(facts.shm_bytes.value_or(0) > 0);
}

TEST_CASE("check: addresses of the loopback interface and of the own name are found") {
    const RankFacts facts = facts_with({});
    const auto loopback =
        std::find_if(facts.interfaces.begin(), facts.interfaces.end(),
                     [](const Interface& i) { return i.loopback && !i.addresses.empty(); });
    REQUIRE(loopback != facts.interfaces.end());
    CHECK(loopback->addresses.front() == "127.0.0.1/8");
    CHECK_FALSE(facts.own_addresses.empty());
}

TEST_CASE("check: MASTER_ADDR is resolved or the reason is kept") {
    const RankFacts good = facts_with({{"MASTER_ADDR", "127.0.0.1"}});
    CHECK(good.master_address_problem.empty());
    CHECK(good.master_addresses == std::vector<std::string>{"127.0.0.1"});
    const RankFacts bad = facts_with({{"MASTER_ADDR", "linux[1"}});
    CHECK_FALSE(bad.master_address_problem.empty());
    CHECK(bad.master_addresses.empty());
}

TEST_CASE("check: only rank 0 tries MASTER_PORT, which a listener takes") {
    const int listener = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    REQUIRE(::bind(listener, reinterpret_cast<sockaddr*>(&address), length) == 0);
    REQUIRE(::listen(listener, 1) == 0);
    ::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &length);
    const std::string port = std::to_string(ntohs(address.sin_port));
    CHECK(facts_with({{"MASTER_PORT", port}}).master_port_free == false);
    auto other = step_48;
    other["MASTER_PORT"] = port;
    CHECK_FALSE(facts_with(other).master_port_free.has_value());
    ::close(listener);
    CHECK(facts_with({{"MASTER_PORT", port}}).master_port_free == true);
    CHECK_FALSE(facts_with({{"MASTER_PORT", "many"}}).master_port_free.has_value());
}

TEST_CASE("check: the directory of the PMIx server and the munge library are looked for") {
    const RankFacts facts = facts_with({{"PMIX_SERVER_TMPDIR", "/nowhere/pmix"}});
    CHECK(facts.pmix_directory_exists == false);
    CHECK_FALSE(facts.munge_plugin_loads.has_value());
    CHECK(facts_with({{"PMIX_SERVER_TMPDIR", "/"}}).pmix_directory_exists == true);
    CHECK(facts_with({{"PMIX_SECURITY_MODE", "munge,native"}}).munge_plugin_loads.has_value());
}

TEST_CASE("check: on a described node CPUs and GPUs are the description's") {
    const std::string xml = test::source_dir() + "/slurm/topologies/dgx-h100.xml";
    auto env = step_48;
    env["WARPSTEP_TOPOLOGY"] = xml;
    env["WARPSTEP_ALLOWED_CPUS"] = "0-13";
    env["SLURM_GPUS_ON_NODE"] = "8";
    env["CUDA_VISIBLE_DEVICES"] = "3,1,9";
    const RankFacts facts = facts_with(env);
    CHECK(facts.nvml_problem == "");
    CHECK(facts.cpus == "0-13");
    CHECK(facts.mems == "0-1");
    REQUIRE(facts.nvml_gpus.has_value());
    REQUIRE(facts.nvml_gpus->size() == 8);
    REQUIRE(facts.cuda_gpus.has_value());
    // CUDA ends its list where an entry names nothing.
    CHECK(*facts.cuda_gpus ==
          std::vector<std::string>{(*facts.nvml_gpus)[3].uuid, (*facts.nvml_gpus)[1].uuid});
    CHECK_FALSE((*facts.nvml_gpus)[0].uuid.empty());
    env.erase("CUDA_VISIBLE_DEVICES");
    env.erase("SLURM_GPUS_ON_NODE");
    CHECK(facts_with(env).cuda_gpus->empty());
    env["WARPSTEP_TOPOLOGY"] = "/nowhere.xml";
    CHECK(facts_with(env).nvml_problem.find("/nowhere.xml") != std::string::npos);
}

TEST_CASE("check: the identity that the step has found replaces claims") {
    RankFacts facts = facts_with({});
    step::Step found;
    found.launcher = step::Launcher::local_ranks;
    found.rank = 2;
    found.size = 4;
    found.local_rank = 2;
    found.local_size = 4;
    found.node_names = {"laptop"};
    add_step(facts, found);
    CHECK(facts.rank == 2);
    CHECK(facts.size == 4);
    CHECK(facts.node == "laptop");
    CHECK(facts.started_by == "local");
}

TEST_CASE("check: this very process has facts") {
    const RankFacts facts = collect_rank(live_sources());
    CHECK_FALSE(facts.cpus.empty());
    CHECK_FALSE(facts.online_cpus.empty());
    CHECK_FALSE(facts.boot_id.empty());
    CHECK_FALSE(facts.host_name.empty());
    CHECK_FALSE(facts.interfaces.empty());
    CHECK(facts.open_files.soft.value_or(1) > 0);
}
