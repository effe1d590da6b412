// SPDX-License-Identifier: Apache-2.0
// What a user must know to write a step: one entry for every operation that `run:` may name. The
// catalog knows what a kernel computes and costs; this adds types, shapes and an example.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace warpstep::cli {

struct GuideArgument {
    std::string name;
    std::string role;   ///< read, write, update, value, word, dataset; of kernels: the catalog's
    std::string types;  ///< of a buffer, the example's first: "f32 f64"; "" for a value
    std::string shape;  ///< of a buffer: "n", "m k", "1"
    std::string note;   ///< meaning, limits, default
    std::optional<std::string> example;  ///< what it is in the example; nothing: left out there
};

struct OperationGuide {
    std::string name, summary;
    std::string bytes, flops;  ///< of one launch; the size of a message for collectives
    std::vector<GuideArgument> arguments;
    bool collective = false;  ///< all ranks take part
};

/// Sorted by name. A new operation needs an entry here; cli.operation_guide tests that it has one.
const std::vector<OperationGuide>& operation_guides();
/// nullptr when there is none of that name.
const OperationGuide* find_guide(std::string_view name);

/// A piece of a workload file that declares the buffers and has the step.
std::string example_of(const OperationGuide& guide);

}  // namespace warpstep::cli
