// SPDX-License-Identifier: Apache-2.0
#include "runtime/workload/load.hpp"

#include <filesystem>

#include "runtime/base/file.hpp"
#include "runtime/base/text.hpp"
#include "runtime/base/units.hpp"
#include "runtime/workload/load_sections.hpp"
#include "runtime/workload/matrix.hpp"

namespace warpstep::workload {
namespace {

constexpr std::size_t largest_file = std::size_t{1} << 20;

void refuse_large(const std::string& path, std::size_t bytes) {
    if (bytes <= largest_file) return;
    fail<ConfigError>("{}: the file is too large ({}, at most {}); keep data in datasets", path,
                      show_bytes(bytes), show_bytes(largest_file));
}

// A byte order mark is no part of the text, and would shift the places.
std::string without_byte_order_mark(const std::string& text) {
    return text.compare(0, 3, "\xef\xbb\xbf") == 0 ? text.substr(3) : text;
}

// Before anything else: another version may have other keys.
void check_version(const YamlNode& root) {
    const YamlMap file = root.map();
    const YamlNode* version = file.find("version");
    if (version == nullptr || !version->is_text()) return;
    if (version->text() != "1") {
        version->fail("unknown version '{}' (this program reads version 1); write 'version: 1'",
                      version->text());
    }
}

// An inline kernel is part of the text already; one in a file could differ between nodes.
std::string hash_of(const std::string& text, const LoadOptions& options,
                    const std::string& params_texts, const std::vector<KernelSpec>& kernels) {
    std::string hash = hash_hex(text + "\n" + params_texts + join(options.overrides, "\n"));
    for (const KernelSpec& kernel : kernels) hash += kernel.text;
    return kernels.empty() ? hash : hash_hex(hash);
}

void load_declarations(const Fields& file, const Replacements& replacements, LoadContext& context,
                       Workload& workload) {
    workload.matrix = load_matrix(file.find("matrix"), replacements, context);
    workload.params = load_params(file.find("params"), replacements, context);
    refuse_unknown(replacements, context);
    if (!workload.matrix.empty()) {
        const std::vector<Param> first = combinations(workload).front();
        workload = with_params(std::move(workload), first);
    }
    context.errors.gather([&] { workload.ranks = load_ranks(file.find("ranks"), context); });
    context.errors.gather([&] { workload.placement = load_placement(file.find("placement")); });
    workload.datasets = load_datasets(file.find("datasets"), context);
    workload.buffers = load_buffers(file.find("buffers"), context);
    workload.kernels = load_kernels(file.find("kernels"), context);
    workload.streams = load_streams(file.find("streams"), context);
}

void load_work(const Fields& file, LoadContext& context, Workload& workload) {
    workload.steps = load_steps(file.at("steps"), context);
    workload.expect = load_expect(file.find("expect"), context.errors);
    context.errors.gather([&] {
        if (const YamlNode* node = file.find("checkpoint"))
            workload.checkpoint = load_checkpoint(*node, context);
    });
    context.errors.gather([&] { workload.report = load_report(file.find("report"), context); });
    check_expectations(workload, context);
}

}  // namespace

Workload parse_workload(const std::string& text, const std::string& path,
                        const std::vector<OperationSignature>& operations,
                        const LoadOptions& options) {
    refuse_large(path, text.size());
    Source source{path, without_byte_order_mark(text)};
    const YamlNode root = parse_yaml(source);
    if (root.is_missing()) root.fail("the file is empty; start with 'version: 1'");
    check_version(root);
    const Fields file(root, file_section());

    GatheredErrors errors;
    LoadContext context{operations, path, errors};
    std::string params_texts;
    const Replacements replacements = load_replacements(options, params_texts);
    Workload workload;
    workload.path = path;
    workload.name = file.find("name") == nullptr ? std::filesystem::path(path).stem().string()
                                                 : file.text("name");
    workload.description = file.text("description");
    errors.gather([&] {
        load_declarations(file, replacements, context, workload);
        load_work(file, context, workload);
    });
    errors.conclude();
    workload.hash = hash_of(text, options, params_texts, workload.kernels);
    return workload;
}

Workload parse_workload(const std::string& text, const std::string& path,
                        const std::vector<std::string>& overrides,
                        const std::vector<OperationSignature>& operations) {
    return parse_workload(text, path, operations, LoadOptions{overrides, {}});
}

Workload load_workload(const std::string& path, const std::vector<OperationSignature>& operations,
                       const LoadOptions& options) {
    std::error_code not_regular;
    const auto bytes = std::filesystem::file_size(path, not_regular);
    if (!not_regular) refuse_large(path, bytes);
    return parse_workload(read_file(path), path, operations, options);
}

Workload load_workload(const std::string& path, const std::vector<std::string>& overrides,
                       const std::vector<OperationSignature>& operations) {
    return load_workload(path, operations, LoadOptions{overrides, {}});
}

}  // namespace warpstep::workload
