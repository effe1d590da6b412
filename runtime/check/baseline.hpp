// SPDX-License-Identifier: Apache-2.0
// What a GPU has reached before, by its UUID.
#pragma once

#include <string>
#include <vector>

#include "runtime/check/facts.hpp"

namespace warpstep::check {

/// Keeps the verified measurements of single GPUs in the file, beside what it holds of others; a
/// newer one replaces an older of the same GPU, probe and qualifier. Written whole or not at all.
/// Errors: ConfigError for a file of something else; EnvironmentError when it cannot be written.
void learn(const std::string& file, const Facts& facts);

/// Errors: ConfigError for a file that cannot be read or is none of learn()'s.
std::vector<BaselineEntry> load_baseline(const std::string& file);

}  // namespace warpstep::check
