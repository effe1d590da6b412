// SPDX-License-Identifier: Apache-2.0
#include "runtime/topology/visible_gpus.hpp"

#include <doctest/doctest.h>

#include "runtime/base/error.hpp"

using namespace warpstep;
using namespace warpstep::topology;

namespace {

std::vector<Gpu> four_gpus() {
    std::vector<Gpu> gpus(4);
    const char* uuids[] = {"GPU-aa00", "GPU-aa11", "GPU-bb22", ""};
    for (unsigned i = 0; i < 4; ++i) {
        gpus[i].pci.bus = i;
        gpus[i].uuid = uuids[i];
    }
    return gpus;
}

std::vector<int> as_cuda(const char* list) {
    return visible_gpus(std::string(list), four_gpus(), UnknownGpu::ends_list);
}

using Indices = std::vector<int>;

}  // namespace

TEST_CASE("topology: no GPU list grants all GPUs, an empty one none") {
    CHECK(visible_gpus(std::nullopt, four_gpus(), UnknownGpu::is_error) == Indices{0, 1, 2, 3});
    CHECK(as_cuda("").empty());
    CHECK(as_cuda("NoDevFiles").empty());
}

TEST_CASE("topology: a GPU list is read as CUDA reads it") {
    CHECK(as_cuda("2,0") == Indices{0, 2});
    CHECK(as_cuda("0,1,-1,2") == Indices{0, 1});
    CHECK(as_cuda("-1").empty());
    CHECK(as_cuda("1,1,1") == Indices{1});
    CHECK(as_cuda("GPU-bb,GPU-aa11") == Indices{1, 2});
    CHECK(as_cuda("MIG-GPU-bb22/1/0") == Indices{2});
    CHECK(as_cuda(" 3 , 1") == Indices{1, 3});
}

TEST_CASE("topology: an entry that names no single GPU ends the list on a live machine") {
    CHECK(as_cuda("0,4,1") == Indices{0});
    CHECK(as_cuda("0,GPU-aa,1") == Indices{0});  // two GPUs begin like that
    CHECK(as_cuda("0,x,1") == Indices{0});
    CHECK(as_cuda("1,-2,0") == Indices{1});
    CHECK(as_cuda("1,,0") == Indices{1});
}

TEST_CASE("topology: an entry that names no single GPU of a described machine is refused") {
    for (const char* list : {"4", "0,4", "GPU-aa", "GPU-cc", "x", "GPU"}) {
        CAPTURE(list);
        CHECK_THROWS_AS(visible_gpus(std::string(list), four_gpus(), UnknownGpu::is_error),
                        ConfigError);
    }
}

TEST_CASE("topology: ordinals on a machine without GPUs are stand-ins and grant nothing") {
    CHECK(visible_gpus(std::string("0,1"), {}, UnknownGpu::is_error).empty());
    CHECK_THROWS_AS(visible_gpus(std::string("GPU-aa"), {}, UnknownGpu::is_error), ConfigError);
}
