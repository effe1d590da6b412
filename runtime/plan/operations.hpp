// SPDX-License-Identifier: Apache-2.0
// Every operation that `run:` may name, one row each: all that is known of it without running it.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "kernels/catalog.hpp"
#include "runtime/plan/fitting.hpp"
#include "runtime/workload/load.hpp"
#include "runtime/workload/metrics.hpp"

namespace warpstep::plan {

struct OperationArgument {
    enum class Role { read, write, update, value, word, text, dataset };
    std::string name;
    Role role = Role::read;
    bool required = true;
    std::string types =
        {};  ///< of a buffer, the example's first: "f32 f64", "any"; or of a dataset
    std::string shape = {};                   ///< of a buffer: "n", "m k", "1"
    std::string note = {};                    ///< meaning, limits, default
    std::optional<std::string> example = {};  ///< what it is in an example; nothing: left out there
    std::vector<std::string> words = {};      ///< Role::word: what it may be

    bool is_buffer() const {
        return role == Role::read || role == Role::write || role == Role::update;
    }
};

struct OperationRow {
    /// What of its buffers travels in a collective, and must be equal on all members.
    enum class Compared { nothing, elements, bytes, columns };

    std::string name, summary;
    std::string bytes, flops;  ///< formulas of one launch; the size of a message for collectives
    std::vector<OperationArgument> arguments = {};
    std::vector<workload::Metric> rates = {};  ///< beside time: bandwidth, flops, algbw, busbw
    /// What it finds out itself: mse, errors. One that has no value, and no reason for that, is a
    /// step that has failed.
    std::vector<workload::Metric> numbers = {};
    bool collective = false;  ///< all ranks, or all of the step's `group`, take part
    bool needs_host = false;  ///< waits for the host in between, so that no graph can hold it
    /// Its buffers are allocated by all ranks together, where the communicator reaches them
    /// fastest.
    bool together = false;
    Compared compared = Compared::nothing;
    /// Refuses arguments that do not fit by themselves. Errors: ConfigError.
    void (*check)(const workload::Step&, const Fitting&) = nullptr;
    const kernels::Kernel* kernel = nullptr;  ///< of the catalog; nullptr: only the runtime has it
};

/// Sorted by name: the kernels of the catalog and what only the runtime has.
const std::vector<OperationRow>& operation_rows();
/// nullptr when there is none of that name.
const OperationRow* find_operation(const std::string& name);
/// What the loader must know of the rows.
const std::vector<workload::OperationSignature>& operations();

/// All that its step may have to say after a run without `graph`.
std::vector<workload::Metric> metrics_of(const OperationRow& row);

/// Whether all ranks must take part in it.
bool is_collective(const std::string& run);
/// Buffers that take part in a collective of this step, by argument.
std::vector<std::string> collective_buffers(const workload::Step& step);
/// Of all these steps and what they contain.
std::set<std::string> collective_buffers(const std::vector<workload::Step>& steps);

}  // namespace warpstep::plan
