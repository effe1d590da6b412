// SPDX-License-Identifier: Apache-2.0
// Images of users' kernels: compiled once per node, and checked against what the file says.
#include <charconv>

#include "kernels/user_cache.hpp"
#include "runtime/base/error.hpp"
#include "runtime/base/log.hpp"
#include "runtime/base/text.hpp"
#include "runtime/execution/user_kernel.hpp"

namespace warpstep::execution {
namespace {

using workload::KernelArgument;

// Longer than any compilation that is not stuck.
constexpr std::chrono::minutes longest_compilation{5};

// 90 of "sm_90", 0 of anything else.
int number_of(const std::string& arch) {
    int number = 0;
    if (arch.starts_with("sm_")) {
        std::from_chars(arch.data() + 3, arch.data() + arch.size(), number);
    }
    return number;
}

// Machine code runs within its major version, on the same or a later minor one.
void check_arch(const kernels::ImageFacts& image, const std::string& file,
                const std::string& arch) {
    if (image.kind != kernels::ImageKind::cubin) return;
    const int made = number_of(image.arch), here = number_of(arch);
    if (made == 0 || here == 0 || (made / 10 == here / 10 && made <= here)) return;
    fail<ConfigError>("{} is for {} (this GPU needs {}); compile it with -arch={}, or give PTX",
                      file, image.arch, arch, arch);
}

std::string list_sizes(const std::vector<kernels::ParameterSlot>& parameters) {
    std::vector<std::string> sizes;
    for (const auto& slot : parameters) sizes.push_back(fmt::format("{}", slot.bytes));
    return join(sizes, ", ");
}

std::string types_of_size(std::size_t bytes) {
    using workload::ValueType;
    std::vector<std::string> words;
    for (const ValueType type : {ValueType::i8, ValueType::u8, ValueType::i16, ValueType::u16,
                                 ValueType::i32, ValueType::u32, ValueType::i64, ValueType::u64,
                                 ValueType::f16, ValueType::bf16, ValueType::f32, ValueType::f64}) {
        if (size_of(type) == bytes) words.emplace_back(name_of(type));
    }
    if (words.empty()) return "give it the type of a number or a pointer";
    return "write type: " + join(words, ", ") +
           (bytes == sizeof(void*) ? ", or name a buffer" : "");
}

void check_argument(const workload::KernelSpec& spec, std::size_t i,
                    const kernels::ParameterSlot& slot) {
    const KernelArgument& argument = spec.args[i];
    const std::size_t bytes = argument.value ? size_of(argument.type) : sizeof(void*);
    if (bytes == slot.bytes) return;
    const std::string what =
        argument.value ? fmt::format("'{}' is {}", argument.value->text(), name_of(argument.type))
                       : fmt::format("'{}' is a buffer", argument.buffer);
    const std::string advice = argument.value ? types_of_size(slot.bytes)
                                              : "list the arguments in the order of the signature";
    fail<ConfigError>(
        "{}: argument {} of '{}' does not fit: {} ({} bytes), but the compiled kernel "
        "'{}' takes {} bytes there; {}",
        show(argument.mark), i + 1, spec.name, what, bytes, spec.entry, slot.bytes, advice);
}

}  // namespace

kernels::KernelImage compiled_image(const workload::KernelSpec& spec, const std::string& arch) {
    try {
        const kernels::ImageFacts facts = kernels::read_image(spec.text);
        check_arch(facts, spec.file, arch);
        const auto* function = kernels::find_function(facts, spec.entry, spec.file);
        return {spec.text, function == nullptr ? spec.entry : function->name, ""};
    } catch (const ConfigError& error) {
        fail<ConfigError>("{}: kernel '{}': {}", show(spec.mark), spec.name, error.what());
    }
}

kernels::KernelSource source_of(const workload::KernelSpec& spec) {
    return {spec.file,  spec.first_line, spec.indent,         spec.text,
            spec.entry, spec.options,    spec.include_folders};
}

kernels::KernelImage image_of(const workload::KernelSpec& spec, comm::CudaBackend& cuda,
                              const std::string& arch) {
    if (spec.compiled) return compiled_image(spec, arch);
    const kernels::KernelSource source = source_of(spec);
    const kernels::ImageCache cache(kernels::image_cache_folder());
    return cache.get(kernels::image_key(source, arch, cuda.compiler()),
                     Deadline::in(longest_compilation), [&] {
                         kernels::KernelImage image = cuda.compile(source, arch);
                         if (!image.messages.empty()) log::warn(image.messages);
                         return image;
                     });
}

void check_signature(const workload::KernelSpec& spec,
                     const std::vector<kernels::ParameterSlot>& parameters) {
    if (spec.args.size() != parameters.size()) {
        const auto& mark = spec.args.empty() ? spec.mark : spec.args.back().mark;
        fail<ConfigError>(
            "{}: '{}' has {} arguments, but the compiled kernel '{}' takes {}{}; list "
            "all of them under 'args', in the order of the signature",
            show(mark), spec.name, spec.args.size(), spec.entry, parameters.size(),
            parameters.empty() ? "" : fmt::format(" (of {} bytes)", list_sizes(parameters)));
    }
    for (std::size_t i = 0; i < parameters.size(); ++i) check_argument(spec, i, parameters[i]);
}

UserKernels::UserKernels(const std::vector<workload::KernelSpec>& specs) {
    for (const auto& spec : specs) specs_.emplace(spec.name, &spec);
}

const workload::KernelSpec* UserKernels::find(const std::string& name) const {
    const auto it = specs_.find(name);
    return it == specs_.end() ? nullptr : it->second;
}

std::shared_ptr<kernels::LoadedKernel> UserKernels::load(const workload::KernelSpec& spec,
                                                         const Machine& machine) {
    auto& kernel = loaded_[spec.name];
    if (kernel != nullptr) return kernel;
    if (machine.cuda == nullptr) fail<LogicError>("a user's kernel on the host device");
    const auto image = image_of(spec, *machine.cuda, machine.cuda->arch_of(machine.device));
    std::shared_ptr<kernels::LoadedKernel> found;
    try {
        found = machine.cuda->load(machine.device, image.bytes, image.entry);
    } catch (const ConfigError& error) {
        fail<ConfigError>("{}: kernel '{}': {}", show(spec.mark), spec.name, error.what());
    }
    if (const auto parameters = found->parameters()) {
        check_signature(spec, *parameters);
    } else {
        const auto facts = kernels::read_image(image.bytes);
        const auto* function = kernels::find_function(facts, image.entry, spec.file);
        if (function != nullptr) check_signature(spec, function->parameters);
    }
    return kernel = std::move(found);
}

}  // namespace warpstep::execution
