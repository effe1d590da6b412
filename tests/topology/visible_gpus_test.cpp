// SPDX-License-Identifier: Apache-2.0
#include "runtime/topology/visible_gpus.hpp"

#include <doctest/doctest.h>

#include "runtime/base/error.hpp"

using namespace warpstep;
using namespace warpstep::topology;

namespace {

using Indices = std::vector<int>;

std::vector<Gpu> four_gpus() {
    std::vector<Gpu> gpus(4);
    const char* uuids[] = {"GPU-aa00", "GPU-aa11", "GPU-bb22", ""};
    for (unsigned i = 0; i < 4; ++i) {
        gpus[i].pci.bus = i;
        gpus[i].vendor = nvidia_vendor;
        gpus[i].uuid = uuids[i];
    }
    return gpus;
}

/// GPU-p0 with two instances, whose UUIDs sort against CUDA's order, and GPU-p1 without MIG.
std::vector<Gpu> split_gpu() {
    std::vector<Gpu> gpus(3);
    for (unsigned i = 0; i < 2; ++i) {
        gpus[i].uuid = "GPU-p0";
        gpus[i].mig_uuid = i == 0 ? "MIG-aa-second" : "MIG-ab-first";
        gpus[i].mig_index = i == 0 ? 1 : 0;
        gpus[i].mig_path = i == 0 ? "9/0" : "1/0";
    }
    gpus[2].pci.bus = 7;
    gpus[2].uuid = "GPU-p1";
    return gpus;
}

GrantedGpus read(const char* list, const std::vector<Gpu>& gpus) {
    return visible_gpus(GpuList{list}, gpus, UnknownGpu::ends_list);
}
Indices as_cuda(const char* list) {
    return read(list, four_gpus()).order;
}
Indices on_split(const char* list) {
    return read(list, split_gpu()).order;
}
GrantedGpus as_slurm(const char* list, const std::vector<Gpu>& gpus) {
    return visible_gpus(GpuList{list, GpuList::Kind::slurm}, gpus, UnknownGpu::ends_list);
}

bool says(const GrantedGpus& granted, const char* text) {
    for (const std::string& note : granted.notes)
        if (note.find(text) != note.npos) return true;
    return false;
}

}  // namespace

TEST_CASE("topology: no GPU list grants all GPUs, an empty one none") {
    CHECK(visible_gpus(std::nullopt, four_gpus(), UnknownGpu::is_error).order ==
          Indices{0, 1, 2, 3});
    CHECK(as_cuda("").empty());
    CHECK(as_cuda("  ").empty());
    CHECK(as_cuda("NoDevFiles").empty());
}

TEST_CASE("topology: a GPU list is read as CUDA reads it, and keeps its order") {
    CHECK(as_cuda("2,0") == Indices{2, 0});
    CHECK(as_cuda("0,2,-1,1") == Indices{0, 2});
    CHECK(as_cuda("-1").empty());
    CHECK(as_cuda("GPU-bb,GPU-aa11") == Indices{2, 1});
    CHECK(as_cuda("MIG-GPU-bb22/1/0") == Indices{2});  // nothing tells of instances
    CHECK(as_cuda(" 3 , 1") == Indices{3, 1});
    CHECK(as_cuda("GPU-bb22,0") == Indices{2, 0});
    CHECK(read("2,0", four_gpus()).notes.empty());
}

TEST_CASE("topology: a GPU that is named twice is granted once, and said") {
    const GrantedGpus granted = read("1,1,0,GPU-aa11", four_gpus());
    CHECK(granted.order == Indices{1, 0});
    CHECK(says(granted, "CUDA_VISIBLE_DEVICES=1,1,0,GPU-aa11 names GPU 0000:01:00.0 twice"));
}

TEST_CASE("topology: an entry that names no single GPU ends the list on a live machine") {
    CHECK(as_cuda("0,4,1") == Indices{0});
    CHECK(as_cuda("0,GPU-aa,1") == Indices{0});  // two GPUs begin like that
    CHECK(as_cuda("0,x,1") == Indices{0});
    CHECK(as_cuda("1,-2,0") == Indices{1});
    CHECK(as_cuda("1,,0") == Indices{1});
    CHECK(as_cuda("0-3").empty());
    CHECK(says(read("0,4,1", four_gpus()), "names no GPU with '4'"));
    CHECK(read("0,-1,1", four_gpus()).notes.empty());
}

TEST_CASE("topology: an entry that names no single GPU of a described machine is refused") {
    for (const char* list : {"4", "0,4", "GPU-aa", "GPU-cc", "x", "GPU", "MIG-x", "MIG-GPU-cc/1/0",
                             "MIG-GPU-", "99999999999"}) {
        CAPTURE(list);
        CHECK_THROWS_AS(visible_gpus(GpuList{list}, four_gpus(), UnknownGpu::is_error),
                        ConfigError);
    }
}

TEST_CASE("topology: ordinals on a machine without GPUs are stand-ins and grant nothing") {
    CHECK(visible_gpus(GpuList{"0,1"}, {}, UnknownGpu::is_error).order.empty());
    CHECK_THROWS_AS(visible_gpus(GpuList{"GPU-aa"}, {}, UnknownGpu::is_error), ConfigError);
}

TEST_CASE("topology: CUDA's ordinals count the visible GPUs, Slurm's numbers all of them") {
    std::vector<Gpu> gpus = four_gpus();
    gpus[0].visible = gpus[2].visible = false;
    CHECK(read("0,1", gpus).order == Indices{1, 3});
    CHECK(read("2", gpus).order.empty());
    CHECK(read("GPU-aa00", gpus).order.empty());
    CHECK(read("GPU-aa", gpus).order == Indices{1});
    CHECK(visible_gpus(std::nullopt, gpus, UnknownGpu::ends_list).order == Indices{1, 3});
    CHECK(as_slurm("1,3", gpus).order == Indices{1, 3});
    CHECK(as_slurm("0", gpus).order.empty());
}

TEST_CASE("topology: Slurm's list may hold ranges and UUIDs") {
    CHECK(as_slurm("0-2", four_gpus()).order == Indices{0, 1, 2});
    CHECK(as_slurm("3,0-1", four_gpus()).order == Indices{3, 0, 1});
    CHECK(as_slurm("GPU-bb22,GPU-aa00", four_gpus()).order == Indices{2, 0});
    CHECK(as_slurm("2-9", four_gpus()).order == Indices{2, 3});
    CHECK(as_slurm("0-99999999", four_gpus()).order.empty());
    CHECK(says(as_slurm("7", four_gpus()), "SLURM_STEP_GPUS=7"));
}

TEST_CASE("topology: MIG instances are named by UUID, by its beginning and by their path") {
    CHECK(on_split("MIG-ab-first,MIG-aa-second") == Indices{1, 0});
    CHECK(on_split("MIG-aa") == Indices{0});
    CHECK(on_split("MIG-a").empty());  // two
    CHECK(on_split("MIG-GPU-p0/9/0") == Indices{0});
    CHECK(on_split("MIG-GPU-p0/1/0") == Indices{1});
    CHECK(on_split("MIG-GPU-p0/2/0").empty());
    CHECK(on_split("MIG-GPU-p0").empty());
    CHECK(read("MIG-ab", split_gpu()).notes.empty());

    std::vector<Gpu> old_driver = split_gpu();
    old_driver[0].mig_uuid = "MIG-GPU-p0/9/0";
    CHECK(read("MIG-GPU-p0/9/0", old_driver).order == Indices{0});
}

TEST_CASE("topology: an ordinal counts the GPU of MIG instances and means the first of them") {
    const GrantedGpus granted = read("1,0", split_gpu());
    CHECK(granted.order == Indices{2, 1});
    CHECK(says(granted, "CUDA uses its first instance"));
    CHECK(on_split("GPU-p0") == Indices{1});
    CHECK(visible_gpus(std::nullopt, split_gpu(), UnknownGpu::ends_list).order == Indices{1, 0, 2});
    CHECK(as_slurm("0,2", split_gpu()).order == Indices{1, 2});
    CHECK(as_slurm("0", split_gpu()).notes.empty());
}

TEST_CASE("topology: a GPU in MIG mode without instances counts and is never granted") {
    std::vector<Gpu> gpus = four_gpus();
    gpus[1].usable = false;
    CHECK(visible_gpus(std::nullopt, gpus, UnknownGpu::ends_list).order == Indices{0, 2, 3});
    CHECK(read("0,2", gpus).order == Indices{0, 2});
    CHECK(read("0,1,2", gpus).order == Indices{0});
}

TEST_CASE("topology: GPUs of other vendors do not count beside NVIDIA's") {
    std::vector<Gpu> gpus = four_gpus();
    gpus[0].vendor = amd_vendor;
    CHECK(read("0,1", gpus).order == Indices{1, 2});
    CHECK(visible_gpus(std::nullopt, gpus, UnknownGpu::is_error).order == Indices{1, 2, 3});
    for (Gpu& gpu : gpus) gpu.vendor = amd_vendor;
    CHECK(read("0,1", gpus).order == Indices{0, 1});
}

TEST_CASE("topology: ordinals of GPUs that are not alike are a guess without PCI order") {
    std::vector<Gpu> gpus = four_gpus();
    gpus[3].name = "T4";
    CHECK(says(read("0", gpus), "CUDA_DEVICE_ORDER=PCI_BUS_ID"));
    CHECK(read("GPU-aa00", gpus).notes.empty());
    CHECK(visible_gpus(GpuList{"0", GpuList::Kind::cuda, true}, gpus, UnknownGpu::is_error)
              .notes.empty());
    gpus[3].visible = false;
    CHECK(read("0", gpus).notes.empty());
    gpus[3].visible = true;
    gpus[3].vendor = amd_vendor;
    CHECK(read("0", gpus).notes.empty());
}
