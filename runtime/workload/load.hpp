// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <vector>

#include "runtime/workload/workload.hpp"

namespace warpstep::workload {

/// What the loader must know of operations to refuse an unknown one with "did you mean".
struct OperationSignature {
    std::string name;
    std::vector<std::string> required;  ///< argument names
    std::vector<std::string> optional;
    /// Arguments that take one of a few words instead of a value: op -> avg, max, min, prod, sum.
    std::map<std::string, std::vector<std::string>> words = {};
    /// Arguments that are plain text rather than expressions: the file of `store`.
    std::vector<std::string> texts = {};
    bool collective = false;  ///< all ranks, or all of the step's `group`, take part
    bool needs_host = false;  ///< waits for the host in between, so that no graph can hold it
    /// What is measured of its step beside time: bandwidth, flops, algbw, busbw.
    std::vector<std::string> rates = {};
    std::vector<std::string> numbers = {};  ///< its own results, plain numbers: mse, errors
};

/// What changes a workload from outside its file.
struct LoadOptions {
    std::vector<std::string> overrides;  ///< "name=expression" texts from --set; the last holds
    std::vector<std::string>
        params_files;  ///< YAML maps name: expression from --params, below --set
};

/// Reads, parses and checks a workload file. Scalars are typed by the schema, never by YAML.
/// Overrides and params files may only name params (or axes of `matrix`) of the file.
/// Errors: ConfigError "file:line:column: problem (why); suggestion" for unknown and duplicate
/// keys, wrong types, and undefined names of buffers, datasets, streams, steps and operations.
Workload load_workload(const std::string& path, const std::vector<OperationSignature>& operations,
                       const LoadOptions& options);
Workload load_workload(const std::string& path, const std::vector<std::string>& overrides,
                       const std::vector<OperationSignature>& operations);

/// The same from text; `path` is used in messages and to resolve relative files.
Workload parse_workload(const std::string& text, const std::string& path,
                        const std::vector<OperationSignature>& operations,
                        const LoadOptions& options);
Workload parse_workload(const std::string& text, const std::string& path,
                        const std::vector<std::string>& overrides,
                        const std::vector<OperationSignature>& operations);

}  // namespace warpstep::workload
