// SPDX-License-Identifier: Apache-2.0
// Files that are shipped or shown to people load with the operations that are really there.
#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>

#include "runtime/base/file.hpp"
#include "runtime/plan/operations.hpp"
#include "runtime/workload/load.hpp"
#include "runtime/workload/matrix.hpp"
#include "tests/support/source_dir.hpp"
#include "tests/workload/message.hpp"

using namespace warpstep::workload;

namespace {

std::vector<std::string> files_of(const std::string& folder) {
    std::vector<std::string> files;
    for (const auto& entry :
         std::filesystem::directory_iterator(warpstep::test::source_dir() + "/" + folder)) {
        const bool is_workload = entry.path().filename() != "check-floors.yaml";
        if (entry.path().extension() == ".yaml" && is_workload) files.push_back(entry.path());
    }
    std::sort(files.begin(), files.end());
    return files;
}

Workload load(const std::string& file) {
    return load_workload(file, {}, warpstep::plan::operations());
}

}  // namespace

TEST_CASE("workload: every file in configs and every example loads") {
    for (const char* folder : {"configs", "tests/workload/examples"}) {
        const auto files = files_of(folder);
        CHECK(files.size() >= 5);
        for (const std::string& file : files) {
            INFO(file);
            CHECK(message_of([&] { load(file); }) == "no error");
        }
    }
}

TEST_CASE("workload: every file in configs names the schema for editors") {
    for (const std::string& file : files_of("configs")) {
        INFO(file);
        CHECK(warpstep::read_file(file).starts_with(
            "# yaml-language-server: $schema=workload.schema.json\n"));
    }
}

TEST_CASE("workload: what the examples say arrives as it is meant") {
    const std::string folder = warpstep::test::source_dir() + "/tests/workload/examples/";
    const Workload triad = load(folder + "stream-triad.yaml");
    CHECK(triad.placement.strict);
    CHECK(triad.steps.at(0).expect.size() == 2);
    CHECK(load(folder + "my-saxpy.yaml").kernels.at(0).args.size() == 4);
    const Workload sgd = load(folder + "data-parallel-generated.yaml");
    CHECK(sgd.datasets.at(0).generate->features.text() == "features");
    CHECK(sgd.datasets.at(0).shard == Uneven::wrap);
    CHECK(sgd.checkpoint->save == std::vector<std::string>{"w"});
    CHECK(sgd.expect.size() == 4);
    const Workload different = load(folder + "different-work-per-rank.yaml");
    CHECK(different.steps.at(1).verify.at(0).reference == "gemm.naive");
    CHECK(different.steps.at(1).condition->text() == "rank == 1");
    const Workload overlap = load(folder + "copy-compute-overlap.yaml");
    const Step& pipeline = overlap.steps.at(0);
    CHECK(pipeline.graph->launches->text() == "200");
    CHECK(pipeline.steps.at(3).needs.at(0).step == "up1");
    CHECK(pipeline.verify.at(1).same_as == "y0");
}
