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
    return buffer(std::move(name), data, std::vector<std::int64_t>{count}, dtype);
}

Arguments& Arguments::buffer(std::string name, void* data, std::vector<std::int64_t> shape,
                             DType dtype) {
    std::int64_t count = 1;
    for (const std::int64_t extent : shape) count *= extent;
    arguments_.push_back(
        {std::move(name), Argument::Kind::buffer, data, count, dtype, std::move(shape), 0, ""});
    return *this;
}

Arguments& Arguments::number(std::string name, double value) {
    arguments_.push_back(
        {std::move(name), Argument::Kind::number, nullptr, 0, DType::f64, {}, value, ""});
    return *this;
}

Arguments& Arguments::word(std::string name, std::string text) {
    arguments_.push_back(
        {std::move(name), Argument::Kind::word, nullptr, 0, DType::f64, {}, 0, std::move(text)});
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
    argument.shape = {count};
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

const std::string& Arguments::word(std::string_view name) const {
    const Argument* found = find_argument(arguments_, name, Argument::Kind::word);
    if (found == nullptr) fail<ConfigError>("argument '{}' is not a word; give a word", name);
    return found->word;
}

bool Arguments::has(std::string_view name) const {
    return std::any_of(arguments_.begin(), arguments_.end(),
                       [&](const Argument& argument) { return argument.name == name; });
}

Extents Arguments::matrix(std::string_view name) const {
    const std::vector<std::int64_t>& shape = buffer(name).shape;
    if (shape.size() > 2) {
        fail<ConfigError>("'{}' has {} dimensions (a matrix has two); write shape: [rows, columns]",
                          name, shape.size());
    }
    return shape.size() == 2 ? Extents{shape[0], shape[1]} : Extents{1, shape[0]};
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
