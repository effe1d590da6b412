// SPDX-License-Identifier: Apache-2.0
#include "runtime/workload/names.hpp"

#include <algorithm>
#include <array>

#include "runtime/base/text.hpp"
#include "runtime/workload/builtins.hpp"

namespace warpstep::workload {
namespace {

// First parts of dotted names, metrics and the words of the grammar.
constexpr std::array<std::string_view, 27> reserved_words{
    "rank",     "ranks",         "local_rank", "local_ranks", "node",  "nodes",    "devices",
    "members",  "restart_count", "device",     "gpu",         "and",   "or",       "not",
    "true",     "false",         "steps",      "time",        "flops", "algbw",    "busbw",
    "launches", "iota",          "errors",     "range",       "zero",  "bandwidth"};

bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
}  // namespace

const std::vector<ReservedName>& reserved() {
    static const std::vector<ReservedName> names{
        {"rank", false, "number of this rank, from 0"},
        {"ranks", false, "number of ranks"},
        {"local_rank", false, "number of this rank on its node"},
        {"local_ranks", false, "ranks on this node"},
        {"node", false, "number of this node"},
        {"nodes", false, "number of nodes"},
        {"devices", false, "devices of each task"},
        {"members", false, "ranks * devices: who takes part in a collective"},
        {"epoch", false, "epochs that are finished"},
        {"restart_count", false, "how often Slurm has started the job again"},
        {"device.kind", true, "cuda or host"},
        {"device.name", true, "name of the device"},
        {"device.index", false, "number of this device in its task"},
        {"device.memory", false, "its memory in bytes", unit_bytes},
        {"device.sm_count", false, "its multiprocessors, or cores"},
        {"device.peak.memory_bandwidth", false, "bytes/s that its memory can move",
         unit_bytes_per_second},
        {"device.peak.f64", false, "peak flops/s in this type", unit_flops_per_second},
        {"device.peak.f32", false, "peak flops/s in this type", unit_flops_per_second},
        {"device.peak.tf32", false, "peak flops/s in this type", unit_flops_per_second},
        {"device.peak.f16", false, "peak flops/s in this type", unit_flops_per_second},
        {"device.peak.bf16", false, "peak flops/s in this type", unit_flops_per_second},
        {"device.peak.f8", false, "peak flops/s in this type", unit_flops_per_second},
        {"gpu.name", true, "name of the GPU"},
        {"gpu.uuid", true, "its UUID"},
        {"gpu.sm_count", false, "its multiprocessors"},
        {"gpu.memory", false, "its memory in bytes", unit_bytes},
        {"gpu.peak.memory_bandwidth", false, "bytes/s that its memory can move",
         unit_bytes_per_second},
        {"gpu.peak.bf16", false, "peak flops/s in bf16", unit_flops_per_second}};
    return names;
}

const ReservedName* find_reserved(std::string_view name) {
    for (const ReservedName& candidate : reserved()) {
        if (candidate.name == name) return &candidate;
    }
    return nullptr;
}

const std::vector<std::string>& reserved_names() {
    static const std::vector<std::string> names = [] {
        std::vector<std::string> result;
        for (const ReservedName& entry : reserved()) result.emplace_back(entry.name);
        return result;
    }();
    return names;
}

const std::vector<std::string>& reserved_text_names() {
    static const std::vector<std::string> names = [] {
        std::vector<std::string> result;
        for (const ReservedName& entry : reserved()) {
            if (entry.is_text) result.emplace_back(entry.name);
        }
        return result;
    }();
    return names;
}

const std::vector<DatasetName>& dataset_names() {
    static const std::vector<DatasetName> names{
        {"true_weights", "the weights behind generated targets, element by element"},
        {"rows", "rows of the whole table"},
        {"features", "its inputs"},
        {"each_sample_seen_once_per_epoch", "true when that is so, by counting over all ranks"}};
    return names;
}

const std::vector<ExpectationFunction>& expectation_functions() {
    static const std::vector<ExpectationFunction> functions{
        {"spread", "spread(metric)", "(max - min) / median over the ranks"},
        {"worst", "worst(metric)", "the rank with the largest time or the smallest rate"},
        {"mean_squared_error", "mean_squared_error(dataset, buffer)",
         "of the linear model with these weights, over all rows"},
        {"max_abs", "max_abs(expression)",
         "largest absolute value of an expression over the elements of buffers"},
        {"equal_on_all_ranks", "equal_on_all_ranks(buffer)",
         "true when every rank holds the same bits"}};
    return functions;
}

const std::vector<std::string>& builtin_functions() {
    static const std::vector<std::string> names = [] {
        std::vector<std::string> result;
        for (const Builtin& builtin : builtins()) result.emplace_back(builtin.name);
        return result;
    }();
    return names;
}

bool is_reserved(std::string_view identifier) {
    return std::find(reserved_words.begin(), reserved_words.end(), identifier) !=
               reserved_words.end() ||
           find_builtin(identifier) != nullptr;
}

bool is_identifier(std::string_view text) {
    return !text.empty() && !is_digit(text.front()) &&
           std::all_of(text.begin(), text.end(),
                       [](char c) { return is_letter(c) || is_digit(c); });
}

}  // namespace warpstep::workload
