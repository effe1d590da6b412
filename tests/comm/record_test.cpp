// SPDX-License-Identifier: Apache-2.0
#include "runtime/comm/record.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "runtime/base/error.hpp"
#include "runtime/comm/rank_names.hpp"

using namespace warpstep;
using comm::exit_code_of;
using comm::problems;
using comm::Record;

namespace {

// Two nodes of two ranks, one GPU each, all well.
std::vector<Record> healthy() {
    std::vector<Record> records(4);
    for (std::size_t rank = 0; rank < records.size(); ++rank) {
        Record& r = records[rank];
        r.host = rank < 2 ? "n1" : "n2";
        r.boot_id = rank < 2 ? "boot-1" : "boot-2";
        r.device = "cuda";
        r.gpu_uuid = "GPU-" + std::to_string(rank % 2);
        r.gpu_pci = "0000:1b:00." + std::to_string(rank % 2);
        r.cuda_driver = r.cuda_runtime = "13.0";
        r.nccl = "2.28.9";
        r.config_hash = "0123456789abcdef";
    }
    return records;
}

}  // namespace

TEST_CASE("comm: a record survives its encoding, raw bytes included") {
    Record r;
    r.boot_id = "b";
    r.host = "n1";
    r.pid = 1LL << 40;
    r.device = "cuda";
    r.gpu_uuid = "GPU-1";
    r.gpu_pci = "0000:1b:00.0";
    r.numa = 1;
    r.cuda_driver = "13.0";
    r.cuda_runtime = "12.9";
    r.nccl = "2.28.9";
    r.address = "10.77.0.2";
    r.port = 40123;
    r.config_hash = "ff";
    r.nccl_id = std::string("\0\xff\x80z", 4);
    r.shared_memory = "token";
    r.refusal = "no GPU";
    r.refusal_code = 2;
    const Record back = comm::decode(comm::encode(r));
    CHECK(back.boot_id == r.boot_id);
    CHECK(back.host == r.host);
    CHECK(back.pid == r.pid);
    CHECK(back.device == r.device);
    CHECK(back.gpu_uuid == r.gpu_uuid);
    CHECK(back.gpu_pci == r.gpu_pci);
    CHECK(back.numa == r.numa);
    CHECK(back.cuda_driver == r.cuda_driver);
    CHECK(back.cuda_runtime == r.cuda_runtime);
    CHECK(back.nccl == r.nccl);
    CHECK(back.address == r.address);
    CHECK(back.port == r.port);
    CHECK(back.config_hash == r.config_hash);
    CHECK(back.nccl_id == r.nccl_id);
    CHECK(back.shared_memory == r.shared_memory);
    CHECK(back.refusal == r.refusal);
    CHECK(back.refusal_code == r.refusal_code);
}

TEST_CASE("comm: a record of a healthy rank without NCCL id stays under 256 bytes") {
    Record r = healthy()[0];
    r.gpu_uuid = "GPU-01234567-89ab-cdef-0123-456789abcdef";
    r.boot_id = "01234567-89ab-cdef-0123-456789abcdef";
    r.address = "2001:db8:1234:5678:9abc:def0:1234:5678";
    CHECK(comm::encode(r).size() < 256);
}

TEST_CASE("comm: bytes that are no record of this version are refused") {
    CHECK_THROWS_AS(comm::decode(""), CommError);
    CHECK_THROWS_AS(comm::decode("hello"), CommError);
    std::string cut = comm::encode(Record{});
    cut.resize(cut.size() / 2);
    CHECK_THROWS_AS(comm::decode(cut), CommError);
    Record later;
    later.version = 2;
    CHECK_THROWS_WITH_AS(
        comm::decode(comm::encode(later)),
        "a rank's record has version 2 and this warpstep reads 1 (two versions of warpstep in one "
        "step); install the same warpstep on every node",
        CommError);
}

TEST_CASE("comm: ranks are named in runs by node") {
    const auto node = [](int rank) { return std::string(rank < 4 ? "n1" : "n2"); };
    CHECK(comm::show_ranks({3}, node) == "rank 3 on n1");
    CHECK(comm::show_ranks({0, 1, 2, 3}, node) == "ranks 0-3 on n1");
    CHECK(comm::show_ranks({0, 1, 2, 4, 6}, node) == "ranks 0-2 on n1, 4 and 6 on n2");
    CHECK(comm::show_ranks({1, 3, 5, 6, 7}, node) == "ranks 1 and 3 on n1, 5-7 on n2");
    const auto own = [](int rank) { return "n" + std::to_string(rank); };
    CHECK(comm::show_ranks({0, 1, 2, 3, 4, 5}, own) ==
          "ranks 0 on n0, 1 on n1, 2 on n2, 3 on n3 and 2 more");
}

TEST_CASE("comm: healthy records have no problems") {
    CHECK(problems(healthy(), 1).empty());
    CHECK(exit_code_of(healthy(), 1) == 0);
}

TEST_CASE("comm: another workload or binary is a problem that names the ranks") {
    auto records = healthy();
    records[2].config_hash = records[3].config_hash = "other";
    CHECK(problems(records, 1) ==
          std::vector<std::string>{
              "ranks 2 and 3 on n2 would run another workload than ranks 0 and 1 on n1 (file, "
              "overrides or warpstep binary differ); give every task the same file, --set and "
              "binary, on a file system that all nodes see; what only some ranks do belongs into "
              "the file, with if: rank == 0"});
    CHECK(exit_code_of(records, 1) == 2);
}

TEST_CASE("comm: mixed devices are a problem, and their versions are not another one") {
    auto records = healthy();
    records[1].device = "host";
    records[1].nccl = records[1].cuda_runtime = "";
    CHECK(
        problems(records, 1) ==
        std::vector<std::string>{
            "one step cannot mix devices (cuda on ranks 0 on n1, 2 and 3 on n2; host on rank 1 on "
            "n1); request a GPU for every task with --gpus-per-task=1, or run all on the host "
            "with --device host"});
    CHECK(exit_code_of(records, 1) == 3);
}

TEST_CASE("comm: mixed NCCL versions are a problem on CUDA only") {
    auto records = healthy();
    records[3].nccl = "2.27.3";
    CHECK(
        problems(records, 1) ==
        std::vector<std::string>{
            "NCCL versions differ (2.28.9 on ranks 0 and 1 on n1, 2 on n2; 2.27.3 on rank 3 on "
            "n2); load the same version on every node, or leave the odd ones out with --exclude"});
    CHECK(exit_code_of(records, 1) == 3);
    for (auto& r : records) r.device = "host";
    CHECK(problems(records, 1).empty());
}

TEST_CASE("comm: a GPU used twice is a problem unless sharing is allowed") {
    auto records = healthy();
    records[1].gpu_uuid = records[0].gpu_uuid;
    CHECK(problems(records, 1) ==
          std::vector<std::string>{
              "ranks 0 and 1 on n1 use one GPU, GPU-0 at 0000:1b:00.0 (one rank may); request one "
              "per task with --gpus-per-task=1, or set placement.share to 2"});
    CHECK(exit_code_of(records, 1) == 2);
    CHECK(problems(records, 2).empty());
    CHECK(exit_code_of(records, 2) == 0);
}

TEST_CASE("comm: one machine under two names is a problem") {
    auto records = healthy();
    for (auto& r : records) r.boot_id = "boot-1";
    CHECK(problems(records, 1) ==
          std::vector<std::string>{
              "n1 and n2 are one machine under two names (same boot id), and ranks of both would "
              "take GPU-0; give each machine one NodeName in slurm.conf"});
    for (std::size_t rank = 2; rank < 4; ++rank) records[rank].gpu_uuid += "-of-n2";
    CHECK(problems(records, 1).empty());
    records = healthy();
    for (auto& r : records) {
        r.boot_id = "boot-1";
        r.device = "host";
    }
    CHECK(problems(records, 1).empty());
    records = healthy();
    for (auto& r : records) r.boot_id = "";
    CHECK(problems(records, 1).empty());
}

TEST_CASE("comm: a refusal comes alone, and the largest code wins") {
    auto records = healthy();
    records[1].config_hash = "other";
    records[1].refusal = "no GPU (nvidia-smi sees none); request --gpus-per-task=1";
    records[1].refusal_code = 2;
    records[3].refusal = "the driver is too old";
    records[3].refusal_code = 3;
    CHECK(problems(records, 1) ==
          std::vector<std::string>{
              "rank 1 on n1: no GPU (nvidia-smi sees none); request --gpus-per-task=1",
              "rank 3 on n2: the driver is too old"});
    CHECK(exit_code_of(records, 1) == 3);
}
