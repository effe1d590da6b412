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

}  // namespace

Parameter read(std::string name) {
    return {std::move(name), Parameter::Role::read};
}
Parameter write(std::string name) {
    return {std::move(name), Parameter::Role::write};
}
Parameter update(std::string name) {
    return {std::move(name), Parameter::Role::update};
}
Parameter value(std::string name) {
    return {std::move(name), Parameter::Role::value};
}
Parameter optional_value(std::string name, double otherwise) {
    return {std::move(name), Parameter::Role::value, true, otherwise};
}
Parameter word(std::string name, std::vector<std::string> words) {
    return {std::move(name), Parameter::Role::word, true, 0, std::move(words)};
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
