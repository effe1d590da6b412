// SPDX-License-Identifier: Apache-2.0
// Checks that several kernels make of their arguments before a launch.
#pragma once

#include <string_view>
#include <vector>

#include "kernels/arguments.hpp"

namespace warpstep::kernels {

/// All buffers named have one floating type and the same number of elements, and none overlaps
/// another. Errors: ConfigError that names the two buffers.
void check_vectors(const Arguments& arguments, const std::vector<std::string_view>& names);
/// No two of the buffers share a byte. Errors: ConfigError that names both.
void check_no_overlap(const Arguments& arguments, const std::vector<std::string_view>& names);
/// The common type of the buffers is f32 or f64. Errors: ConfigError.
void check_floating(const Arguments& arguments, const std::vector<std::string_view>& names);

/// Calls body(float{}) or body(double{}) by the common type of the buffers named.
template <typename Body>
void with_floating(const Arguments& arguments, const std::vector<std::string_view>& names,
                   Body&& body) {
    if (arguments.common_dtype(names) == DType::f32) {
        body(float{});
    } else {
        body(double{});
    }
}

}  // namespace warpstep::kernels
