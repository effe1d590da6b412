// SPDX-License-Identifier: Apache-2.0
// Buffers and datasets.
#include "runtime/workload/schema_needs.hpp"
#include "runtime/workload/words.hpp"

namespace warpstep::workload {
namespace {

Form random_seed() {
    return count_form(0, "a whole number");
}

}  // namespace

const Section& buffer_section() {
    static const Section section{
        "buffer",
        "a buffer",
        "Memory with a type, a size and first values.",
        {{"dtype", word_form(words_of(dtype_words)), "type of the elements", "f64", "f32"},
         {"count", count_form(0, "elements"), "number of elements", "64Mi", ""},
         {"shape", list_form(count_form(0, "elements"), 1), "elements in each dimension", "[4, 2]",
          ""},
         {"memory", word_form(words_of(memory_words)),
          "where it lives; `managed` moves between device and host on demand", "host_pinned",
          "device"},
         {"init",
          any_of({word_form(words_of(init_words)), expression_form("a number"),
                  section_form(init_section)}),
          "first values: a number for all of them, 0 1 2 … (`iota`), random ones or a file", "iota",
          "zero"},
         {"finite", truth_form(),
          "NaN or infinity in it fails the run where an expectation, a result (`mse`) or "
          "`report.values` reads it; `false` where they belong there",
          "false", "true"}},
        {{"count", "shape"}},
        R"(buffers:
  a: { dtype: f64, count: 64Mi }
  b: { shape: [rows, columns], init: { random: uniform, seed: rank } }
)"};
    return section;
}

const Section& init_section() {
    static const Section section{
        "init",
        "an init",
        "First values from a formula of (seed, index) or from a file.",
        {{"random", word_form(words_of(random_words)),
          "uniform in [0, 1), standard normal, or small whole numbers, whose products and sums "
          "stay "
          "exact",
          "normal", ""},
         {"seed", random_seed(), "another seed gives other values", "7", "0", optional, "random"},
         {"file", text_form("a path"),
          "an .npy file of the buffer's type, or raw little-endian elements under any other name; "
          "relative to the workload file",
          "values.npy", ""},
         {"offset", count_form(0, "elements"), "elements of the file that are skipped", "4", "0",
          optional, "file"}},
        {{"random", "file"}},
        "buffers:\n  w: { count: 10, init: { file: weights.npy, offset: 10 } }\n"};
    return section;
}

const Section& dataset_section() {
    static const Section section{
        "dataset",
        "a dataset",
        "A table of rows, read in batches: every column but the target is an input.",
        {{"file", text_form("a path"),
          "a .csv with a line of names, or an .npy with two dimensions; relative to the workload "
          "file",
          "train.csv", ""},
         {"target", text_form("a column"), "the column to predict; `last` for an .npy", "y", "",
          required, "file"},
         {"standardize", truth_form(),
          "shift and scale inputs and target by mean and deviation of the whole set", "true",
          "false", optional, "file"},
         {"generate", section_form(generate_section), "rows made from a formula",
          "{ linear: { samples: 8, features: 2 } }", ""},
         {"intercept", truth_form(), "append a constant 1 to the inputs", "true", "false"},
         {"batch", section_form(batch_section), "rows per batch", "{ per_rank: 32 }", "", required},
         {"shuffle", section_form(shuffle_section), "another order than the file's", "{ seed: 7 }",
          "file order"},
         {"shard", section_form(shard_section), "deal the rows out before they are put in batches",
          "{ by: rank }", "every batch is split over the ranks"}},
        {{"file", "generate"}},
        R"(datasets:
  train:
    file: train.csv
    target: price
    batch: { global: 64 }
    shuffle: { seed: 7, every: epoch }
)"};
    return section;
}

const Section& generate_section() {
    static const Section section{"generate",
                                 "a generator",
                                 "Every row is a function of the seed and its index, so any rank "
                                 "makes its rows alone.",
                                 {{"linear", section_form(linear_section),
                                   "normal inputs, and targets that depend on them linearly",
                                   "{ samples: 8, features: 2 }", "", required}}};
    return section;
}

const Section& linear_section() {
    static const Section section{
        "linear",
        "a linear model",
        "Inputs and true weights are standard normal; the target is their product plus noise.",
        {{"samples", count_form(1, "rows"), "number of rows", "64Ki", "", required},
         {"features", count_form(1, "columns"), "number of inputs", "128", "", required},
         {"noise", expression_form("a number"), "standard deviation of the noise", "0.01", "0"},
         {"seed", random_seed(), "another seed gives other rows", "7", "0"}},
        {},
        R"(datasets:
  train:
    generate: { linear: { samples: 64Ki, features: 128, noise: 0.01, seed: 7 } }
    batch: { per_rank: 256 }
)"};
    return section;
}

const Section& batch_section() {
    static const Section section{
        "batch",
        "a batch",
        "`global`: batches of that many rows over all ranks, so that results do not depend on the "
        "number of ranks; sizes differ by at most 1 between ranks and may be 0. `per_rank`: more "
        "ranks make larger and fewer batches. The last batch of an epoch may be smaller.",
        {{"global", count_form(1, "rows"), "rows over all ranks", "64", ""},
         {"per_rank", count_form(1, "rows"), "rows on each rank", "32", ""}},
        {{"global", "per_rank"}}};
    return section;
}

const Section& shuffle_section() {
    static const Section section{
        "shuffle",
        "a shuffle",
        "The order is a function of seed + epoch, the same on every rank.",
        {{"seed", random_seed(), "another seed gives another order", "7", "", required},
         {"every", word_form(words_of(shuffle_words)),
          "a new order for every epoch or one for the "
          "run",
          "run", "epoch"}}};
    return section;
}

const Section& shard_section() {
    static const Section section{
        "shard",
        "a shard",
        "Rank r reads the rows r, r + ranks, r + 2 ranks, … of the epoch's order; needs batches "
        "`per_rank`.",
        {{"by", word_form({"rank"}), "what decides", "rank", "rank"},
         {"uneven", word_form(words_of(uneven_words)),
          "where the rows are no multiple of the ranks, the first ones are read twice or the last "
          "ones not at all",
          "drop", "wrap"}},
        {},
        R"(datasets:
  train:
    file: train.npy
    target: last
    batch: { per_rank: 32 }
    shard: { by: rank, uneven: wrap }
)"};
    return section;
}

}  // namespace warpstep::workload
