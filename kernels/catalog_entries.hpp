// SPDX-License-Identifier: Apache-2.0
// The families of the catalog, and words to write an entry with; private to the room.
#pragma once

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

Parameter read(std::string name);
Parameter write(std::string name);
Parameter update(std::string name);
Parameter value(std::string name);
Parameter optional_value(std::string name, double otherwise);
/// The first word is the default.
Parameter word(std::string name, std::vector<std::string> words);

double elements(const Arguments& arguments, std::string_view name);
/// Bytes of one element.
double size(const Arguments& arguments, std::string_view name);
double no_flops(const Arguments&);

}  // namespace warpstep::kernels
