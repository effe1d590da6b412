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
    std::map<std::string, std::vector<std::string>> words;
};

/// Reads, parses and checks a workload file. Scalars are typed by the schema, never by YAML.
/// `overrides` are "name=expression" texts from --set; each must name a param of the file.
/// Errors: ConfigError "file:line:column: problem (why); suggestion" for unknown and duplicate
/// keys, wrong types, undefined names of buffers, datasets and operations, and for keys of the
/// language that this version does not execute.
Workload load_workload(const std::string& path, const std::vector<std::string>& overrides,
                       const std::vector<OperationSignature>& operations);

/// The same from text; `path` is used in messages and to resolve relative files.
Workload parse_workload(const std::string& text, const std::string& path,
                        const std::vector<std::string>& overrides,
                        const std::vector<OperationSignature>& operations);

}  // namespace warpstep::workload
