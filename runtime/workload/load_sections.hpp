// SPDX-License-Identifier: Apache-2.0
// One function per section of the file, called in the order in which names become known.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <unordered_set>
#include <vector>

#include "runtime/workload/declared_names.hpp"
#include "runtime/workload/fields.hpp"
#include "runtime/workload/gathered_errors.hpp"
#include "runtime/workload/load.hpp"
#include "runtime/workload/yaml_node.hpp"

namespace warpstep::workload {

/// What the sections share while a file is read.
struct LoadContext {
    const std::vector<OperationSignature>& operations;
    std::string path;
    /// What is wrong with entries whose names are known all the same, so that reading goes on.
    GatheredErrors& errors;
    DeclaredNames names{};
    std::unordered_set<std::string> step_names{};
    std::vector<std::string> kernels{};   ///< ids of `kernels:`
    std::vector<std::string> streams{};   ///< ids of `streams:`
    bool step_names_are_missing = false;  ///< of steps that could not be read
};

/// New values of params, by name; the place is that of the value.
using Replacements = std::map<std::string, Expression>;
/// From params files and --set texts. `texts` is appended what the files hold.
Replacements load_replacements(const LoadOptions& options, std::string& texts);
/// Errors: ConfigError for one that no param or axis of the file is called.
void refuse_unknown(const Replacements& replacements, const LoadContext& context);

std::vector<MatrixAxis> load_matrix(const YamlNode* node, const Replacements& replacements,
                                    LoadContext& context);
std::vector<Param> load_params(const YamlNode* node, const Replacements& replacements,
                               LoadContext& context);
RankRule load_ranks(const YamlNode* node, const LoadContext& context);
PlacementRequest load_placement(const YamlNode* node);
std::vector<DatasetSpec> load_datasets(const YamlNode* node, LoadContext& context);
std::vector<BufferSpec> load_buffers(const YamlNode* node, LoadContext& context);
/// The keys source, file, options and include of an entry of `kernels:`.
void load_kernel_code(const Fields& fields, const LoadContext& context, KernelSpec& spec);
std::vector<KernelSpec> load_kernels(const YamlNode* node, LoadContext& context);
std::vector<StreamSpec> load_streams(const YamlNode* node, LoadContext& context);
std::vector<Step> load_steps(const YamlNode& node, LoadContext& context);
std::map<std::string, Argument> load_arguments(const Fields& step, const LoadContext& context);
std::vector<Loop> load_loops(const YamlNode& node, LoadContext& context);
std::vector<VerifyRule> load_verify(const YamlNode* node, const LoadContext& context);
std::vector<Expectation> load_expect(const YamlNode* node, GatheredErrors& errors);
CheckpointRequest load_checkpoint(const YamlNode& node, const LoadContext& context);
ReportRequest load_report(const YamlNode* node, const LoadContext& context);

/// The operation of that name, or nullptr (also for a kernel of the file).
const OperationSignature* find_operation(const std::string& name, const LoadContext& context);

/// Errors: ConfigError where `needs` names what is no earlier step of this list.
void check_needs(const std::vector<Step>& steps, const LoadContext& context);
/// Errors: ConfigError where a graph holds what cannot be captured. The variables of the loops
/// around it are still declared.
void check_graph(const Step& graph, const LoadContext& context);
/// Errors: ConfigError where an expectation names what no run can know.
void check_expectations(const Workload& workload, const LoadContext& context);

/// An expression that is decided once, before the run, checked as far as it can be without a rank.
Expression load_fixed(const YamlNode& node, const LoadContext& context);
/// The same for a whole number that is `form.least` or more.
Expression load_count(const YamlNode& node, const Form& form, const LoadContext& context);
/// load_count() of a key that may be missing.
std::optional<Expression> load_count(const Fields& fields, std::string_view key,
                                     const LoadContext& context);
/// load_fixed() of a key that may be missing.
std::optional<Expression> load_fixed(const Fields& fields, std::string_view key,
                                     const LoadContext& context);
/// A duration above 0, as far as that can be told.
Expression load_duration(const YamlNode& node, const LoadContext& context);
/// A number without names, such as a tolerance.
double load_number(const YamlNode& node);
/// A whole number without names, `least` or more.
int load_integer(const YamlNode& node, std::int64_t least);
/// A name of a declared buffer.
std::string load_buffer_name(const YamlNode& node, const LoadContext& context);
void check_buffer(const std::string& text, const Mark& mark, const LoadContext& context);
/// `node`'s path against the workload file's folder. Errors: ConfigError when no file can be read
/// there.
std::string load_path(const YamlNode& node, const LoadContext& context);
/// Letters, digits, '_' and inner '-', no digit first.
bool is_dashed_identifier(std::string_view text);

}  // namespace warpstep::workload
