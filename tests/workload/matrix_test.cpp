// SPDX-License-Identifier: Apache-2.0
// Several runs of one file, and values of params from outside.
#include "runtime/workload/matrix.hpp"

#include <doctest/doctest.h>

#include <fstream>

#include "tests/support/temporary_folder.hpp"
#include "tests/workload/example.hpp"
#include "tests/workload/message.hpp"

using namespace warpstep::workload;

namespace {

constexpr const char* text =
    "version: 1\nmatrix: { n: [1Ki, 1Mi], m: [1, 2] }\nparams: { size: n * m, rate: 0.1 }\n"
    "steps: [ { name: meet, run: barrier } ]\n";

Workload parse(const std::vector<std::string>& overrides = {}) {
    return parse_workload(text, "w.yaml", overrides, example_operations());
}

std::vector<std::string> suffixes(const Workload& workload) {
    std::vector<std::string> result;
    for (const auto& values : combinations(workload)) result.push_back(combination_suffix(values));
    return result;
}

std::string error_of(const std::string& matrix, const std::vector<std::string>& overrides = {}) {
    return message_of([&] {
        parse_workload("version: 1\nmatrix: " + matrix +
                           "\nparams: { a: 1 }\nsteps: [ { name: meet, run: barrier } ]\n",
                       "w.yaml", overrides, example_operations());
    });
}

}  // namespace

TEST_CASE("workload: a matrix is every combination, the first name slowest") {
    CHECK(suffixes(parse()) ==
          std::vector<std::string>{" [n=1Ki m=1]", " [n=1Ki m=2]", " [n=1Mi m=1]", " [n=1Mi m=2]"});
    const Workload plain = parse_workload("version: 1\nsteps: [ { name: meet, run: barrier } ]\n",
                                          "w.yaml", {}, example_operations());
    CHECK(suffixes(plain) == std::vector<std::string>{""});
}

TEST_CASE("workload: the axes are params, which come first and hold one combination") {
    const Workload loaded = parse();
    REQUIRE(loaded.params.size() == 4);
    CHECK(loaded.params[0].name == "n");
    CHECK(loaded.params[0].value.text() == "1Ki");
    CHECK(loaded.params[1].name == "m");
    const Workload last = with_params(loaded, combinations(loaded).back());
    REQUIRE(last.params.size() == 4);
    CHECK(last.params[0].value.text() == "1Mi");
    CHECK(last.params[1].value.text() == "2");
    CHECK(last.params[2].value.text() == "n * m");
}

TEST_CASE("workload: --set fixes an axis") {
    CHECK(suffixes(parse({"n=4"})) == std::vector<std::string>{" [n=4 m=1]", " [n=4 m=2]"});
    CHECK(parse({"n=4"}).params[0].value.text() == "4");
}

TEST_CASE("workload: refusals of a matrix") {
    CHECK(error_of("{ n: 4 }") == "w.yaml:2:14: 'n' must be a list, not a single value");
    CHECK(error_of("{ n: [] }") == "w.yaml:2:14: 'n' is empty; write an entry");
    CHECK(error_of("{ n: [1, m] }").starts_with("w.yaml:2:18: unknown name 'm'"));
    CHECK(error_of("{ n: [1], m: [n] }").starts_with("w.yaml:2:23: unknown name 'n'"));
    CHECK(error_of("{ rank: [1] }") ==
          "w.yaml:2:11: 'rank' cannot name a param (it has a meaning in expressions); rename it");
    CHECK(error_of("{ a: [1] }") ==
          "w.yaml:3:11: 'a' cannot name a param (it already names a param); rename one of them");
    std::string list = "[0";
    for (int i = 1; i < 101; ++i) list += ", " + std::to_string(i);
    CHECK(error_of("{ n: " + list + "], m: " + list + "] }") ==
          "w.yaml:2:9: 'matrix' has more than 10000 combinations; shorten its lists");
}

TEST_CASE("workload: params files are below --set, and the last one holds") {
    const warpstep::test::TemporaryFolder folder;
    std::ofstream(folder / "a.yaml") << "rate: 0.2\nm: 5\n";
    std::ofstream(folder / "b.yaml") << "{ rate: 0.3 }\n";
    const auto load = [&](const LoadOptions& options) {
        return parse_workload(text, "w.yaml", example_operations(), options);
    };
    const Workload both = load({{}, {folder / "a.yaml", folder / "b.yaml"}});
    CHECK(both.params[3].value.text() == "0.3");
    CHECK(suffixes(both) == std::vector<std::string>{" [n=1Ki m=5]", " [n=1Mi m=5]"});
    CHECK(load({{"rate=0.4"}, {folder / "a.yaml"}}).params[3].value.text() == "0.4");
    CHECK(both.hash != load({{}, {}}).hash);
}

TEST_CASE("workload: a params file may only name params, and says where it does not") {
    const warpstep::test::TemporaryFolder folder;
    const auto error = [&](const std::string& content) {
        std::ofstream(folder / "p.yaml") << content;
        std::string message = message_of([&] {
            parse_workload(text, "w.yaml", example_operations(), {{}, {folder / "p.yaml"}});
        });
        const std::string path = folder / "";
        for (auto at = message.find(path); at != std::string::npos; at = message.find(path))
            message.erase(at, path.size());
        return message;
    };
    CHECK(error("ratte: 1\n") ==
          "p.yaml:1:8: unknown param 'ratte'; did you mean 'rate'? (params of w.yaml: n, m, size, "
          "rate)");
    CHECK(error("rate: 64M\n").starts_with("p.yaml:1:9: '64M' is ambiguous"));
    CHECK(error("rate: size\n").find("no error") == 0);
    CHECK(error("rate: nobody\n").starts_with("p.yaml:1:7: unknown name 'nobody'"));
    CHECK(error("") == "p.yaml:1:1: the file is empty; write 'name: value'");
    CHECK(error("- rate\n") == "p.yaml:1:1: the file must be a map, not a list");
    CHECK(message_of([&] {
              parse_workload(text, "w.yaml", example_operations(), {{}, {folder / "none.yaml"}});
          }).find("No such file or directory") != std::string::npos);
}
