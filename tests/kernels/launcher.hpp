// SPDX-License-Identifier: Apache-2.0
// Runs a kernel of the catalog on one side, host or CUDA module, over memory of the test.
#pragma once

#include <cstring>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "kernels/catalog.hpp"
#include "runtime/base/error.hpp"
#include "runtime/cuda/backend.hpp"
#include "runtime/device/host/cores.hpp"

namespace warpstep::test {

/// Elements of any type, which the test sees as double.
class Elements {
  public:
    /// `offset` elements stand before the first, so that it need not be aligned.
    Elements(DType dtype, std::vector<std::int64_t> shape, std::size_t offset = 0)
        : dtype_(dtype), shape_(std::move(shape)), offset_(offset) {
        count_ = 1;
        for (const auto extent : shape_) count_ *= extent;
        bytes_.resize((static_cast<std::size_t>(count_) + offset) * size_of(dtype) + 16);
    }
    Elements& fill(const std::function<double(std::int64_t)>& value) {
        for (std::int64_t i = 0; i < count_; ++i) set(i, value(i));
        return *this;
    }
    void set(std::int64_t i, double value) {
        with_type(dtype_, [&](auto zero) {
            const auto element = static_cast<decltype(zero)>(value);
            std::memcpy(at(i), &element, sizeof element);
        });
    }
    double operator[](std::int64_t i) const {
        return with_type(dtype_, [&](auto zero) {
            std::memcpy(&zero, at(i), sizeof zero);
            return static_cast<double>(zero);
        });
    }
    char* data() const { return at(0); }
    std::int64_t count() const { return count_; }
    std::size_t bytes() const { return static_cast<std::size_t>(count_) * size_of(dtype_); }
    DType dtype() const { return dtype_; }
    const std::vector<std::int64_t>& shape() const { return shape_; }
    bool same_bits(const Elements& other) const {
        return bytes() == other.bytes() && std::memcmp(data(), other.data(), bytes()) == 0;
    }

  private:
    char* at(std::int64_t i) const {
        auto* first = const_cast<char*>(bytes_.data());
        first += (16 - reinterpret_cast<std::uintptr_t>(first) % 16) % 16;
        return first + (offset_ + static_cast<std::size_t>(i)) * size_of(dtype_);
    }
    DType dtype_;
    std::vector<std::int64_t> shape_;
    std::size_t offset_;
    std::int64_t count_;
    std::vector<char> bytes_;
};

inline kernels::Arguments& add(kernels::Arguments& arguments, const char* name,
                               const Elements& elements) {
    return arguments.buffer(name, elements.data(), elements.shape(), elements.dtype());
}

/// One side of the catalog. Arguments point to the test's memory; what a launch changes is there
/// when run() returns.
class Side {
  public:
    virtual ~Side() = default;
    void run(const char* name, kernels::Arguments arguments) {
        const kernels::Kernel* kernel = kernels::find(name);
        if (kernel == nullptr) fail<LogicError>("no kernel {}", name);
        complete(*kernel, arguments);
        kernel->check(arguments);
        launch(*kernel, arguments);
    }
    static void check(const char* name, kernels::Arguments arguments) {
        const kernels::Kernel& kernel = *kernels::find(name);
        complete(kernel, arguments);
        kernel.check(arguments);
    }

  private:
    /// As a workload does: words and values that are left out have their defaults.
    static void complete(const kernels::Kernel& kernel, kernels::Arguments& arguments) {
        for (const auto& parameter : kernel.parameters) {
            if (arguments.has(parameter.name) || !parameter.optional) continue;
            if (parameter.role == kernels::Parameter::Role::word) {
                arguments.word(parameter.name, parameter.words.front());
            } else if (parameter.role == kernels::Parameter::Role::value) {
                arguments.number(parameter.name, parameter.default_number);
            }
        }
    }
    virtual void launch(const kernels::Kernel& kernel, const kernels::Arguments& arguments) = 0;
};

class HostSide final : public Side {
  public:
    explicit HostSide(int cores = 1) : cores_(cores) {}

  private:
    void launch(const kernels::Kernel& kernel, const kernels::Arguments& arguments) override {
        kernel.host(arguments, cores_);
    }
    device::host::Cores cores_;
};

/// Copies all buffers to the device, each at the same place within 256 bytes, and back.
class CudaSide final : public Side {
  public:
    explicit CudaSide(int ordinal = 0)
        : device_(comm::cuda_backend().open(ordinal)), stream_(device_->make_stream()) {}
    /// How often a prepared kernel is issued by each run().
    int issues = 1;
    bool as_graph = false;

  private:
    void launch(const kernels::Kernel& kernel, const kernels::Arguments& arguments) override {
        std::vector<std::unique_ptr<device::Buffer>> memory;
        std::vector<std::pair<void*, const kernels::Argument*>> copies;
        kernels::Arguments there;
        for (const auto& argument : arguments.all()) {
            switch (argument.kind) {
                case kernels::Argument::Kind::number:
                    there.number(argument.name, argument.number);
                    break;
                case kernels::Argument::Kind::word:
                    there.word(argument.name, argument.word);
                    break;
                case kernels::Argument::Kind::buffer: {
                    const auto offset = reinterpret_cast<std::uintptr_t>(argument.data) % 16;
                    memory.push_back(
                        device_->allocate(argument.bytes() + 256, device::Memory::device));
                    void* place = static_cast<char*>(memory.back()->data()) + offset;
                    device_->copy(place, argument.data, argument.bytes(), *stream_);
                    there.buffer(argument.name, place, argument.shape, argument.dtype);
                    copies.emplace_back(place, &argument);
                }
            }
        }
        const auto prepared = comm::cuda_backend().prepare(*device_, kernel.name, there);
        issue(*prepared);
        for (const auto& [place, argument] : copies) {
            device_->copy(argument->data, place, argument->bytes(), *stream_);
        }
        stream_->synchronize();
    }
    void issue(kernels::PreparedKernel& prepared) {
        if (!as_graph) {
            for (int i = 0; i < issues; ++i) prepared.issue(*stream_);
            return;
        }
        const auto graph = device_->capture(*stream_, [&] { prepared.issue(*stream_); });
        for (int i = 0; i < issues; ++i) graph->launch(*stream_);
        stream_->synchronize();
    }
    std::unique_ptr<device::Device> device_;
    std::unique_ptr<device::Stream> stream_;
};

}  // namespace warpstep::test
