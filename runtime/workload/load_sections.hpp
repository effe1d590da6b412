// SPDX-License-Identifier: Apache-2.0
// One function per section of the file, called in the order in which names become known.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "runtime/workload/declared_names.hpp"
#include "runtime/workload/load.hpp"
#include "runtime/workload/yaml_node.hpp"

namespace warpstep::workload {

/// What the sections share while a file is read.
struct LoadContext {
    const std::vector<OperationSignature>& operations;
    std::string path;
    DeclaredNames names;
    std::set<std::string> step_names;
    std::vector<std::string> kernels;  ///< ids of `kernels:`
};

std::vector<Param> load_params(const YamlNode* node, const std::vector<std::string>& overrides,
                               LoadContext& context);
RankRule load_ranks(const YamlNode* node, const LoadContext& context);
PlacementRequest load_placement(const YamlNode* node);
std::vector<DatasetSpec> load_datasets(const YamlNode* node, LoadContext& context);
std::vector<BufferSpec> load_buffers(const YamlNode* node, LoadContext& context);
/// The keys source, file, options and include of an entry of `kernels:`.
void load_kernel_code(const YamlMap& map, const LoadContext& context, KernelSpec& spec);
std::vector<KernelSpec> load_kernels(const YamlNode* node, LoadContext& context);
std::vector<Step> load_steps(const YamlNode& node, LoadContext& context);
std::map<std::string, Argument> load_arguments(const YamlMap& step, const LoadContext& context);
std::vector<Loop> load_loops(const YamlNode& node, LoadContext& context);
std::vector<VerifyRule> load_verify(const YamlNode* node, const LoadContext& context);
std::vector<Expectation> load_expect(const YamlNode* node);
ReportRequest load_report(const YamlNode* node, const LoadContext& context);

/// An expression that is decided once, before the run, checked as far as it can be without a rank.
Expression load_fixed(const YamlNode& node, const LoadContext& context);
/// The same for a whole number that is `least` or more.
Expression load_count(const YamlNode& node, const LoadContext& context, std::int64_t least);
/// A number without names, such as a tolerance.
double load_number(const YamlNode& node);
/// A whole number without names, `least` or more.
int load_integer(const YamlNode& node, int least);
/// A name of a declared buffer. `text` stands at `mark`.
void check_buffer(const std::string& text, const Mark& mark, const LoadContext& context);

}  // namespace warpstep::workload
