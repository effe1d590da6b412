// SPDX-License-Identifier: Apache-2.0
// Facts of a node that are not its GPUs' readings, and other programs on it.
#include <doctest/doctest.h>

#include <ctime>

#include "runtime/check/collect.hpp"
#include "runtime/topology/discover.hpp"
#include "tests/check/described_machine.hpp"
#include "tests/support/source_dir.hpp"

using namespace warpstep;
using namespace warpstep::check;
using test::DescribedMachine;
using test::said;

namespace {

topology::Node small_node() {
    topology::Node node;
    node.source = "live";
    node.packages = 1;
    node.cpus = node.allowed = topology::CpuSet::parse("0-3");
    for (int i = 0; i < 2; ++i) {
        topology::Core core;
        core.logical = i;
        core.cpus = topology::CpuSet::parse(i == 0 ? "0,2" : "1,3");
        core.numa = 0;
        node.cores.push_back(core);
    }
    node.numa_nodes = {{0, node.cpus, std::uint64_t{4} << 30, true}};
    return node;
}

topology::Nic nic(const std::string& name, bool fabric) {
    topology::Nic one;
    one.pci = *topology::PciAddress::parse("0000:18:00.0");
    one.name = name;
    one.fabric = fabric;
    one.numa = 0;
    one.near_cpus = topology::CpuSet::parse("0-1");
    return one;
}

}  // namespace

TEST_CASE("check: a node is told by its cores, memory and kernel") {
    const DescribedMachine machine;
    machine.write("proc/sys/kernel/osrelease", "6.1.0-18-amd64\n");
    machine.write("proc/sys/kernel/numa_balancing", "1\n");
    machine.write("proc/cpuinfo", "processor : 0\nflags : fpu hypervisor sse\n\n");
    machine.write("sys/devices/system/node/node0/meminfo",
                  "Node 0 MemTotal:  4194304 kB\n"
                  "Node 0 MemFree:   1048576 kB\n");
    machine.write("sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", "performance\n");
    machine.write("sys/devices/system/cpu/cpu1/cpufreq/scaling_governor", "powersave\n");
    machine.write("sys/devices/system/cpu/cpu2/cpufreq/scaling_governor", "performance\n");
    machine.write("sys/devices/system/cpu/offline", "4-7\n");
    machine.write("sys/module/nvidia/version", "580.65.06\n");
    machine.write("proc/driver/nvidia/version",
                  "NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  580.65.06\n");
    const NodeFacts facts = collect_node(machine.sources(), small_node());
    CHECK(facts.name == "localhost");
    CHECK(facts.machine == "1 package, 1 NUMA node, 2 cores");
    CHECK(facts.kernel == "6.1.0-18-amd64");
    CHECK(facts.cores == std::vector<std::string>{"0,2", "1,3"});
    CHECK(facts.cpus == "0-3");
    CHECK(facts.memory_bytes == std::uint64_t{4} << 30);
    CHECK(facts.numa[0].free_bytes == std::uint64_t{1} << 30);
    CHECK(facts.governors ==
          std::map<std::string, std::string>{{"performance", "0,2"}, {"powersave", "1"}});
    CHECK(facts.numa_balancing == true);
    CHECK(facts.offline_cpus == "4-7");
    CHECK(facts.virtual_machine);
    CHECK(facts.kernel_module == "580.65.06");
    CHECK(facts.modules.at("nvidia"));
    CHECK_FALSE(facts.modules.at("nvidia_peermem"));
    CHECK(facts.dma_buf == true);
    CHECK_FALSE(facts.mps);
    CHECK(facts.kernel_log_readable == false);
    CHECK(facts.slurm_version.empty());
    CHECK_FALSE(facts.described);
}

TEST_CASE("check: ports of a fabric have their state, rate and counters of errors") {
    const DescribedMachine machine;
    const std::string port = "sys/class/infiniband/mlx5_0/ports/1/";
    machine.write(port + "state", "4: ACTIVE\n");
    machine.write(port + "rate", "400 Gb/sec (4X NDR)\n");
    machine.write(port + "link_layer", "InfiniBand\n");
    machine.write(port + "counters/symbol_error", "12\n");
    machine.write(port + "counters/port_rcv_data", "99\n");
    machine.write("sys/class/infiniband/mlx5_9/ports/1/state", "1: DOWN\n");
    machine.write("sys/class/net/eth0/operstate", "up\n");
    machine.write("sys/class/net/eth0/speed", "25000\n");
    topology::Node node = small_node();
    node.nics = {nic("mlx5_0", true), nic("eth0", false)};
    const NodeFacts facts = collect_node(machine.sources(), node);
    REQUIRE(facts.nics.size() == 3);
    CHECK(facts.nics[0].name == "mlx5_0");
    CHECK(facts.nics[0].port == 1);
    CHECK(facts.nics[0].state == "ACTIVE");
    CHECK(facts.nics[0].rate_gbit_s == doctest::Approx(400));
    CHECK(facts.nics[0].link_layer == "InfiniBand");
    CHECK(facts.nics[0].errors == std::map<std::string, std::uint64_t>{{"symbol_error", 12}});
    CHECK(facts.nics[0].near_cpus == "0-1");
    CHECK(facts.nics[1].name == "eth0");
    CHECK(facts.nics[1].state == "up");
    CHECK(facts.nics[1].rate_gbit_s == doctest::Approx(25));
    CHECK(facts.nics[2].name == "mlx5_9");  // which the bus did not show
    CHECK(facts.nics[2].state == "DOWN");
    CHECK(facts.nics[2].fabric);
}

TEST_CASE("check: errors in the kernel log are counted for each GPU") {
    const DescribedMachine machine;
    machine.add_gpu("0000:1b:00.0", 0, "GPU-aaaa");
    machine.add_gpu("0000:9d:00.0", 1, "GPU-bbbb");
    machine.write("dev/kmsg",
                  "6,1,5,-;NVRM: Xid (PCI:0000:9d:00): 79, pid=4711, GPU has fallen off the bus.\n"
                  "6,2,6,-;eth0: link up\n"
                  "6,3,7,-;NVRM: Xid (PCI:0000:9d:00): 154, GPU recovery action changed\n");
    const NodeFacts facts = collect_node(machine.sources(), small_node());
    CHECK(facts.kernel_log_readable == true);
    REQUIRE(facts.gpus.size() == 2);
    CHECK(facts.gpus[0].health.xids == std::vector<int>{});
    CHECK(facts.gpus[1].health.xids == std::vector<int>{79, 154});
    CHECK(facts.gpus[0].health.xid_events->empty());
    CHECK(facts.gpus[1].health.xid_events->front().line ==
          "NVRM: Xid (PCI:0000:9d:00): 79, pid=4711, GPU has fallen off the bus.");
    CHECK_FALSE(facts.collector_problem.empty());  // no child could be started
}

TEST_CASE("check: an Xid is kept with what its line says") {
    const DescribedMachine machine;
    machine.add_gpu("0000:1b:00.0", 0, "GPU-aaaa");
    const std::string head = "NVRM: Xid (PCI:0000:1b:00";
    const auto events = [&](const std::string& lines) {
        machine.write("dev/kmsg", lines);
        return *collect_node(machine.sources(), small_node()).gpus.at(0).health.xid_events;
    };
    const auto told = events(
        "4,1,5,-;" + head + "): 145, RLW_CTRL Nonfatal XC0 i0 Link 08 (0x3 0x80000000)\n" +
        "4,2,6,-;" + head + "): 149, NETIR_LINK_EVT  Fatal   XC0 i0 Link 09 (0x4)\n" + "4,3,7,-;" +
        head + "): 150, MSE Degraded Fatal XC0 i0 Link -1 (0x0)\n" + "4,4,8,-;" + head +
        "): 149, pid=7, name=a Fatal XC0 b, NETIR Nonfatal XC1 i0 Link 1\n" + "4,5,9,-;" + head +
        "): 154, GPU recovery action changed from 0x0 (None) to 0x1 (GPU Reset Required)\n" +
        "4,6,9,-;" + head + " GPU-I:05): 94, pid=7194, Contained: CE User Channel (0x9)\n" +
        "4,7,9,-;" + head + "): 999, " + std::string(1000, 'x') + "\n" +  //
        "4,8,9,-;NVRM: Xid (PCI:0000:1b:001): 79, of another\n");
    REQUIRE(told.size() == 7);
    CHECK(told[0].code == 145);
    CHECK(told[0].severity == "Nonfatal");
    CHECK(told[0].line == head + "): 145, RLW_CTRL Nonfatal XC0 i0 Link 08 (0x3 0x80000000)");
    CHECK(told[1].severity == "Fatal");
    CHECK(told[2].severity == "Fatal");
    CHECK(told[3].severity == "Nonfatal");  // the driver's word, not the program's name
    CHECK(told[4].action == "0x1 (GPU Reset Required)");
    CHECK(told[4].severity.empty());
    CHECK(told[5].code == 94);
    CHECK(told[6].line.size() == 240);
    std::string storm;
    for (int i = 0; i < 40; ++i) storm += head + "): 13, Graphics Exception\n";
    const auto many = events(storm);
    REQUIRE(many.size() == 40);
    CHECK_FALSE(many[15].line.empty());
    CHECK(many[39].line.empty());
    CHECK(many[39].code == 13);
}

TEST_CASE("check: redirection, translation and link errors are read above each GPU") {
    const DescribedMachine machine;
    machine.add_gpu("0000:1b:00.0", 0, "GPU-aaaa");
    const std::string bridge = "sys/devices/pci0000:1a/0000:1a:01.0/";
    std::filesystem::create_directories(machine.path(bridge));
    std::filesystem::rename(machine.path("sys/bus/pci/devices/0000:1b:00.0"),
                            machine.path(bridge + "0000:1b:00.0"));
    machine.link("sys/bus/pci/devices/0000:1b:00.0", machine.path(bridge + "0000:1b:00.0"));
    // Extended capabilities: an unimportant one, then access control with request redirect.
    std::string space(4096, '\0');
    space[0x100] = 0x01;
    space[0x102] = 0x01;
    space[0x103] = 0x15;  // next: 0x150
    space[0x150] = 0x0d;
    space[0x156] = 0x04;
    machine.write(bridge + "config", space);
    machine.write(bridge + "aer_dev_fatal", "DLP 0\nTOTAL_ERR_FATAL 0\n");
    machine.write(bridge + "0000:1b:00.0/iommu_group/type", "DMA-FQ\n");
    NodeFacts facts = collect_node(machine.sources(), small_node());
    CHECK(facts.acs_redirect == true);
    CHECK(facts.iommu_translating == true);
    CHECK(facts.aer_errors == false);
    machine.write(bridge + "aer_dev_nonfatal", "DLP 3\nTOTAL_ERR_NONFATAL 3\n");
    machine.write(bridge + "config", space.substr(0, 64));  // what users see
    machine.write(bridge + "0000:1b:00.0/iommu_group/type", "identity\n");
    facts = collect_node(machine.sources(), small_node());
    CHECK_FALSE(facts.acs_redirect.has_value());
    CHECK(facts.iommu_translating == false);
    CHECK(facts.aer_errors == true);
}

TEST_CASE("check: a described node has the description's GPUs and nothing of this machine") {
    const std::string xml = test::source_dir() + "/slurm/topologies/dgx-h100.xml";
    const DescribedMachine machine;
    Sources sources = machine.sources();
    sources.env = {{"CUDA_VISIBLE_DEVICES", "0,1"}, {"WARPSTEP_TOPOLOGY", xml}};
    topology::NodeRequest request;
    request.xml = xml;
    request.visible_gpus = "0,1";
    const NodeFacts facts = collect_node(sources, topology::discover_node(request));
    CHECK(facts.described);
    CHECK(facts.has_nvidia);
    REQUIRE(facts.gpus.size() == 8);
    CHECK(facts.gpus[1].granted);
    CHECK_FALSE(facts.gpus[2].granted);
    CHECK_FALSE(facts.gpus[7].near_cpus.empty());
    CHECK(facts.collector_problem.empty());
    CHECK(facts.modules.empty());
    CHECK_FALSE(facts.kernel_log_readable.has_value());
    CHECK(facts.machine.find("8 GPUs") != std::string::npos);
}

TEST_CASE("check: Slurm's commands and files tell of the node and the job") {
    const DescribedMachine machine;
    machine.write("conf/slurm.conf", "");
    machine.write("conf/cgroup.conf",
                  "# ConstrainDevices=no\nConstrainDevices = no\n"
                  "CgroupPlugin=autodetect\nConstrainDevices=YES\n");
    Sources sources = machine.sources();
    sources.env = {{"SLURM_JOB_ID", "48"},
                   {"SLURMD_NODENAME", "n1"},
                   {"SLURM_CONF", machine.path("conf/slurm.conf")}};
    sources.run = [](const process::ChildCommand& command, std::chrono::milliseconds) {
        const std::string first = command.words[0], third = command.words.back();
        if (first == "srun") return said("slurm-wlm 22.05.8\n");
        if (third == "n1")
            return said(
                "NodeName=n1 Arch=x86_64\n   State=MIXED+DRAIN ThreadsPerCore=2\n   "
                "Gres=gpu:h100:6(S:0-1),gpu:a100:2(S:1),shard:32\n"
                "   CfgTRES=cpu=224,mem=2000G,billing=224,gres/gpu=8,gres/gpu:h100=8\n"
                "   AllocTRES=cpu=8,gres/gpu=4\n"
                "   Reason=GPU 3 lost [root@2030-01-31T11:00:00]\n");
        return said(
            "JobId=47 JobName=a\n   Requeue=0\n   EndTime=2029-01-31T12:00:00\n\n"
            "JobId=48 JobName=b\n   Requeue=1 Restarts=0\n"
            "   StartTime=2030-01-31T11:00:00 EndTime=2030-01-31T12:00:00\n"
            "     Nodes=n1 CPU_IDs=0-3 Mem=0 GRES=gpu(IDX:0-3)\n"
            "     Nodes=n2 CPU_IDs=0-3 Mem=0 GRES=gpu(IDX:0)\n");
    };
    const NodeFacts facts = collect_node(sources, small_node());
    CHECK(facts.name == "n1");
    CHECK(facts.slurm_version == "22.05.8");
    CHECK(facts.constrain_devices == true);
    CHECK(facts.configured_gpus == 8);
    CHECK(facts.node_state == "MIXED+DRAIN");
    CHECK(facts.node_reason == "GPU 3 lost [root@2030-01-31T11:00:00]");
    CHECK(facts.job_requeues == true);
    CHECK(facts.job_end_s == 1896091200);
    CHECK_FALSE(facts.job_unlimited);
    CHECK(facts.job_gpus_detail == std::vector<std::string>{"n1 gpu(IDX:0-3)", "n2 gpu(IDX:0)"});
}

TEST_CASE("check: a job without a time limit has no end to wait for") {
    const DescribedMachine machine;
    Sources sources = machine.sources();
    sources.env = {{"SLURM_JOB_ID", "48"}};
    sources.run = [](const process::ChildCommand& command, std::chrono::milliseconds) {
        if (command.words[0] == "srun") return said("slurm-wlm 22.05.8\n");
        return said(
            "JobId=48 JobName=b\n   RunTime=00:00:02 TimeLimit=UNLIMITED\n"
            "   StartTime=2030-01-31T11:00:00 EndTime=Unknown\n");
    };
    const NodeFacts facts = collect_node(sources, small_node());
    CHECK(facts.job_unlimited);
    CHECK_FALSE(facts.job_end_s.has_value());
}

TEST_CASE("check: where Slurm's commands do not answer its facts are empty") {
    const DescribedMachine machine;
    Sources sources = machine.sources();
    sources.env = {{"SLURM_JOB_ID", "48"}};
    const NodeFacts facts = collect_node(sources, small_node());
    CHECK(facts.slurm_version.empty());
    CHECK_FALSE(facts.configured_gpus.has_value());
    CHECK_FALSE(facts.constrain_devices.has_value());
    CHECK_FALSE(facts.job_end_s.has_value());
}

TEST_CASE("check: processes of a step are found by environment or cgroup, with their children") {
    using std::string;
    const DescribedMachine machine;
    const string task =
        "SLURM_JOB_ID=48\nSLURM_STEP_ID=0\nSLURM_PROCID=3\nSLURM_LOCALID=1\n"
        "SLURM_TASK_PID=20\nSECRET=x\nCUDA_VISIBLE_DEVICES=0\n";
    machine.add_process(10, "slurmstepd: [48", 1, task);
    machine.add_process(20, "python", 10, task);
    machine.add_process(21, "python", 20, task);
    machine.add_process(22, "cleaned", 21, "");
    machine.add_process(30, "other", 1, "SLURM_JOB_ID=48\nSLURM_STEP_ID=1\n");
    machine.add_process(40, "hidden", 1, "",
                        "0::/system.slice/slurmstepd.scope/job_48/step_0/user/task_2\n");
    machine.link("proc/20/fd/3", "/dev/nvidia2");
    machine.link("proc/20/fd/4", "/dev/nvidia-uvm");
    machine.link("proc/20/fd/5", "/dev/nvidiactl");
    machine.write("proc/20/maps",
                  "7f00 r-xp 0 08:01 5 /usr/lib/libcuda.so.580.65.06\n"
                  "7f10 r-xp 0 08:01 6 /opt/lib/libnccl.so.2\n");
    GpuFacts gpu;
    gpu.uuid = "GPU-aaaa";
    gpu.processes = {{21, "", "", 512, false, false}};
    const auto programs = collect_programs(machine.sources(), "48.0", {gpu});
    REQUIRE(programs.size() == 4);
    CHECK(programs[0].pid == 20);
    CHECK(programs[0].is_task);
    CHECK(programs[0].rank == 3);
    CHECK(programs[0].local_rank == 1);
    CHECK(programs[0].step == "48.0");
    CHECK(programs[0].command == "python --fast");
    CHECK(programs[0].env->at("CUDA_VISIBLE_DEVICES") == "0");
    CHECK_FALSE(programs[0].env->contains("SECRET"));
    CHECK(programs[0].cpus == "0-13");
    CHECK(programs[0].threads == 3);
    CHECK(programs[0].signals.caught == std::vector<int>{10, 12, 15});
    CHECK(programs[0].open_gpu_minors == std::vector<int>{2});
    CHECK(programs[0].maps_cuda);
    CHECK(programs[0].maps_nccl);
    CHECK_FALSE(programs[0].maps_mpi);
    CHECK(programs[0].has_cuda_context);
    CHECK(programs[0].gpus.empty());
    CHECK(programs[1].pid == 21);
    CHECK_FALSE(programs[1].is_task);
    CHECK(programs[1].parent == 20);
    REQUIRE(programs[1].gpus.size() == 1);
    CHECK(programs[1].gpus[0].uuid == "GPU-aaaa");
    CHECK(programs[1].has_cuda_context);
    CHECK(programs[2].pid == 22);
    CHECK(programs[3].pid == 40);
    CHECK(programs[3].is_task);
    CHECK(programs[3].step == "48.0");
    CHECK(collect_programs(machine.sources(), "48", {}).size() == 5);
    CHECK(collect_programs(machine.sources(), "4", {}).empty());
}

TEST_CASE("check: a process is collected with its descendants") {
    const DescribedMachine machine;
    machine.add_process(20, "a (b) c", 1, "");
    machine.add_process(21, "child", 20, "");
    machine.add_process(22, "grandchild", 21, "");
    machine.add_process(23, "stranger", 1, "");
    const auto programs = collect_programs_of(machine.sources(), 20, {});
    REQUIRE(programs.size() == 3);
    CHECK(programs[0].command == "a (b) c --fast");
    CHECK(programs[0].parent == 1);
    CHECK(programs[0].state == "S");
    CHECK(programs[0].is_task);
    CHECK(programs[2].pid == 22);
    CHECK_FALSE(programs[2].is_task);
}
