// SPDX-License-Identifier: Apache-2.0
#include "runtime/plan/memory_plan.hpp"

#include <doctest/doctest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "tests/plan/by_hand.hpp"

using namespace warpstep;
using plan::BufferPlan;
using plan::HostMemory;
using plan::MemoryLimits;
using plan::MemoryNeeds;
using workload::MemoryKind;

namespace {

BufferPlan bytes(const std::string& name, std::int64_t count, MemoryKind memory,
                 bool collective = false) {
    BufferPlan plan;
    plan.name = name;
    plan.dtype = DType::u8;
    plan.count = count;
    plan.memory = memory;
    plan.collective = collective;
    return plan;
}

const std::vector<BufferPlan> one_of_each{
    bytes("d", 1, MemoryKind::device), bytes("m", 10, MemoryKind::managed),
    bytes("p", 100, MemoryKind::host_pinned), bytes("h", 1000, MemoryKind::host)};

MemoryLimits cuda(std::uint64_t device, int device_sharers, std::uint64_t host, int host_sharers) {
    return {device::Kind::cuda, device, device_sharers, HostMemory{host, "MemAvailable"},
            host_sharers};
}

workload::Workload sized_by_param() {
    auto workload = test::with_buffers({"d", "m", "p", "h"}, {});
    workload.params = {{"n", test::expression("4")}, {"half", test::expression("n / 2")}};
    for (auto& buffer : workload.buffers) buffer.shape = {test::expression("half * 2")};
    return workload;
}

std::string refusal(const std::vector<BufferPlan>& buffers, const MemoryLimits& limits,
                    const workload::Workload& workload = test::with_buffers({}, {})) {
    return test::message_of([&] { plan::check_memory(buffers, limits, workload); });
}

/// A folder that stands for the root of a system.
class Root {
  public:
    Root()
        : path_(std::filesystem::temp_directory_path() /
                ("warpstep-memory-test-" + std::to_string(::getpid()))) {}
    Root(const Root&) = delete;
    Root& operator=(const Root&) = delete;
    ~Root() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    void write(const std::string& file, const std::string& text) const {
        const auto path = path_ / file;
        std::filesystem::create_directories(path.parent_path());
        std::ofstream(path) << text;
    }
    std::string path() const { return path_; }

  private:
    std::filesystem::path path_;
};

}  // namespace

TEST_CASE("plan: memory is added up by where it lies") {
    CHECK(plan::memory_needs(one_of_each, device::Kind::cuda) == MemoryNeeds{1, 10, 100, 1000});
    CHECK(plan::memory_needs(one_of_each, device::Kind::host) == MemoryNeeds{0, 0, 0, 1111});
    CHECK(plan::memory_needs({bytes("c", 7, MemoryKind::host, true)}, device::Kind::cuda) ==
          MemoryNeeds{7, 0, 0, 0});
    const std::vector<BufferPlan> wrapping(
        5, bytes("huge", std::int64_t{1} << 62, MemoryKind::device));
    CHECK(plan::memory_needs(wrapping, device::Kind::cuda).device == ~std::uint64_t{0});
}

TEST_CASE("plan: the device's memory is shared by the tasks that use it") {
    const std::vector<BufferPlan> buffers{bytes("a", 600, MemoryKind::device),
                                          bytes("b", 400, MemoryKind::device)};
    CHECK(refusal(buffers, cuda(1000, 1, 0, 1)) == "no error");
    CHECK(refusal(buffers, cuda(4000, 4, 0, 1)) == "no error");
    CHECK(refusal(buffers, cuda(3999, 4, 0, 1)) ==
          "f.yaml: the buffers need 1000 B of device memory but this rank has 999 B (3.9 KiB are "
          "free on the device, shared by 4 tasks; they are 'a' 600 B, 'b' 400 B); give smaller "
          "counts, or start fewer ranks on a node");
    MemoryLimits unknown = cuda(0, 1, 0, 1);
    unknown.device_free.reset();
    CHECK(refusal(buffers, unknown) == "no error");
}

TEST_CASE("plan: pinned and host memory are the host's, and what a device cannot hold") {
    CHECK(refusal(one_of_each, cuda(11, 1, 1100, 1)) == "no error");
    CHECK(refusal(one_of_each, cuda(11, 1, 1099, 1)).find("need 1.1 KiB of host memory") !=
          std::string::npos);
    // Managed memory: 1 byte of device buffers leaves 4 of 5, so 6 of 10 lie on the host.
    CHECK(refusal(one_of_each, cuda(5, 1, 1106, 1)) == "no error");
    CHECK(refusal(one_of_each, cuda(5, 1, 1105, 1)) != "no error");
    CHECK(refusal(one_of_each, cuda(11, 1, 2200, 2)) == "no error");
    CHECK(refusal(one_of_each, cuda(11, 1, 2198, 2)) != "no error");
}

TEST_CASE("plan: on the host device all buffers are host memory") {
    MemoryLimits limits;
    limits.host = HostMemory{1110, "the job's memory limit"};
    const auto message = refusal(one_of_each, limits);
    CHECK(message.find("by the job's memory limit; the largest are 'h' 1000 B, 'p' 100 B, 'm' 10 "
                       "B); give smaller counts") != std::string::npos);
    limits.host->available = 1111;
    CHECK(refusal(one_of_each, limits) == "no error");
    limits.host.reset();
    CHECK(refusal(one_of_each, limits) == "no error");
}

TEST_CASE("plan: a size that follows from a param can be set") {
    const auto message = refusal(one_of_each, cuda(0, 1, 0, 1), sized_by_param());
    CHECK(message.ends_with("make them smaller with --set n=…"));
}

TEST_CASE("plan: the host's memory is what the system and the job's limits leave") {
    const Root root;
    CHECK_FALSE(plan::host_memory(root.path()));
    root.write("proc/meminfo", "MemTotal: 100 kB\nMemAvailable:    64 kB\n");
    CHECK(plan::host_memory(root.path())->available == 65536);
    CHECK(plan::host_memory(root.path())->limited_by == "MemAvailable");

    root.write("proc/self/cgroup", "0::/slurm/job_7/step_0\n");
    CHECK(plan::host_memory(root.path())->available == 65536);
    root.write("sys/fs/cgroup/slurm/job_7/step_0/memory.max", "max\n");
    root.write("sys/fs/cgroup/slurm/job_7/step_0/memory.current", "10\n");
    root.write("sys/fs/cgroup/slurm/job_7/memory.max", "5000\n");
    root.write("sys/fs/cgroup/slurm/job_7/memory.current", "3000\n");
    root.write("sys/fs/cgroup/slurm/job_7/memory.stat", "anon 1\ninactive_file 1500\n");
    CHECK(plan::host_memory(root.path())->available == 3500);
    CHECK(plan::host_memory(root.path())->limited_by == "the job's memory limit");
}

TEST_CASE("plan: memory limits of the first version of cgroups are known") {
    const Root root;
    root.write("proc/meminfo", "MemAvailable: 64 kB\n");
    root.write("proc/self/cgroup", "12:cpuset:/other\n4:hugetlb,memory:/slurm/uid_0/job_7\n0::/\n");
    root.write("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
    root.write("sys/fs/cgroup/memory/memory.usage_in_bytes", "1\n");
    root.write("sys/fs/cgroup/memory/slurm/uid_0/job_7/memory.limit_in_bytes", "4096\n");
    root.write("sys/fs/cgroup/memory/slurm/uid_0/job_7/memory.usage_in_bytes", "5000\n");
    CHECK(plan::host_memory(root.path())->available == 0);
    root.write("sys/fs/cgroup/memory/slurm/uid_0/job_7/memory.stat", "total_inactive_file 2000\n");
    CHECK(plan::host_memory(root.path())->available == 1096);
}

TEST_CASE("plan: this machine says how much memory it has") {
    const auto memory = plan::host_memory();
    REQUIRE(memory);
    CHECK(memory->available > 0);
}
