// SPDX-License-Identifier: Apache-2.0
#include "tests/kernels/conformance.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <random>

#include "runtime/cuda/backend.hpp"
#include "tests/kernels/operand_image.hpp"

namespace warpstep::test {
namespace {

using kernels::Argument;
using kernels::Arguments;
using Role = kernels::Parameter::Role;

const kernels::Kernel& entry_of(const std::string& name) {
    const kernels::Kernel* kernel = kernels::find(name);
    if (kernel == nullptr) throw std::runtime_error("no kernel " + name + " in the catalog");
    return *kernel;
}

Role role_of(const kernels::Kernel& kernel, const std::string& name) {
    for (const auto& parameter : kernel.parameters) {
        if (parameter.name == name) return parameter.role;
    }
    throw std::runtime_error(kernel.name + " has no parameter " + name);
}

/// Buffers at the places given, everything else from the case or by default.
Arguments arguments_of(const kernels::Kernel& kernel, const Case& one,
                       const std::vector<void*>& places) {
    Arguments arguments;
    for (std::size_t i = 0; i < one.operands.size(); ++i) {
        const Operand& operand = one.operands[i];
        arguments.buffer(operand.name, places[i], operand.shape, operand.dtype);
    }
    for (const auto& parameter : kernel.parameters) {
        if (parameter.role == Role::value) {
            const auto given = one.numbers.find(parameter.name);
            arguments.number(parameter.name,
                             given == one.numbers.end() ? parameter.default_number : given->second);
        } else if (parameter.role == Role::word) {
            const auto given = one.words.find(parameter.name);
            arguments.word(parameter.name,
                           given == one.words.end() ? parameter.words.front() : given->second);
        }
    }
    return arguments;
}

template <typename T>
std::string compare_elements(const T* host, const T* device, std::int64_t n, bool exact,
                             Tolerance tolerance) {
    for (std::int64_t i = 0; i < n; ++i) {
        if (std::memcmp(host + i, device + i, sizeof(T)) == 0) continue;
        const auto wanted = static_cast<double>(host[i]);
        const auto found = static_cast<double>(device[i]);
        // Which NaN it is, nobody promises.
        if (std::isnan(wanted) && std::isnan(found)) continue;
        const double allowed = tolerance.absolute + tolerance.relative * std::abs(wanted);
        if (!exact && std::abs(wanted - found) <= allowed) continue;
        return fmt::format(
            "element {} is {} on the host but {} on the device ({} may differ by "
            "{})",
            i, wanted, found, exact ? "none" : "it", exact ? 0 : allowed);
    }
    return "";
}

std::string compare(const Operand& operand, const Image& before, const Image& host,
                    const Image& device, Role role, const Suite& suite, const Case& one) {
    if (!host.guards_intact()) return "the host wrote beside " + operand.name;
    if (!device.guards_intact()) return "the device wrote beside " + operand.name;
    if (role == Role::read) {
        if (!host.same_as(before)) return "the host changed " + operand.name;
        if (!device.same_as(before)) return "the device changed " + operand.name;
        return "";
    }
    const std::string difference = with_type(operand.dtype, [&](auto zero) {
        using T = decltype(zero);
        const bool exact = !is_floating(operand.dtype) || !suite.tolerance;
        return compare_elements(static_cast<const T*>(host.data()),
                                static_cast<const T*>(device.data()), host.count(), exact,
                                exact ? Tolerance{} : suite.tolerance(one));
    });
    return difference.empty() ? "" : operand.name + ": " + difference;
}

}  // namespace

std::string Case::text() const {
    std::string text;
    for (const Operand& operand : operands) {
        text += fmt::format("{} {} [{}] +{}, ", operand.name, name_of(operand.dtype),
                            fmt::join(operand.shape, " x "), operand.offset);
    }
    for (const auto& [name, value] : numbers) text += fmt::format("{} = {}, ", name, value);
    for (const auto& [name, value] : words) text += fmt::format("{}: {}, ", name, value);
    return text;
}

std::vector<std::int64_t> sizes_for(DType dtype) {
    const std::int64_t pack = 16 / static_cast<std::int64_t>(size_of(dtype));
    const std::int64_t tile = pack * 4 * 256;
    return {0, 1, 2, 3, pack - 1, pack, pack + 1, 31, 257, tile - 1, tile, tile + 1, 100'003};
}

std::vector<Suite> all_suites() {
    std::vector<Suite> all;
    for (const auto family : {suites_of_vectors, suites_of_rows, suites_of_summaries,
                              suites_of_memory, suites_of_matrices}) {
        for (Suite& suite : family()) all.push_back(std::move(suite));
    }
    return all;
}

Comparison::Comparison(const Suite& suite, device::Device& device)
    : suite_(suite),
      kernel_(entry_of(suite.kernel)),
      device_(device),
      stream_(device.make_stream()) {}

void Comparison::launch(const Arguments& arguments, bool captured) {
    if (prepared_ != nullptr && update_) {
        prepared_->update(arguments);
    } else {
        prepared_ = comm::cuda_backend().prepare(device_, kernel_.name, arguments);
    }
    update_ = !update_;
    if (captured) {
        const auto graph = device_.capture(*stream_, [&] { prepared_->issue(*stream_); });
        graph->launch(*stream_);
        stream_->synchronize();
    } else {
        prepared_->issue(*stream_);
    }
}

std::string Comparison::run(const Case& one, bool captured) {
    std::vector<Image> before;
    std::vector<std::unique_ptr<device::Buffer>> buffers;
    std::vector<void*> places;
    unsigned seed = 1;
    for (const Operand& operand : one.operands) {
        const Image& image = before.emplace_back(operand, seed++);
        buffers.push_back(device_.allocate(image.bytes(), device::Memory::device));
        device_.copy(buffers.back()->data(), image.begin(), image.bytes(), *stream_);
        places.push_back(static_cast<char*>(buffers.back()->data()) + image.data_offset());
    }
    std::vector<Image> host = before;
    std::vector<void*> host_places;
    for (Image& image : host) host_places.push_back(image.data());
    const Arguments on_host = arguments_of(kernel_, one, host_places);
    kernel_.check(on_host);
    kernel_.host(on_host, device::host::Cores(2));

    launch(arguments_of(kernel_, one, places), captured);
    std::vector<Image> device = before;
    for (std::size_t i = 0; i < device.size(); ++i) {
        device_.copy(device[i].begin(), buffers[i]->data(), device[i].bytes(), *stream_);
    }
    stream_->synchronize();
    for (std::size_t i = 0; i < one.operands.size(); ++i) {
        const Role role = role_of(kernel_, one.operands[i].name);
        std::string wrong =
            compare(one.operands[i], before[i], host[i], device[i], role, suite_, one);
        if (!wrong.empty()) return wrong;
    }
    return "";
}

}  // namespace warpstep::test
