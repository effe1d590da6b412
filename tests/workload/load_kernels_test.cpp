// SPDX-License-Identifier: Apache-2.0
// `kernels:`, what it becomes and what it refuses.
#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>

#include "tests/support/temporary_folder.hpp"
#include "tests/workload/example.hpp"
#include "tests/workload/message.hpp"

using namespace warpstep::workload;

namespace {

struct Folder : warpstep::test::TemporaryFolder {
    Folder() {
        std::ofstream(*this / "k.cu") << "__global__ void k() {}\n";
        std::ofstream(*this / "k.cubin") << "no real image";
        std::ofstream(*this / "k.txt") << "";
        std::filesystem::create_directories(*this / "headers");
    }
};

const Folder& folder() {
    static const Folder made;
    return made;
}

constexpr const char* head =
    "version: 1\nparams: { n: 4 }\nbuffers: { x: { count: n }, y: { count: n } }\n";

Workload parse(const std::string& kernels, const std::string& step = "run: saxpy") {
    return parse_workload(
        head + ("kernels:\n" + kernels) + "\nsteps:\n- { name: s, " + step + " }\n",
        folder() / "w.yaml", {}, example_operations());
}

// Line 5 is the first one of `kernels`; the folder's name is taken out.
std::string error_of(const std::string& kernels, const std::string& step = "run: saxpy") {
    std::string message = message_of([&] { parse(kernels, step); });
    const std::string path = folder() / "";
    for (auto at = message.find(path); at != std::string::npos; at = message.find(path)) {
        message.erase(at, path.size());
    }
    return message;
}

std::string saxpy_error(const std::string& keys) {
    return error_of("  saxpy: { " + keys + " }");
}

std::string argument_error(const std::string& argument) {
    return saxpy_error("source: x, threads: n, args: [" + argument + "]");
}

}  // namespace

TEST_CASE("workload: a kernel with every key") {
    const auto workload = parse(R"(  saxpy:
    entry: my::saxpy<float>
    source: |

      // a comment
        indented
    args:
      - { value: n, type: i64 }
      - { read: x }
      - { update: y }
      - { write: y }
    grid: [n, 2, 3]
    block: [32, 2]
    shared: 1KiB
    options: [-DN=3, --use_fast_math]
    include: [headers]
    bytes: 3 * n * 4
    flops: 2 * n)");
    REQUIRE(workload.kernels.size() == 1);
    const KernelSpec& kernel = workload.kernels[0];
    CHECK(kernel.name == "saxpy");
    CHECK(kernel.entry == "my::saxpy<float>");
    CHECK(kernel.text == "\n// a comment\n  indented\n");
    CHECK(kernel.file == folder() / "w.yaml");
    CHECK(kernel.first_line == 8);
    CHECK(kernel.indent == 6);
    CHECK_FALSE(kernel.compiled);
    CHECK(kernel.options == std::vector<std::string>{"-DN=3", "--use_fast_math"});
    CHECK(kernel.include_folders ==
          std::vector<std::string>{folder().path(), folder() / "headers"});
    REQUIRE(kernel.args.size() == 4);
    CHECK(kernel.args[0].type == ValueType::i64);
    CHECK(kernel.args[1].buffer == "x");
    CHECK(kernel.args[2].role == KernelArgument::Role::update);
    CHECK(kernel.args[3].role == KernelArgument::Role::write);
    CHECK(kernel.args[3].mark.line == 15);
    CHECK(kernel.grid.size() == 3);
    CHECK(kernel.block.size() == 2);
    CHECK(workload.steps[0].run == "saxpy");
}

TEST_CASE("workload: where the text of an inline kernel stands") {
    CHECK(parse("  saxpy: { source: code, threads: n }").kernels[0].first_line == 5);
    CHECK(parse("  saxpy: { source: code, threads: n }").kernels[0].indent == 19);
    const auto block =
        parse("  saxpy:\n    threads: n\n    source: &a |2-\n       code").kernels[0];
    CHECK(block.first_line == 8);
    CHECK(block.text == " code");
    CHECK(block.indent == 6);
}

TEST_CASE("workload: kernels in files, and their part in the hash") {
    const auto source = parse("  saxpy: { file: k.cu, entry: k, threads: 1 }");
    CHECK(source.kernels[0].text == "__global__ void k() {}\n");
    CHECK_FALSE(source.kernels[0].compiled);
    CHECK(parse("  saxpy: { file: k.cubin, threads: 1 }").kernels[0].compiled);
    std::ofstream(folder() / "k.cu") << "__global__ void k() { }\n";
    CHECK(parse("  saxpy: { file: k.cu, entry: k, threads: 1 }").hash != source.hash);
}

TEST_CASE("workload: refusals of kernels") {
    CHECK(saxpy_error("threads: n") ==
          "w.yaml:5:10: 'saxpy' needs exactly one of 'source' and 'file'");
    CHECK(saxpy_error("source: a, file: k.cu, threads: n") ==
          "w.yaml:5:10: 'saxpy' needs exactly one of 'source' and 'file'");
    CHECK(saxpy_error("source: a") ==
          "w.yaml:5:10: 'saxpy' needs exactly one of 'threads' and 'grid'");
    CHECK(saxpy_error("source: a, thread: n") ==
          "w.yaml:5:23: unknown key 'thread' in 'saxpy'; did you mean 'threads'?");
    CHECK(saxpy_error("file: missing.cu, threads: n") ==
          "w.yaml:5:18: cannot read missing.cu (No such file or directory); paths are relative to "
          "the workload file");
    CHECK(saxpy_error("file: k.txt, threads: n") ==
          "w.yaml:5:18: cannot use 'k.txt' as a kernel (its name ends in none of .cu, .cubin, "
          ".fatbin and .ptx); rename it");
    CHECK(saxpy_error("file: k.cubin, options: [-DN], threads: n") ==
          "w.yaml:5:36: 'options' is for sources (k.cubin is compiled already); remove it");
    CHECK(saxpy_error("source: a, threads: n, include: [nowhere]") ==
          "w.yaml:5:45: no folder nowhere (folders are relative to the workload file); correct the "
          "path");
    CHECK(saxpy_error("source: a, threads: n, options: [-Ix]") ==
          "w.yaml:5:45: '-Ix' belongs under 'include' (there, folders are relative to the workload "
          "file); write include: [folder]");
    CHECK(saxpy_error("source: a, threads: n, options: [-arch=sm_90]")
              .find("is decided by the GPU at hand") != std::string::npos);
    CHECK(saxpy_error("source: a, threads: n, options: [-dc]").find("no image that can be run") !=
          std::string::npos);
    CHECK(saxpy_error("source: a, grid: 0") == "w.yaml:5:29: 'grid' is 0 (it must be 1 or more)");
    CHECK(saxpy_error("source: a, threads: [1, 1, 1, 1]") ==
          "w.yaml:5:32: 'threads' has 4 entries; give it 1 to 3");
    CHECK(saxpy_error("source: a, threads: m").starts_with("w.yaml:5:32: unknown name 'm'; "));
    CHECK(error_of("  barrier: { source: a, threads: n }", "run: barrier") ==
          "w.yaml:5:3: 'barrier' cannot name a kernel (it is a built-in operation); rename it, as "
          "in my_barrier");
    CHECK(
        error_of("  a-b: { source: a, threads: n }", "run: barrier") ==
        "w.yaml:5:3: 'a-b' cannot name a kernel (letters, digits and '_', no digit first); rename "
        "it");
    CHECK(error_of("  saxpy:\n    threads: n\n    source: >\n      a\n") ==
          "w.yaml:7:13: 'source' is folded ('>' joins its lines); write '|' so that its lines stay "
          "lines");
    CHECK(error_of("  saxpy: { source: a, threads: n }", "run: saxpi") ==
          "w.yaml:7:19: unknown operation 'saxpi'; did you mean 'saxpy'?");
    CHECK(error_of("  saxpy: { source: a, threads: n }", "run: saxpy, with: { n: 1 }") ==
          "w.yaml:7:32: 'saxpy' is a kernel of this file (its arguments stand in "
          "kernels.saxpy.args, in the order of its signature); remove 'with'");
}

TEST_CASE("workload: refusals of a kernel's arguments") {
    CHECK(argument_error("{ read: z }") == "w.yaml:5:50: unknown buffer 'z'; did you mean 'x'?");
    CHECK(argument_error("{ value: n }") ==
          "w.yaml:5:42: an entry of 'args' needs the key 'type' beside 'value'; write for example "
          "type: f32");
    CHECK(argument_error("{ value: n, type: int }").find("w.yaml:5:60: 'type' cannot be 'int'") ==
          0);
    CHECK(argument_error("{ read: x, type: f32 }") ==
          "w.yaml:5:59: 'type' belongs to an argument with 'value'; remove it");
    CHECK(argument_error("{ read: x, write: y }") ==
          "w.yaml:5:42: an entry of 'args' needs exactly one of 'read', 'write', 'update' and "
          "'value'");
    CHECK(argument_error("{ type: f32 }")
              .find("needs exactly one of 'read', 'write', 'update' and") != std::string::npos);
    CHECK(argument_error("{ value: x, type: f32 }").find("unknown name 'x'") != std::string::npos);
}
