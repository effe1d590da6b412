// SPDX-License-Identifier: Apache-2.0
// What to do: the workload file as a value. Expressions stay unevaluated, because each rank
// evaluates them for itself.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "runtime/base/dtype.hpp"
#include "runtime/workload/expression.hpp"

namespace warpstep::workload {

struct Param {
    std::string name;
    Expression value;
};

/// `ranks:` how many ranks the workload is meant for.
struct RankRule {
    std::optional<Expression> exact, min, max, multiple_of, per_node;
};

enum class CpuPolicy { near_gpu, inherit };
enum class MemoryPolicy { near_gpu, inherit };

/// `placement:`
struct PlacementRequest {
    std::optional<int> gpus_per_task;  ///< nothing: auto
    std::optional<int> cpus_per_task;  ///< nothing: auto
    int share = 1;                     ///< tasks per GPU that are allowed; 1: no sharing
    CpuPolicy cpu = CpuPolicy::near_gpu;
    MemoryPolicy memory = MemoryPolicy::near_gpu;
    bool strict = false;  ///< refuse instead of warn
};

enum class MemoryKind { device, managed, host, host_pinned };

/// `init:` of a buffer.
struct BufferInit {
    enum class Kind { zero, number, iota, uniform, normal, small_integers, file };
    Kind kind = Kind::zero;
    std::optional<Expression> number;  ///< Kind::number
    std::optional<Expression> seed;    ///< the random kinds; default 0
    std::string file;  ///< Kind::file: an .npy, or raw elements under any other name
    std::optional<Expression> offset;  ///< Kind::file: elements to skip; default 0
};

struct BufferSpec {
    std::string name;
    DType dtype = DType::f32;
    std::vector<Expression> shape;  ///< `count` is a shape of one dimension
    MemoryKind memory = MemoryKind::device;
    BufferInit init;
    bool finite =
        true;  ///< what is read of it for a verdict or a report may not be NaN or infinite
    Mark mark;
};

/// `generate: { linear: … }`: normal inputs, random true weights, targets with normal noise.
struct LinearData {
    Expression samples, features;
    std::optional<Expression> noise;  ///< standard deviation; default 0
    std::optional<Expression> seed;   ///< default 0
};

/// `shard: { by: rank }`: rank r reads the samples r, r + ranks, … of the epoch's order.
enum class Uneven {
    wrap,  ///< the first samples are repeated until all ranks have equally many
    drop   ///< the last ones are left out
};

/// `datasets.<id>`: a table of rows; every column but the target is an input.
struct DatasetSpec {
    enum class Split { global, per_rank };
    std::string name;
    std::string file;  ///< .csv or .npy, resolved against the workload file's folder; or
    std::optional<LinearData> generate;
    std::string target;        ///< CSV: a column's name; NPY: the word "last"
    bool standardize = false;  ///< inputs and target, with the statistics of the whole set
    bool intercept = false;    ///< append a constant 1 to the inputs
    Split split = Split::global;
    Expression batch;  ///< rows per batch: over all ranks (global) or on each rank
    std::optional<Expression> shuffle_seed;  ///< nothing: file order
    bool shuffle_once = false;               ///< `every: run` instead of `every: epoch`
    std::optional<Uneven> shard;             ///< nothing: every batch is split over the ranks
    Mark mark;
};

/// The types of `value:` arguments of a kernel.
enum class ValueType { i8, u8, i16, u16, i32, u32, i64, u64, f16, bf16, f32, f64 };
std::size_t size_of(ValueType type);
std::string_view name_of(ValueType type);

/// One parameter of a user's kernel.
struct KernelArgument {
    enum class Role { read, write, update, value };
    Role role = Role::read;
    std::string buffer;               ///< of every role but value
    std::optional<Expression> value;  ///< Role::value
    ValueType type = ValueType::i32;  ///< Role::value
    Mark mark;
};

/// `kernels.<id>`: a function of the user's, as CUDA C++ or compiled already.
struct KernelSpec {
    std::string name;
    std::string entry;      ///< the function, as its source spells it
    std::string file;       ///< of the text: the workload itself, a .cu, or an image
    bool compiled = false;  ///< .cubin, .fatbin or .ptx
    std::string text;       ///< source or image
    int first_line = 1;     ///< of `file`, where the text begins
    int indent = 0;         ///< columns before every line of the text in `file`
    std::vector<std::string> options;
    std::vector<std::string> include_folders;  ///< that of `file` first
    std::vector<KernelArgument> args;          ///< in the order of the signature
    std::vector<Expression> threads, grid;     ///< one of them, 1 to 3 extents
    std::vector<Expression> block;             ///< 1 to 3 extents; empty: 256
    std::optional<Expression> shared;          ///< bytes
    std::optional<Expression> bytes, flops;    ///< of one launch
    Mark mark;
};

/// `streams.<id>`
struct StreamSpec {
    std::string name;
    bool high_priority = false;
    Mark mark;
};

/// An argument of `with:`: a name of a buffer or dataset, a word, an expression, or a plain text.
struct Argument {
    Expression value;       ///< of a plain text: that text as a constant
    std::string text = {};  ///< of an argument that is plain text: as written; otherwise empty
};

/// `verify.<buffer>:` exactly one of equals, reference, same_as, same_on_all_ranks.
struct VerifyRule {
    std::string buffer;
    std::optional<Expression> equals;  ///< element expression over buffers
    std::string reference;             ///< a kernel that computes it another way: gemm.naive
    std::string same_as;               ///< another buffer
    bool same_on_all_ranks = false;    ///< bitwise
    bool exact = false;
    std::optional<double> ulp, rtol, atol;
    bool allow_nan = false;
    Mark mark;
};

struct Expectation {
    Expression that;
    std::optional<Expression> when;  ///< false: SKIP
};

/// One level of `for_each`.
struct Loop {
    enum class Kind { range, batches };
    std::string variable;
    Kind kind = Kind::range;
    std::optional<Expression> count;  ///< range(count)
    std::string dataset;              ///< batches of this dataset
};

/// `group:` the ranks that take part in a collective.
struct Group {
    /// `group: rank < 2`: a truth value, the ranks where it holds. `group: { by: node }`: a whole
    /// number, one group for each value.
    enum class Kind { members, by };
    Kind kind = Kind::members;
    Expression value;
};

/// `graph:` the steps inside are captured once and launched many times.
struct GraphRequest {
    std::optional<Expression> launches, warmup;  ///< default 1 and 0
};

/// A name in `needs:` with its place.
struct Need {
    std::string step;
    Mark mark;
};

struct Step {
    std::string name;
    std::string run;  ///< empty for a container
    std::map<std::string, Argument> with;
    std::optional<Expression> condition;      ///< `if:`
    std::vector<Need> needs;                  ///< steps of the same list
    std::string stream;                       ///< empty: the default stream
    std::optional<Group> group;               ///< nothing: all ranks
    std::optional<Expression> device;         ///< of the task's devices; nothing: all of them
    std::optional<GraphRequest> graph;        ///< of a container
    bool continue_on_error = false;           ///< a failure of this step does not end the run
    std::optional<Expression> warmup, times;  ///< `repeat:`
    std::optional<Expression> timeout;
    std::vector<VerifyRule> verify;
    std::vector<Expectation> expect;
    std::vector<Loop> for_each;
    std::vector<Step> steps;
    Mark mark;
};

/// `report:` what beyond the table is shown. Paths are relative to where the program was started.
struct ReportRequest {
    std::vector<std::string> values;           ///< small buffers whose content goes into the report
    std::string json, junit, csv, prometheus;  ///< paths; "": not written
};

/// `checkpoint:`
struct CheckpointRequest {
    enum class Every { epoch, steps, time };
    Every every = Every::epoch;
    std::optional<Expression> amount;  ///< of steps (a count) or time (a duration)
    std::vector<std::string> save;     ///< buffers
    std::optional<Expression> keep;    ///< newest ones that are kept; default 1
    std::string dir;                   ///< relative to where the program was started
    Mark mark;
};

/// One list of `matrix:`; the workload runs once for every combination.
struct MatrixAxis {
    std::string name;
    std::vector<Expression> values;
};

struct Workload {
    std::string name;
    std::string description;
    std::vector<MatrixAxis> matrix;  ///< in order, the first name slowest (matrix.hpp)
    /// In order; a later one may use an earlier one. Those of the matrix come first, with their
    /// first values.
    std::vector<Param> params;
    RankRule ranks;
    PlacementRequest placement;
    std::vector<BufferSpec> buffers;
    std::vector<DatasetSpec> datasets;
    std::vector<KernelSpec> kernels;
    std::vector<StreamSpec> streams;
    std::vector<Step> steps;
    std::vector<Expectation> expect;
    std::optional<CheckpointRequest> checkpoint;
    ReportRequest report;
    std::string path;  ///< as given
    std::string hash;  ///< of text, overrides and kernels: equal on all ranks that run the same
                       ///< thing
};

}  // namespace warpstep::workload
