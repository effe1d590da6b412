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
    enum class Kind { buffer, number, word } kind = Kind::buffer;
    void* data = nullptr;             ///< Kind::buffer: memory of the device that launches
    std::int64_t count = 0;           ///< Kind::buffer: elements, the product of the shape
    DType dtype = DType::f32;         ///< Kind::buffer
    std::vector<std::int64_t> shape;  ///< Kind::buffer: extents, row-major, the last one contiguous
    double number = 0;                ///< Kind::number
    std::string word;                 ///< Kind::word: "tf32"

    std::size_t bytes() const { return static_cast<std::size_t>(count) * size_of(dtype); }
};

/// A row-major matrix. A buffer of one dimension is one row.
struct Extents {
    std::int64_t rows = 0, columns = 0;
};

class Arguments {
  public:
    Arguments& buffer(std::string name, void* data, std::int64_t count, DType dtype);
    /// The same with a shape.
    Arguments& buffer(std::string name, void* data, std::vector<std::int64_t> shape, DType dtype);
    Arguments& number(std::string name, double value);
    Arguments& word(std::string name, std::string text);
    /// Overwrites the number of that name, for arguments that change from launch to launch. Errors:
    /// LogicError.
    void set_number(std::string_view name, double value);
    /// Overwrites a buffer's place and size, for batches; its shape becomes {count}. Errors:
    /// LogicError.
    void set_buffer(std::string_view name, void* data, std::int64_t count);

    /// Errors: ConfigError when there is no such argument or it is of the other kind.
    const Argument& buffer(std::string_view name) const;
    double number(std::string_view name) const;
    const std::string& word(std::string_view name) const;
    bool has(std::string_view name) const;
    /// Errors: ConfigError when the buffer has more than two dimensions.
    Extents matrix(std::string_view name) const;
    const std::vector<Argument>& all() const { return arguments_; }

    /// The common type of all buffers named. Errors: ConfigError that names both buffers when they
    /// differ.
    DType common_dtype(const std::vector<std::string_view>& names) const;

  private:
    Argument& at(std::string_view name, Argument::Kind kind);
    std::vector<Argument> arguments_;
};

}  // namespace warpstep::kernels
