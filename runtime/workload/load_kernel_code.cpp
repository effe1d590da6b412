// SPDX-License-Identifier: Apache-2.0
// The code of a kernel: inline, in a file, or compiled already; and what the compiler is told.
#include <algorithm>
#include <filesystem>

#include "runtime/base/file.hpp"
#include "runtime/base/text.hpp"
#include "runtime/base/units.hpp"
#include "runtime/workload/load_sections.hpp"

namespace warpstep::workload {
namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t largest_image = std::uintmax_t{256} << 20;

void check_size(const YamlNode& node, const std::string& path) {
    std::error_code error;
    const auto bytes = fs::file_size(path, error);
    if (!error && bytes > largest_image) {
        node.fail("{} is too large ({}, at most {}); compile fewer architectures into it", path,
                  show_bytes(bytes), show_bytes(largest_image));
    }
}

void load_file(const YamlNode& node, const LoadContext& context, KernelSpec& spec) {
    const std::string extension = fs::path(node.text()).extension();
    const std::vector<std::string> images{".cubin", ".fatbin", ".ptx"};
    spec.compiled = std::find(images.begin(), images.end(), extension) != images.end();
    if (!spec.compiled && extension != ".cu") {
        node.fail(
            "cannot use '{}' as a kernel (its name ends in none of .cu, .cubin, .fatbin and "
            ".ptx); rename it",
            node.text());
    }
    spec.file = load_path(node, context);
    check_size(node, spec.file);
    spec.text = read_file(spec.file);
}

void load_code(const Fields& fields, const LoadContext& context, KernelSpec& spec) {
    if (const YamlNode* file = fields.find("file")) {
        load_file(*file, context, spec);
    } else {
        const YamlNode& source = fields.at("source");
        spec.text = source.text();
        spec.file = context.path;
        const YamlNode::Block block = source.block();
        spec.first_line = block.line;
        spec.indent = block.indent;
        if (trim(spec.text).empty()) source.fail("'source' is empty; write a __global__ function");
    }
    const fs::path folder = fs::path(spec.file).parent_path();
    spec.include_folders.push_back(folder.empty() ? "." : folder.string());
}

// Options that would make something else than an image that can be loaded, or whose paths would
// depend on where the program was started.
void check_option(const YamlNode& node, const std::string& option) {
    const auto begins = [&](const char* word) { return option.starts_with(word); };
    if (begins("-I") || begins("--include-path")) {
        node.fail(
            "'{}' belongs under 'include' (there, folders are relative to the workload "
            "file); write include: [folder]",
            option);
    }
    if (begins("-arch") || begins("--gpu-architecture")) {
        node.fail("'{}' is decided by the GPU at hand (warpstep compile takes --arch); remove it",
                  option);
    }
    for (const char* word :
         {"-dlto", "--dlto", "-rdc", "--relocatable-device-code", "-dc", "--device-c"}) {
        if (begins(word)) {
            node.fail("'{}' makes no image that can be run (nothing links it); remove it", option);
        }
    }
}

void load_options(const Fields& fields, const LoadContext& context, KernelSpec& spec) {
    for (const char* key : {"options", "include"}) {
        const YamlNode* node = fields.find(key);
        if (node != nullptr && spec.compiled)
            node->fail("'{}' is for sources ({} is compiled already); remove it", key, spec.file);
    }
    if (const YamlNode* options = fields.find("options")) {
        for (const YamlNode& option : options->list()) {
            spec.options.push_back(option.text());
            check_option(option, spec.options.back());
        }
    }
    const YamlNode* include = fields.find("include");
    if (include == nullptr) return;
    for (const YamlNode& entry : include->list()) {
        const fs::path folder = fs::path(context.path).parent_path() / entry.text();
        std::error_code error;
        if (!fs::is_directory(folder, error)) {
            entry.fail("no folder {} (folders are relative to the workload file); correct the path",
                       folder.string());
        }
        spec.include_folders.push_back(folder.string());
    }
}

}  // namespace

void load_kernel_code(const Fields& fields, const LoadContext& context, KernelSpec& spec) {
    load_code(fields, context, spec);
    load_options(fields, context, spec);
}

}  // namespace warpstep::workload
