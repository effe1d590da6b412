// SPDX-License-Identifier: Apache-2.0
#include "runtime/workload/load.hpp"

#include <filesystem>

#include "runtime/base/file.hpp"
#include "runtime/base/text.hpp"
#include "runtime/base/units.hpp"
#include "runtime/workload/load_sections.hpp"

namespace warpstep::workload {
namespace {

constexpr std::size_t largest_file = std::size_t{1} << 20;

const std::vector<std::string> known_keys{"version", "name",      "description", "params",
                                          "ranks",   "placement", "buffers",     "datasets",
                                          "kernels", "steps",     "expect",      "report"};
const std::vector<LaterKey> later_keys{{"matrix", "one file is one run"},
                                       {"streams", "all steps use one stream"},
                                       {"checkpoint", "runs are not resumed"}};

void refuse_large(const std::string& path, std::size_t bytes) {
    if (bytes <= largest_file) return;
    fail<ConfigError>("{}: the file is too large ({}, at most {}); keep data in datasets", path,
                      show_bytes(bytes), show_bytes(largest_file));
}

// A byte order mark is no part of the text, and would shift the places.
std::string without_byte_order_mark(const std::string& text) {
    return text.compare(0, 3, "\xef\xbb\xbf") == 0 ? text.substr(3) : text;
}

void check_version(const YamlMap& file) {
    const YamlNode& version = file.require("version");
    if (version.text() != "1") {
        version.fail("unknown version '{}' (this program reads version 1); write 'version: 1'",
                     version.text());
    }
}

std::string optional_text(const YamlNode* node, std::string otherwise) {
    return node == nullptr ? std::move(otherwise) : node->text();
}

}  // namespace

Workload parse_workload(const std::string& text, const std::string& path,
                        const std::vector<std::string>& overrides,
                        const std::vector<OperationSignature>& operations) {
    refuse_large(path, text.size());
    const Source source{path, without_byte_order_mark(text)};
    const YamlNode root = parse_yaml(source);
    if (root.is_missing()) root.fail("the file is empty; start with 'version: 1'");
    const YamlMap file = root.map();
    file.allow(known_keys, later_keys);
    check_version(file);

    LoadContext context{operations, path, {}, {}, {}};
    Workload workload;
    workload.path = path;
    workload.hash = hash_hex(text + "\n" + join(overrides, "\n"));
    workload.name = optional_text(file.find("name"), std::filesystem::path(path).stem().string());
    workload.description = optional_text(file.find("description"), "");
    workload.params = load_params(file.find("params"), overrides, context);
    workload.ranks = load_ranks(file.find("ranks"), context);
    workload.placement = load_placement(file.find("placement"));
    workload.datasets = load_datasets(file.find("datasets"), context);
    workload.buffers = load_buffers(file.find("buffers"), context);
    workload.kernels = load_kernels(file.find("kernels"), context);
    // An inline kernel is part of the text already; one in a file could differ between nodes.
    for (const KernelSpec& kernel : workload.kernels) workload.hash += kernel.text;
    if (!workload.kernels.empty()) workload.hash = hash_hex(workload.hash);
    workload.steps = load_steps(file.require("steps"), context);
    workload.expect = load_expect(file.find("expect"));
    workload.report = load_report(file.find("report"), context);
    return workload;
}

Workload load_workload(const std::string& path, const std::vector<std::string>& overrides,
                       const std::vector<OperationSignature>& operations) {
    std::error_code not_regular;
    const auto bytes = std::filesystem::file_size(path, not_regular);
    if (!not_regular) refuse_large(path, bytes);
    return parse_workload(read_file(path), path, overrides, operations);
}

}  // namespace warpstep::workload
