// SPDX-License-Identifier: Apache-2.0
// The file as a whole, and what it asks of the step: ranks, placement.
#include "runtime/workload/schema_needs.hpp"
#include "runtime/workload/words.hpp"

namespace warpstep::workload {
namespace {

std::vector<Key> declarations() {
    return {
        {"version", word_form({"1"}), "the version of the language", "1", "", required},
        {"name", text_form("text"), "shown in reports", "triad", "the file's name"},
        {"description", text_form("text"), "one line for people", "memory bandwidth", ""},
        {"matrix", named_form("param", list_form(expression_form("a value"), 1)),
         "the workload runs once for every combination of these params, the first name slowest; "
         "`--set` fixes one",
         "{ m: [1Ki, 1Mi] }", ""},
        {"params", named_form("param", expression_form("a value")),
         "named values, evaluated on each rank; a later one may use an earlier one; `--set "
         "NAME=VALUE` and `--params FILE` replace them",
         "{ m: 64Mi }", ""},
        {"ranks", section_form(ranks_section), "how many ranks the workload is meant for",
         "{ min: 2 }", "any number"},
        {"placement", section_form(placement_section), "what each task gets",
         "{ gpus_per_task: 1 }", ""},
        {"buffers", named_form("buffer", section_form(buffer_section)),
         "memory with a type, a size and first values; one on every device of every rank",
         "{ z: { count: 8 } }", ""},
        {"datasets", named_form("dataset", section_form(dataset_section)), "tables of rows",
         "{ data: { generate: { linear: { samples: 8, features: 2 } }, batch: { global: 4 } } }",
         ""},
        {"kernels", named_form("kernel", section_form(kernel_section)),
         "functions of your own, which `run` may name", "{ mine: { source: code, threads: 1 } }",
         ""},
        {"streams", named_form("stream", section_form(stream_section)),
         "streams beside the default one, which needs no entry", "{ copy: {} }", ""}};
}

}  // namespace

const Section& file_section() {
    static const Section section = [] {
        Section file{"file", "the file", "One file holds one workload.", declarations()};
        const std::vector<Key> rest{
            {"steps", list_form(section_form(step_section), 1),
             "what happens; steps on one stream run in this order",
             "[ { name: meet, run: barrier } ]", "", required},
            {"expect",
             list_form(
                 any_of({expression_form("true or false"), section_form(expectation_section)})),
             "what must hold at the end of the run", "[ steps.meet.time.median < 10s ]", ""},
            {"checkpoint", section_form(checkpoint_section),
             "what is kept so that a requeued job goes on where it was",
             "{ every: epoch, save: [x] }", ""},
            {"report", section_form(report_section), "what is written beside the table",
             "{ json: report.json }", ""}};
        file.keys.insert(file.keys.end(), rest.begin(), rest.end());
        file.example = R"(version: 1
name: doubled
params: { n: 1Mi }
buffers:
  x: { dtype: f32, count: n, init: iota }
  y: { dtype: f32, count: n, init: iota }
steps:
  - name: add
    run: axpy                     # y = alpha * x + y
    with: { alpha: 1, x: x, y: y }
    verify: { y: { equals: before(y) + x, ulp: 1 } }
)";
        return file;
    }();
    return section;
}

const Section& ranks_section() {
    static const Section section{
        "ranks",
        "the ranks",
        "A step of another size is refused before anything starts.",
        {{"exact", count_form(1), "this many", "4", ""},
         {"min", count_form(1), "at least this many", "2", "1"},
         {"max", count_form(1), "at most this many", "8", "any number"},
         {"multiple_of", count_form(1), "a multiple of this", "2", "1"},
         {"per_node", count_form(1), "this many on each node", "8", "any number"}},
        {},
        "ranks: { min: 2, max: 32, multiple_of: 2 }\n"};
    return section;
}

const Section& placement_section() {
    static const Section section{
        "placement",
        "a placement",
        "What each task gets of its node. On the host device, `gpus_per_task: k` makes k devices "
        "of "
        "the task's cores.",
        {{"gpus_per_task", any_of({word_form({"auto"}), integer_form(1)}), "devices of each task",
          "2", "auto"},
         {"cpus_per_task", any_of({word_form({"auto"}), integer_form(1)}), "cores of each task",
          "8", "auto"},
         {"share", any_of({word_form({"false"}), integer_form(1)}),
          "how many tasks may use one GPU together", "4", "false"},
         {"cpu", word_form(words_of(cpu_words)), "cores near the task's GPU, or as Slurm chose",
          "inherit", "near_gpu"},
         {"memory", word_form(words_of(memory_policy_words)),
          "memory of the NUMA node near the task's GPU, or as Slurm chose", "inherit", "near_gpu"},
         {"strict", truth_form(), "refuse where it cannot be had instead of warning", "true",
          "false"}},
        {},
        "placement: { gpus_per_task: 1, cpu: near_gpu, strict: true }\n"};
    return section;
}

const Section& stream_section() {
    static const Section section{
        "stream",
        "a stream",
        "Steps on different streams are unordered unless `needs` leads from one to the other; two "
        "such steps that touch one buffer are refused.",
        {{"priority", word_form(words_of(priority_words)), "which of two ready steps goes first",
          "high", "low", optional}},
        {},
        "streams: { copy: { priority: high }, compute: {} }\n"};
    return section;
}

}  // namespace warpstep::workload
