// SPDX-License-Identifier: Apache-2.0
// The families of the catalog, and words to write an entry with; private to the room.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/catalog.hpp"

namespace warpstep::kernels {

std::vector<Kernel> vector_kernels();   ///< vectors in, vectors out
std::vector<Kernel> linear_kernels();   ///< rows of a table and weights
std::vector<Kernel> summary_kernels();  ///< many elements in, few out: sums, scans, histograms
std::vector<Kernel> memory_kernels();   ///< what tests or moves memory, or just takes time
std::vector<Kernel> matrix_kernels();   ///< matrices and grids

/// Types of buffers that several kernels take.
namespace types {
inline constexpr const char* real = "f32 f64";
inline constexpr const char* computable = "f32 f64 i32 i64";
inline constexpr const char* any = "any";
}  // namespace types

// A buffer is called in an example what it is called here; a value or word without an example is
// left out there.
Parameter read(std::string name, std::string types, std::string shape, std::string note = "");
Parameter write(std::string name, std::string types, std::string shape, std::string note = "");
Parameter update(std::string name, std::string types, std::string shape, std::string note = "");
Parameter value(std::string name, std::string example, std::string note = "");
Parameter optional_value(std::string name, double otherwise,
                         std::optional<std::string> example = std::nullopt, std::string note = "");
/// The first word is the default.
Parameter word(std::string name, std::vector<std::string> words, std::string note = "",
               std::optional<std::string> example = std::nullopt);

double elements(const Arguments& arguments, std::string_view name);
/// Bytes of one element.
double size(const Arguments& arguments, std::string_view name);
double no_flops(const Arguments&);

}  // namespace warpstep::kernels
