// SPDX-License-Identifier: Apache-2.0
// Steps: operations and containers.
#include "runtime/workload/schema_needs.hpp"

namespace warpstep::workload {
namespace {

constexpr std::string_view inside = "move it to the steps inside";

std::vector<Key> keys_of_operations() {
    return {{"run", text_form("an operation"),
             "a built-in operation (`warpstep kernels` lists them) or an entry of `kernels`",
             "all_reduce", ""},
            {"with", named_form("argument", expression_form("a buffer, a dataset or a value")),
             "the operation's arguments", "{ buffer: x }", "", optional, "run", inside},
            {"stream", text_form("a stream"), "where it is queued", "copy", "the default stream",
             optional, "run", inside},
            {"device", count_form(0),
             "which of the task's devices; the number wraps where there are fewer", "1",
             "all of them", optional, "run", inside},
            {"group", any_of({expression_form("true or false"), section_form(group_section)}),
             "the ranks that take part in a collective; roots and parts count inside the group",
             "rank < 2", "all ranks", optional, "run", inside},
            {"repeat", section_form(repeat_section), "run it more than once and measure each time",
             "{ warmup: 5, times: 100 }", "once", optional, "run", inside},
            {"timeout", expression_form("a duration"), "longer means failed", "30s", "none",
             optional, "run", inside}};
}

std::vector<Key> keys_of_containers() {
    return {
        {"steps", list_form(section_form(step_section), 1), "the steps inside",
         "[ { name: inner, run: barrier } ]", ""},
        {"for_each",
         list_form(named_form("variable", expression_form("range(count) or a dataset"), 1, 1), 1),
         "loops over the steps inside, the first one outermost", "[ { epoch: range(2) } ]", "once",
         optional, "steps", "put the operation below it"},
        {"graph", section_form(graph_section),
         "capture the steps inside once and launch them together", "{ launches: 10 }", "", optional,
         "steps", "put the operation below it"}};
}

}  // namespace

const Section& step_section() {
    static const Section section = [] {
        Section step{
            "step",
            "a step",
            "A step with `run` is one operation. A step with `steps` holds other steps: it is one "
            "step of its own list, on the default stream.",
            {{"name", text_form("a name"), "unique in the file", "s", "", required},
             {"if", expression_form("true or false"), "decided once on each rank, before the run",
              "rank == 0", "true"},
             {"needs", any_of({text_form("a step"), list_form(text_form("a step"))}),
              "earlier steps of the same list that must be finished", "[load]", ""}}};
        const std::vector<Key> judged{
            {"continue_on_error", truth_form(),
             "a failure of this step is shown but does not count", "true", "false"},
            {"verify", named_form("buffer", section_form(verify_section)),
             "what the buffers must hold after the step has run once from their first values",
             "{ x: { equals: 1 } }", ""},
            {"expect",
             list_form(
                 any_of({expression_form("true or false"), section_form(expectation_section)})),
             "what must hold for the step's metrics", "[ time.median < 1s ]", ""}};
        for (const auto& more : {keys_of_operations(), keys_of_containers(), judged})
            step.keys.insert(step.keys.end(), more.begin(), more.end());
        step.choices = {{"run", "steps"}};
        step.example = R"(steps:
  - { name: load, stream: copy, run: copy, with: { from: h, to: x } }
  - name: multiply
    stream: compute
    needs: [load]
    run: gemm
    with: { a: x, b: w, c: y }
    repeat: { warmup: 5, times: 100 }
    expect: [ flops.median >= 10TFLOP/s ]
)";
        return step;
    }();
    return section;
}

const Section& group_section() {
    static const Section section{
        "group",
        "a group",
        "The ranks fall into one group for each value, and every group "
        "runs the collective for itself.",
        {{"by", count_form(0), "a number that the members of a group share", "node", "", required}},
        {},
        "steps:\n  - { name: within-nodes, run: all_reduce, with: { "
        "buffer: x }, group: { by: node } }\n"};
    return section;
}

const Section& graph_section() {
    static const Section section{
        "graph",
        "a graph",
        "The steps inside are captured once and launched as a whole; on the host they are "
        "replayed. Inside stand only operations that need nothing of the host.",
        {{"launches", count_form(1), "how often it is launched", "200", "1"},
         {"warmup", count_form(0), "launches before that, which are not measured", "10", "0"}},
        {},
        R"(steps:
  - name: pipeline
    graph: { launches: 200, warmup: 10 }
    steps:
      - { name: up, run: copy, with: { from: h, to: x } }
      - { name: down, run: copy, with: { from: x, to: h } }
    expect: [ time.median <= 1.10 * critical_path ]
)"};
    return section;
}

const Section& repeat_section() {
    static const Section section{
        "repeat",
        "a repetition",
        "Every time is one sample of the metrics.",
        {{"warmup", count_form(0), "times before that, which are not measured", "5", "0"},
         {"times", count_form(1), "how often it is measured", "100", "1"}}};
    return section;
}

}  // namespace warpstep::workload
