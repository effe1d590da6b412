// SPDX-License-Identifier: Apache-2.0
// The arguments of one launch, resolved: names to memory and numbers. A kernel turns them into its
// own parameter struct.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/dtype.hpp"

namespace warpstep::kernels {

struct Argument {
    std::string name;
    enum class Kind { buffer, number } kind = Kind::buffer;
    void* data = nullptr;      ///< Kind::buffer: memory of the device that launches
    std::int64_t count = 0;    ///< Kind::buffer: elements
    DType dtype = DType::f32;  ///< Kind::buffer
    double number = 0;         ///< Kind::number
};

class Arguments {
  public:
    Arguments& buffer(std::string name, void* data, std::int64_t count, DType dtype);
    Arguments& number(std::string name, double value);
    /// Overwrites the number of that name, for arguments that change from launch to launch. Errors:
    /// LogicError.
    void set_number(std::string_view name, double value);
    /// Overwrites a buffer's place and size, for batches. Errors: LogicError.
    void set_buffer(std::string_view name, void* data, std::int64_t count);

    /// Errors: ConfigError when there is no such argument or it is of the other kind.
    const Argument& buffer(std::string_view name) const;
    double number(std::string_view name) const;
    const std::vector<Argument>& all() const { return arguments_; }

    /// The common type of all buffers named. Errors: ConfigError that names both buffers when they
    /// differ.
    DType common_dtype(const std::vector<std::string_view>& names) const;

  private:
    Argument& at(std::string_view name, Argument::Kind kind);
    std::vector<Argument> arguments_;
};

}  // namespace warpstep::kernels
