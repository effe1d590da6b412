// SPDX-License-Identifier: Apache-2.0
// What is judged, kept and written.
#include "runtime/workload/schema_needs.hpp"

namespace warpstep::workload {
const Section& verify_section() {
    static const Section section{
        "verify",
        "a verification",
        "The buffers get their first values again, the step runs once, and the result is compared: "
        "timing is not disturbed. Without a tolerance whole numbers must be equal and others "
        "within 1 ulp. NaN and "
        "infinity fail.",
        {{"equals", expression_form("an expression for each element"),
          "buffers stand for their element, `index` for its number, `before(x)` for the value at "
          "the start; computed in double",
          "before(x) + 1", ""},
         {"reference", text_form("an operation"),
          "an operation with the same arguments that computes it another way", "gemm.naive", ""},
         {"same_as", text_form("a buffer"), "another buffer that must hold the same", "y", ""},
         {"same_on_all_ranks", truth_form(), "every rank holds the same bits; stands alone", "true",
          ""},
         {"exact", truth_form(), "no difference is allowed", "true", "false"},
         {"ulp", number_form(), "difference in units of the last place", "2", ""},
         {"rtol", number_form(), "difference relative to the expected value", "1e-6", "0"},
         {"atol", number_form(), "absolute difference, added to that", "1e-9", "0"},
         {"allow_nan", truth_form(), "NaN equals NaN", "true", "false"}},
        {{"equals", "reference", "same_as", "same_on_all_ranks"}},
        R"(steps:
  - name: triad
    run: stream.triad
    with: { a: a, b: b, c: c, scalar: 0.4 }
    verify: { a: { equals: b + 0.4 * c, ulp: 1 } }
)"};
    return section;
}

const Section& expectation_section() {
    static const Section section{
        "expectation",
        "an expectation",
        "An expression alone always counts; with `when` it is skipped where that is false.",
        {{"that", expression_form("true or false"), "what must hold", "time.median < 1s", "",
          required},
         {"when", expression_form("true or false"), "where it must", "device.kind == cuda",
          "true"}},
        {},
        R"(expect:
  - { that: steps.triad.bandwidth.median >= 1TB/s, when: device.kind == cuda }
  - steps.triad.time.max < 1s
)"};
    return section;
}

const Section& checkpoint_section() {
    static const Section section{
        "checkpoint",
        "a checkpoint",
        "Buffers written to files from time to time, so that a requeued job goes on there.",
        {{"every", any_of({word_form({"epoch"}), section_form(every_section)}), "when", "epoch", "",
          required},
         {"save", list_form(text_form("a buffer"), 1), "which buffers", "[x]", "", required},
         {"keep", count_form(1), "how many of the newest ones are kept", "3", "1"},
         {"dir", text_form("a folder"), "where; relative to where the program was started", "saved",
          "checkpoints"}},
        {},
        "checkpoint: { every: { time: 10m }, save: [w], keep: 2, dir: saved }\n"};
    return section;
}

const Section& every_section() {
    static const Section section{
        "every",
        "an interval",
        "How often a checkpoint is written.",
        {{"steps", count_form(1, "steps"), "after that many steps", "100", ""},
         {"time", expression_form("a duration"), "after that long", "10m", ""}},
        {{"steps", "time"}}};
    return section;
}

const Section& report_section() {
    static const Section section{
        "report",
        "a report",
        "Files are written by rank 0; paths are relative to where the program was started.",
        {{"values", list_form(text_form("a buffer")),
          "small buffers whose content goes into the report", "[x]", "none"},
         {"json", text_form("a path"), "everything, as JSON; `--json` wins", "out.json", ""},
         {"junit", text_form("a path"), "verdicts as JUnit XML", "out.xml", ""},
         {"csv", text_form("a path"), "metrics, one line each", "out.csv", ""},
         {"prometheus", text_form("a path"), "metrics as a text file for node_exporter", "out.prom",
          ""}},
        {},
        "report: { values: [w], json: result.json, junit: result.xml }\n"};
    return section;
}

}  // namespace warpstep::workload
