// SPDX-License-Identifier: Apache-2.0
#include "runtime/cli/compile.hpp"

#include <CLI/CLI.hpp>

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "kernels/user_cache.hpp"
#include "kernels/user_image.hpp"
#include "runtime/base/error.hpp"
#include "runtime/base/file.hpp"
#include "runtime/base/log.hpp"
#include "runtime/base/text.hpp"
#include "runtime/base/units.hpp"
#include "runtime/cuda/backend.hpp"
#include "runtime/execution/user_kernel.hpp"
#include "runtime/plan/operations.hpp"
#include "runtime/report/text_table.hpp"
#include "runtime/workload/load.hpp"

namespace warpstep::cli {
namespace {

namespace fs = std::filesystem;
using kernels::ImageFunction;
using kernels::KernelImage;

std::string arch_at_hand(comm::CudaBackend& cuda) {
    try {
        cuda.devices();
        return cuda.arch_of(*cuda.open(0));
    } catch (const DeviceError& error) {
        fail<ConfigError>("no GPU here to compile for ({}); give --arch, for example --arch sm_90",
                          error.what());
    }
}

std::string parameters_of(const ImageFunction& function) {
    std::vector<std::string> sizes;
    for (const auto& slot : function.parameters) sizes.push_back(fmt::format("{}", slot.bytes));
    return sizes.empty() ? "none" : fmt::format("{}: {} B", sizes.size(), join(sizes, ", "));
}

/// The lines that are shown: one for each kernel.
class Listing {
  public:
    void add(const std::string& name, const std::string& arch, const ImageFunction& function,
             std::size_t image_bytes) {
        const auto shown = [](const auto& value) {
            return value ? fmt::format("{}", *value) : std::string("-");
        };
        table_.add({name, arch, shown(function.registers), shown(function.shared_bytes),
                    parameters_of(function), show_bytes(image_bytes)});
    }
    void print() const { fmt::print("{}", table_.text(::isatty(STDOUT_FILENO) == 1)); }

  private:
    report::TextTable table_{
        {{"kernel"}, {"arch"}, {"registers"}, {"shared B"}, {"parameters"}, {"image"}}};
};

std::string extension_of(const std::string& arch) {
    return arch.starts_with("compute_") ? ".ptx" : ".cubin";
}

void write_image(const std::string& file, const KernelImage& image) {
    write_file_atomically(file, image.bytes);
    fmt::print("written: {}\n", file);
}

kernels::KernelSource source_of(const CompileOptions& options) {
    kernels::KernelSource source;
    source.file = options.file;
    source.text = read_file(options.file);
    source.entry = options.entry;
    for (const auto& define : options.defines) source.options.push_back("-D" + define);
    source.options.insert(source.options.end(), options.options.begin(), options.options.end());
    const fs::path folder = fs::path(options.file).parent_path();
    source.include_folders.push_back(folder.empty() ? "." : folder.string());
    source.include_folders.insert(source.include_folders.end(), options.include_folders.begin(),
                                  options.include_folders.end());
    return source;
}

int compile_source(const CompileOptions& options, comm::CudaBackend& cuda,
                   const std::string& arch) {
    const KernelImage image = cuda.compile(source_of(options), arch);
    if (!image.messages.empty()) log::warn(image.messages);
    const kernels::ImageFacts facts = kernels::read_image(image.bytes);
    if (facts.functions.empty()) {
        fail<ConfigError>(
            "no kernel in {} (templates are compiled when they are named); write one "
            "with __global__, or give --entry 'name<float>'",
            options.file);
    }
    Listing listing;
    for (const auto& function : facts.functions) {
        listing.add(kernels::readable_name(function.name), arch, function, image.bytes.size());
    }
    listing.print();
    const std::string stem = fs::path(options.file).stem();
    write_image(options.output.empty() ? stem + extension_of(arch) : options.output, image);
    return 0;
}

// A folder takes all images of a workload, a file the only one.
std::string output_of(const CompileOptions& options, const workload::KernelSpec& spec,
                      const std::string& arch) {
    std::error_code error;
    if (!fs::is_directory(options.output, error)) return options.output;
    return (fs::path(options.output) / (spec.name + extension_of(arch))).string();
}

void check_output(const CompileOptions& options, const workload::Workload& workload) {
    if (workload.kernels.empty()) {
        fail<ConfigError>("{} has no kernels to compile; add the section 'kernels'", options.file);
    }
    std::error_code error;
    const bool one = workload.kernels.size() == 1 || fs::is_directory(options.output, error);
    if (options.output.empty() || one) return;
    fail<ConfigError>("--output {} is one file for the {} kernels of {}; name a folder that exists",
                      options.output, workload.kernels.size(), options.file);
}

int compile_workload(const CompileOptions& options, comm::CudaBackend& cuda,
                     const std::string& arch) {
    const auto workload =
        workload::load_workload(options.file, options.overrides, plan::operations());
    check_output(options, workload);
    Listing listing;
    std::vector<std::pair<std::string, KernelImage>> files;
    for (const auto& spec : workload.kernels) {
        KernelImage image = execution::image_of(spec, cuda, arch);
        const kernels::ImageFacts facts = kernels::read_image(image.bytes);
        const auto* function = kernels::find_function(facts, image.entry, spec.file);
        if (function == nullptr) {
            log::warn(
                fmt::format("{}: its parameters cannot be read without a driver (compressed "
                            "fatbin); they are checked when it is run",
                            spec.file));
            continue;
        }
        execution::check_signature(spec, function->parameters);
        listing.add(spec.name, spec.compiled ? facts.arch : arch, *function, image.bytes.size());
        if (!spec.compiled) files.emplace_back(output_of(options, spec, arch), std::move(image));
    }
    listing.print();
    const std::string cache = kernels::image_cache_folder();
    if (!options.output.empty()) {
        for (const auto& [file, image] : files) write_image(file, image);
    } else if (!files.empty()) {
        fmt::print("{}\n", cache.empty() ? "written nowhere: no cache can be written; give --output"
                                         : "kept for warpstep run in " + cache);
    }
    return 0;
}

}  // namespace

const CLI::App* add_compile(CLI::App& app, CompileOptions& options) {
    auto* compile = app.add_subcommand(
        "compile", "Compile CUDA kernels with NVRTC, without a GPU: a .cu, or those of a workload");
    compile->add_option("FILE", options.file, "a .cu file, or a workload with 'kernels'")
        ->required();
    compile->add_option("--arch", options.arch,
                        "sm_90, or compute_90 for PTX (default: the GPU at hand)");
    compile
        ->add_option("-o,--output", options.output,
                     "the image; a folder for the kernels of a workload")
        ->option_text("FILE");
    compile->add_option("--entry", options.entry, "only this kernel of a .cu: name, name<float>");
    compile->add_option("--set", options.overrides, "override a param of a workload")
        ->allow_extra_args(false)
        ->option_text("NAME=EXPRESSION");
    compile->add_option("-D", options.defines, "define a macro for a .cu")
        ->allow_extra_args(false)
        ->option_text("NAME[=VALUE]");
    compile->add_option("-I", options.include_folders, "a folder of headers for a .cu")
        ->allow_extra_args(false)
        ->option_text("FOLDER");
    compile
        ->add_option("--option", options.options,
                     "an option of NVRTC for a .cu: --option=--use_fast_math")
        ->allow_extra_args(false)
        ->option_text("OPTION");
    return compile;
}

int compile(const CompileOptions& options) {
    const std::string extension = fs::path(options.file).extension();
    const bool source = extension == ".cu";
    if (!source && extension != ".yaml" && extension != ".yml") {
        fail<ConfigError>(
            "cannot compile '{}' (its name ends in none of .cu, .yaml and .yml); "
            "give CUDA C++ or a workload",
            options.file);
    }
    const bool of_source = !options.entry.empty() || !options.defines.empty() ||
                           !options.include_folders.empty() || !options.options.empty();
    if (!source && of_source) {
        fail<ConfigError>(
            "--entry, -D, -I and --option are for a .cu (a workload has 'entry', "
            "'options' and 'include'); remove them");
    }
    comm::CudaBackend& cuda = comm::cuda_backend();
    const std::string arch = options.arch.empty() ? arch_at_hand(cuda) : options.arch;
    return source ? compile_source(options, cuda, arch) : compile_workload(options, cuda, arch);
}

}  // namespace warpstep::cli
