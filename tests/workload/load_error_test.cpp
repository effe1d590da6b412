// SPDX-License-Identifier: Apache-2.0
// Golden messages: every refusal names its place, the reason and what to type.
#include <doctest/doctest.h>

#include "tests/workload/example.hpp"
#include "tests/workload/message.hpp"

using namespace warpstep::workload;

namespace {

const ExampleFolder folder;

std::string without(std::string text, const std::string& part) {
    for (auto at = text.find(part); at != std::string::npos; at = text.find(part)) {
        text.erase(at, part.size());
    }
    return text;
}

// The message with the folder's name taken out.
std::string error_of(const std::string& text, const std::vector<std::string>& overrides = {}) {
    const std::string message = message_of(
        [&] { parse_workload(text, folder.file("w.yaml"), overrides, example_operations()); });
    return without(message, folder.file(""));
}

const std::string meet = "steps: [ { name: meet, run: barrier } ]\n";

// Lines 1 and 2 are `version` and `steps`; `section` starts at line 3.
std::string section_error(const std::string& section,
                          const std::vector<std::string>& overrides = {}) {
    return error_of("version: 1\n" + meet + section + "\n", overrides);
}

// A step in line 6 with the buffers x and y, the param n and the dataset train.
std::string step_error(const std::string& step) {
    return error_of(
        "version: 1\nparams: { n: 4 }\n"
        "datasets: { train: { file: train.csv, target: y, batch: { global: 8 } } }\n"
        "buffers: { x: { count: n }, y: { count: n } }\nsteps:\n- " +
        step + "\n");
}

}  // namespace

TEST_CASE("workload: what is not one YAML map is refused") {
    CHECK(error_of("") == "w.yaml:1:1: the file is empty; start with 'version: 1'");
    CHECK(error_of("# only a comment\n") ==
          "w.yaml:1:1: the file is empty; start with 'version: 1'");
    CHECK(error_of("---\n") == "w.yaml:1:1: the file is empty; start with 'version: 1'");
    CHECK(error_of("- a\n- b\n") == "w.yaml:1:1: the file must be a map, not a list");
    CHECK(error_of("hello") == "w.yaml:1:1: the file must be a map, not a single value");
    CHECK(error_of("version: 1\n---\nversion: 1\n") ==
          "w.yaml:2:1: the file goes on after its end (one file holds one workload); remove what "
          "follows");
    CHECK(error_of("{ version: 1 },\n") ==
          "w.yaml:1:15: the file goes on after its end (one file holds one workload); remove what "
          "follows");
    CHECK(error_of("version: 1\nname: *nobody\n") ==
          "w.yaml:2:7: undefined alias (no '&' anchor of that name before it); quote a text that "
          "starts with '*'");
    CHECK(error_of("version: 1\nparams: { n: 1\nsteps: x\n").find("not valid YAML (") !=
          std::string::npos);
    CHECK(error_of("version: 1\nsteps: [a]]\n") ==
          "w.yaml:2:11: not valid YAML (illegal flow end); check indentation, quotes and brackets "
          "here");
    CHECK(section_error("{a: b}: c") == "w.yaml:3:1: a key of the file must be a word, not a map");
    CHECK(section_error("name: !color red") ==
          "w.yaml:3:7: the tag '!color' has no meaning here (values are typed by their key); "
          "remove it");
}

TEST_CASE("workload: size and nesting are bounded") {
    CHECK(error_of(std::string((1 << 20) + 1, ' ')) ==
          "w.yaml: the file is too large (1.0 MiB, at most 1 MiB); keep data in datasets");
    const std::string deep(100000, '[');
    CHECK(error_of(deep).find("nested too deeply") != std::string::npos);
    std::string dashes;
    for (int i = 0; i < 100000; ++i) dashes += "- ";
    CHECK(error_of(dashes).find("nested too deeply") != std::string::npos);
    std::string params = "params:\n";
    for (int i = 0; i < 1001; ++i) params += "  p" + std::to_string(i) + ": 1\n";
    CHECK(section_error(params) == "w.yaml:1004:3: 'params' has more than 1000 keys");
}

TEST_CASE("workload: the version must be known") {
    CHECK(error_of(meet) == "w.yaml:1:1: the file needs the key 'version'");
    CHECK(error_of("version: 2\n" + meet) ==
          "w.yaml:1:10: unknown version '2' (this program reads version 1); write 'version: 1'");
    CHECK(error_of("version:\n" + meet) ==
          "w.yaml:1:1: 'version' needs a value (a single value); write it or remove the key");
}

TEST_CASE("workload: unknown and duplicate keys") {
    CHECK(section_error("bufers: {}") ==
          "w.yaml:3:1: unknown key 'bufers' in the file; did you mean 'buffers'?");
    CHECK(section_error("name: a\nname: b") ==
          "w.yaml:4:1: duplicate key 'name' (first in line 3); remove one of them");
    CHECK(section_error("params:\n  n: 1\n  n: 2") ==
          "w.yaml:5:3: duplicate key 'n' (first in line 4); remove one of them");
}

TEST_CASE("workload: values of another form than the schema wants") {
    CHECK(section_error("params: [1]") == "w.yaml:3:9: 'params' must be a map, not a list");
    CHECK(section_error("expect: a > b") ==
          "w.yaml:3:9: 'expect' must be a list, not a single value");
    CHECK(section_error("name: [a]") == "w.yaml:3:7: 'name' must be a single value, not a list");
    CHECK(section_error("params:") ==
          "w.yaml:3:1: 'params' needs a value (a map); write it or remove the key");
    CHECK(error_of("version: 1\nsteps: []\n") ==
          "w.yaml:2:8: 'steps' is empty; write for example [ { name: meet, run: barrier } ]");
    CHECK(error_of("version: 1\n") == "w.yaml:1:1: the file needs the key 'steps'");
}

TEST_CASE("workload: params") {
    CHECK(section_error("params: { 2n: 1 }") ==
          "w.yaml:3:11: '2n' cannot name a param (letters, digits and '_', no digit first); rename "
          "it");
    CHECK(section_error("params: { rank: 1 }") ==
          "w.yaml:3:11: 'rank' cannot name a param (it has a meaning in expressions); rename it");
    CHECK(section_error("params: { min: 1 }").find("'min' cannot name a param") !=
          std::string::npos);
    CHECK(section_error("params: { size: 1, n: 2 * siz }") ==
          "w.yaml:3:27: unknown name 'siz'; did you mean 'size'?");
    CHECK(
        section_error("params: { n: later, later: 1 }").find("w.yaml:3:14: unknown name 'later'") ==
        0);
    CHECK(section_error("params: { n: 64M }").find("w.yaml:3:16: '64M' is ambiguous") == 0);
    CHECK(section_error("params: { n: selct(true, 1, 2) }") ==
          "w.yaml:3:14: 'selct(true' ends inside parentheses (a comma ends a value inside { } and "
          "[ ]); put quotes "
          "around the expression: 'selct(true, …'");
    CHECK(section_error("params:\n  n: selct(true, 1, 2)") ==
          "w.yaml:4:6: unknown function 'selct'; did you mean 'select'?");
    CHECK(section_error("params:\n  n: >\n    1 +\n    nobody")
              .find("w.yaml:4:6: unknown name 'nobody'") == 0);
    CHECK(section_error("params:\n  n: 'nobody'").find("w.yaml:4:7: unknown name 'nobody'") == 0);
    CHECK(section_error("params: { n: device.kid == cuda }") ==
          "w.yaml:3:14: unknown name 'device.kid'; did you mean 'device.kind'?");
    CHECK(section_error("params: { n: rank == cuda }").find("w.yaml:3:22: unknown name 'cuda'") ==
          0);
}

TEST_CASE("workload: --set") {
    const std::string params = "params: { samples: 4, rate: 0.1 }";
    CHECK(section_error(params, {"sample=1"}) ==
          "--set names an unknown param 'sample'; did you mean 'samples'? (params of this file: "
          "samples, rate)");
    CHECK(section_error("", {"n=1"}) ==
          "--set names an unknown param 'n' (params of this file: none)");
    for (const char* text : {"samples", "=1", "samples=", "samples= "}) {
        CHECK(section_error(params, {text}) ==
              "malformed --set '" + std::string(text) +
                  "' (it has no name or no value); write --set name=expression");
    }
    CHECK(section_error(params, {"samples=2 * 64M"})
              .find("--set samples: column 7: '64M' is ambiguous") == 0);
    CHECK(section_error(params, {"samples=rate"})
              .find("--set samples: column 1: unknown name 'rate'") == 0);
}

TEST_CASE("workload: ranks and placement") {
    CHECK(section_error("ranks: { exakt: 2 }") ==
          "w.yaml:3:10: unknown key 'exakt' in 'ranks'; did you mean 'exact'?");
    CHECK(section_error("ranks: { min: 0 }") == "w.yaml:3:15: 'min' is 0 (it must be 1 or more)");
    CHECK(section_error("ranks: { min: 1.5 }")
              .find("w.yaml:3:15: expected a whole number (this is 1.5)") == 0);
    CHECK(section_error("placement: { gpus_per_task: lots }")
              .find("w.yaml:3:29: unknown name 'lots'") == 0);
    CHECK(section_error("placement: { share: 0 }") ==
          "w.yaml:3:21: 'share' is 0 (it must be 1 or more)");
    CHECK(section_error("placement: { share: 4Gi }") ==
          "w.yaml:3:21: 'share' is too large (4294967296)");
    CHECK(section_error("placement: { cpu: neargpu }") ==
          "w.yaml:3:19: 'cpu' cannot be 'neargpu'; did you mean 'near_gpu'?");
    CHECK(section_error("placement: { strict: yes }") ==
          "w.yaml:3:22: 'strict' must be true or false, not 'yes'");
    CHECK(section_error("placement: { share: false, gpus_per_task: auto }") == "no error");
}

TEST_CASE("workload: datasets") {
    const auto error = [](const std::string& keys) {
        return section_error("datasets: { d: { " + keys + " } }");
    };
    const std::string batch = ", batch: { global: 1 }";
    CHECK(error("target: y") == "w.yaml:3:16: 'd' needs exactly one of 'file' and 'generate'");
    CHECK(error("file: train.csv" + batch) ==
          "w.yaml:3:16: 'd' needs the key 'target' beside 'file'; write for example target: y");
    CHECK(error("file: none.csv, target: y" + batch) ==
          "w.yaml:3:24: cannot read none.csv (No such file or directory); paths are relative to "
          "the workload file");
    CHECK(error("file: folder.csv, target: y" + batch) ==
          "w.yaml:3:24: cannot read folder.csv (it is a directory); name a file");
    CHECK(error("file: w.yaml, target: y" + batch) ==
          "w.yaml:3:24: cannot read 'w.yaml' as a table (its name does not end in .csv or .npy); "
          "convert it");
    CHECK(error("file: train.npy, target: y" + batch) ==
          "w.yaml:3:43: the target of an .npy file must be 'last' (its columns have no names), not "
          "'y'");
    CHECK(error("file: train.csv, target: y") == "w.yaml:3:16: 'd' needs the key 'batch'");
    CHECK(error("file: train.csv, target: y, batch: { global: 1, per_rank: 1 }") ==
          "w.yaml:3:53: 'batch' needs exactly one of 'global' and 'per_rank'");
    CHECK(error("file: train.csv, target: y, batch: { global: 0 }") ==
          "w.yaml:3:63: 'global' is 0 (it must be 1 or more)");
    CHECK(error("file: train.csv, target: y, shuffle: { seed: 1, every: step }" + batch) ==
          "w.yaml:3:73: 'every' cannot be 'step'; known: epoch, run");
}

TEST_CASE("workload: buffers") {
    const auto error = [](const std::string& keys) {
        return section_error("buffers: { x: { " + keys + " } }");
    };
    CHECK(error("dtype: f32") == "w.yaml:3:15: 'x' needs exactly one of 'count' and 'shape'");
    CHECK(error("count: 1, shape: [1]") ==
          "w.yaml:3:15: 'x' needs exactly one of 'count' and 'shape'");
    CHECK(error("count: 1, dtype: float32") ==
          "w.yaml:3:34: 'dtype' cannot be 'float32'; known: f32, f64, i32, i64, u8, "
          "f16, bf16, f8e4m3");
    CHECK(error("count: nope").find("w.yaml:3:24: unknown name 'nope'") == 0);
    CHECK(error("count: -1") == "w.yaml:3:24: 'count' is -1 (it must be 0 or more)");
    CHECK(error("count: 10MB")
              .find("w.yaml:3:24: expected a whole number (9.5 MiB has a unit, bytes)") == 0);
    CHECK(error("count: min(4, 2)") ==
          "w.yaml:3:24: 'min(4' ends inside parentheses (a comma ends a value inside { } and [ ]); "
          "put quotes around "
          "the expression: 'min(4, …'");
    CHECK(error("shape: []") == "w.yaml:3:24: 'shape' is empty; write for example [4, 2]");
    CHECK(error("count: 1, init: itoa").find("w.yaml:3:33: unknown name 'itoa'") == 0);
    CHECK(error("count: 1, init: iot") == "w.yaml:3:33: unknown init 'iot'; did you mean 'iota'?");
    CHECK(error("count: 1, init: { random: unifrm }") ==
          "w.yaml:3:43: 'random' cannot be 'unifrm'; did you mean 'uniform'?");
    CHECK(error("count: 1, init: { seed: 1 }") ==
          "w.yaml:3:33: 'init' needs exactly one of 'random' and 'file'");
    CHECK(error("count: 1, memory: gpu").find("w.yaml:3:35: 'memory' cannot be 'gpu'; known: ") ==
          0);
    CHECK(section_error("params: { x: 1 }\nbuffers: { x: { count: 1 } }") ==
          "w.yaml:4:12: 'x' cannot name a buffer (it already names a param); rename one of them");
}

TEST_CASE("workload: steps and their arguments") {
    CHECK(step_error("{ run: barrier }") == "w.yaml:6:3: an entry of 'steps' needs the key 'name'");
    CHECK(step_error("{ name: 1st, run: barrier }").find("w.yaml:6:11: '1st' cannot name a step") ==
          0);
    CHECK(step_error("{ name: s, run: barrier }\n- { name: s, run: barrier }") ==
          "w.yaml:7:11: another step is named 's' (names are unique in the file); rename one of "
          "them");
    CHECK(step_error("{ name: s }") ==
          "w.yaml:6:3: step 's' needs exactly one of 'run' and 'steps'");
    CHECK(step_error("{ name: s, run: barrier, steps: [] }") ==
          "w.yaml:6:3: step 's' needs exactly one of 'run' and 'steps'");
    CHECK(step_error("{ name: s, runn: barrier }") ==
          "w.yaml:6:14: unknown key 'runn' in step 's'; did you mean 'run'?");
    CHECK(step_error("{ name: s, run: all_redcue }") ==
          "w.yaml:6:19: unknown operation 'all_redcue'; did you mean 'all_reduce'?");
    CHECK(step_error("{ name: s, run: axpy, with: { alpha: 1, x: x } }") ==
          "w.yaml:6:19: 'axpy' needs the argument 'y'; write with: { alpha: …, x: …, y: … }");
    CHECK(step_error("{ name: s, run: axpy, with: { alhpa: 1, x: x, y: y } }") ==
          "w.yaml:6:33: unknown argument 'alhpa' of 'axpy'; known: alpha, x, y");
    CHECK(step_error("{ name: s, run: barrier, with: { x: x } }") ==
          "w.yaml:6:36: unknown argument 'x' ('barrier' takes none); remove it");
    CHECK(step_error("{ name: s, run: axpy, with: { alpha: 1, x: xx, y: y } }")
              .find("w.yaml:6:46: unknown name 'xx'") == 0);
    CHECK(step_error("{ name: s, run: axpy, with: { alpha: 2 * y, x: x, y: y } }")
              .find("w.yaml:6:44: unknown name 'y'") == 0);
    CHECK(step_error("{ name: s, run: all_reduce, with: { buffer: x, op: summ } }") ==
          "w.yaml:6:54: 'op' cannot be 'summ'; did you mean 'sum'?");
    CHECK(step_error("{ name: s, run: barrier, if: rak == 0 }") ==
          "w.yaml:6:32: unknown name 'rak'; did you mean 'rank'?");
    CHECK(step_error("{ name: s, run: barrier, repeat: { times: 0 } }") ==
          "w.yaml:6:45: 'times' is 0 (it must be 1 or more)");
    CHECK(step_error("{ name: s, run: barrier, timeout: 30 }") ==
          "w.yaml:6:37: 'timeout' must be a duration above 0, not 30; write 30s or 5m");
}

TEST_CASE("workload: containers and loops") {
    const auto loop_error = [](const std::string& loops,
                               const std::string& inner = "run: barrier") {
        return step_error("{ name: s, for_each: " + loops + ", steps: [ { name: t, " + inner +
                          " } ] }");
    };
    CHECK(loop_error("[ { e: range(n) } ]") == "no error");
    CHECK(loop_error("[]") ==
          "w.yaml:6:24: 'for_each' is empty; write for example [ { epoch: range(2) } ]");
    CHECK(loop_error("[ { e: range(m) } ]").find("w.yaml:6:37: unknown name 'm'") == 0);
    CHECK(loop_error("[ { e: tran } ]") ==
          "w.yaml:6:31: unknown dataset 'tran'; did you mean 'train'?");
    CHECK(loop_error("[ { e: 4 } ]") ==
          "w.yaml:6:31: cannot loop over '4'; write range(count) or the name of a dataset");
    CHECK(loop_error("[ { e: range(n), f: train } ]") ==
          "w.yaml:6:26: a loop has one variable; write '- name: range(count)'");
    CHECK(loop_error("[ { n: range(2) } ]") ==
          "w.yaml:6:28: 'n' cannot name a loop variable (it already names a param); rename one of "
          "them");
    CHECK(loop_error("[ { e: range(n) } ]", "run: barrier, if: e == 0") ==
          "w.yaml:6:83: 'e' changes while the loop runs (this value is decided once, before the "
          "run); use it in "
          "'with' only");
    CHECK(loop_error("[ { b: train } ]", "run: axpy, with: { alpha: b.sise, x: x, y: y }") ==
          "w.yaml:6:88: unknown name 'b.sise'; did you mean 'b.size'?");
    CHECK(step_error("{ name: s, run: barrier, for_each: [ { e: range(2) } ] }") ==
          "w.yaml:6:38: 'for_each' belongs to a step with 'steps'; put the operation below it");
    CHECK(step_error("{ name: s, repeat: { times: 2 }, steps: [ { name: t, run: barrier } ] }") ==
          "w.yaml:6:22: 'repeat' belongs to a step with 'run'; move it to the steps inside");
    CHECK(step_error("&self { name: s, steps: [ *self ] }") ==
          "w.yaml:6:29: an alias inside what it names (a value cannot hold itself); write it out");
}

TEST_CASE("workload: verify, expect and report") {
    const auto verify_error = [](const std::string& rules) {
        return step_error("{ name: s, run: barrier, verify: { " + rules + " } }");
    };
    CHECK(verify_error("out: { equals: 1 }") == "w.yaml:6:38: unknown buffer 'out'; known: x, y");
    CHECK(verify_error("x: { ulp: 1 }") ==
          "w.yaml:6:41: 'x' needs exactly one of 'equals', 'reference', 'same_as' and "
          "'same_on_all_ranks'");
    CHECK(verify_error("x: { equals: 1, ulp: 1, exact: true }") ==
          "w.yaml:6:41: 'x' mixes tolerances; give one of 'exact', 'ulp' or 'rtol' with 'atol'");
    CHECK(verify_error("x: { equals: 1, rtol: 1s }") ==
          "w.yaml:6:60: 'rtol' must be a number without a unit, 0 or more, not 1s");
    CHECK(verify_error("x: { same_on_all_ranks: true, ulp: 1 }")
              .find("'same_on_all_ranks' stands alone") != std::string::npos);
    CHECK(verify_error("x: { same_on_all_ranks: false }")
              .find("'same_on_all_ranks' can only be true") != std::string::npos);
    CHECK(verify_error("x: { equals: y + zz }")
              .find("w.yaml:6:55: unknown name 'zz'; known: x, y, n") == 0);
    CHECK(verify_error("x: { equals: beforee(y) }") ==
          "w.yaml:6:51: unknown function 'beforee'; did you mean 'before'?");
    CHECK(section_error("expect: [ { when: true } ]") ==
          "w.yaml:3:11: an entry of 'expect' needs the key 'that'");
    CHECK(section_error("expect: [ max(a, b) < 2 ]")
              .find("w.yaml:3:16: expected ')' (a comma ends a value") == 0);
    CHECK(section_error("report: { values: [w] }") == "w.yaml:3:20: unknown buffer 'w'");
}
