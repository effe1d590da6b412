// SPDX-License-Identifier: Apache-2.0
#include "kernels/catalog.hpp"

#include <algorithm>
#include <utility>

#include "kernels/catalog_entries.hpp"

namespace warpstep::kernels {
namespace {

std::vector<Kernel> make_catalog() {
    std::vector<Kernel> all;
    for (const auto family :
         {vector_kernels, linear_kernels, summary_kernels, memory_kernels, matrix_kernels}) {
        for (Kernel& kernel : family()) all.push_back(std::move(kernel));
    }
    std::sort(all.begin(), all.end(),
              [](const Kernel& a, const Kernel& b) { return a.name < b.name; });
    return all;
}

Parameter buffer(Parameter::Role role, std::string name, std::string types, std::string shape,
                 std::string note) {
    Parameter parameter{std::move(name), role};
    parameter.types = std::move(types);
    parameter.shape = std::move(shape);
    parameter.note = std::move(note);
    parameter.example = parameter.name;
    return parameter;
}

}  // namespace

Parameter read(std::string name, std::string types, std::string shape, std::string note) {
    return buffer(Parameter::Role::read, std::move(name), std::move(types), std::move(shape),
                  std::move(note));
}
Parameter write(std::string name, std::string types, std::string shape, std::string note) {
    return buffer(Parameter::Role::write, std::move(name), std::move(types), std::move(shape),
                  std::move(note));
}
Parameter update(std::string name, std::string types, std::string shape, std::string note) {
    return buffer(Parameter::Role::update, std::move(name), std::move(types), std::move(shape),
                  std::move(note));
}
Parameter value(std::string name, std::string example, std::string note) {
    Parameter parameter{std::move(name), Parameter::Role::value};
    parameter.note = std::move(note);
    parameter.example = std::move(example);
    return parameter;
}
Parameter optional_value(std::string name, double otherwise, std::optional<std::string> example,
                         std::string note) {
    Parameter parameter{std::move(name), Parameter::Role::value, true, otherwise};
    parameter.note = std::move(note);
    parameter.example = std::move(example);
    return parameter;
}
Parameter word(std::string name, std::vector<std::string> words, std::string note,
               std::optional<std::string> example) {
    Parameter parameter{std::move(name), Parameter::Role::word, true, 0, std::move(words)};
    parameter.note = std::move(note);
    parameter.example = std::move(example);
    return parameter;
}

double elements(const Arguments& arguments, std::string_view name) {
    return static_cast<double>(arguments.buffer(name).count);
}
double size(const Arguments& arguments, std::string_view name) {
    return static_cast<double>(size_of(arguments.buffer(name).dtype));
}
double no_flops(const Arguments&) {
    return 0;
}

const std::vector<Kernel>& catalog() {
    static const std::vector<Kernel> kernels = make_catalog();
    return kernels;
}

const Kernel* find(std::string_view name) {
    const auto it = std::find_if(catalog().begin(), catalog().end(),
                                 [&](const Kernel& kernel) { return kernel.name == name; });
    return it == catalog().end() ? nullptr : &*it;
}

}  // namespace warpstep::kernels
