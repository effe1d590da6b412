// SPDX-License-Identifier: Apache-2.0
#include "kernels/arguments.hpp"

#include <algorithm>
#include <utility>

#include "runtime/base/error.hpp"

namespace warpstep::kernels {
namespace {

const Argument* find_argument(const std::vector<Argument>& arguments, std::string_view name,
                              Argument::Kind kind) {
    const auto it = std::find_if(arguments.begin(), arguments.end(), [&](const Argument& argument) {
        return argument.name == name && argument.kind == kind;
    });
    return it == arguments.end() ? nullptr : &*it;
}

}  // namespace

Arguments& Arguments::buffer(std::string name, void* data, std::int64_t count, DType dtype) {
    arguments_.push_back({std::move(name), Argument::Kind::buffer, data, count, dtype, 0});
    return *this;
}

Arguments& Arguments::number(std::string name, double value) {
    arguments_.push_back({std::move(name), Argument::Kind::number, nullptr, 0, DType::f64, value});
    return *this;
}

Argument& Arguments::at(std::string_view name, Argument::Kind kind) {
    const Argument* found = find_argument(arguments_, name, kind);
    if (found == nullptr) fail<LogicError>("no argument '{}' to set", name);
    return const_cast<Argument&>(*found);
}

void Arguments::set_number(std::string_view name, double value) {
    at(name, Argument::Kind::number).number = value;
}

void Arguments::set_buffer(std::string_view name, void* data, std::int64_t count) {
    Argument& argument = at(name, Argument::Kind::buffer);
    argument.data = data;
    argument.count = count;
}

const Argument& Arguments::buffer(std::string_view name) const {
    const Argument* found = find_argument(arguments_, name, Argument::Kind::buffer);
    if (found == nullptr) fail<ConfigError>("argument '{}' is not a buffer; name a buffer", name);
    return *found;
}

double Arguments::number(std::string_view name) const {
    const Argument* found = find_argument(arguments_, name, Argument::Kind::number);
    if (found == nullptr) fail<ConfigError>("argument '{}' is not a number; give a number", name);
    return found->number;
}

DType Arguments::common_dtype(const std::vector<std::string_view>& names) const {
    const Argument& first = buffer(names.front());
    for (const auto name : names) {
        const Argument& other = buffer(name);
        if (other.dtype != first.dtype) {
            fail<ConfigError>("'{}' is {} but '{}' is {} (they must have one type); change a dtype",
                              first.name, name_of(first.dtype), other.name, name_of(other.dtype));
        }
    }
    return first.dtype;
}

}  // namespace warpstep::kernels
