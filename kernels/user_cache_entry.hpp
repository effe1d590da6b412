// SPDX-License-Identifier: Apache-2.0
// One file of the cache of compiled images; private to kernels.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "kernels/user_kernel.hpp"

namespace warpstep::kernels {

/// A file's content: a line with lengths and a hash, then key, entry and image. The whole key is
/// kept, so that two keys with one hash are told apart.
std::string encode_entry(const std::string& key, const KernelImage& image);
/// Nothing when it is another key's, cut short or changed.
std::optional<KernelImage> decode_entry(std::string_view content, const std::string& key);

/// What a task says to those that wait for it when its compilation failed: when, and why.
std::string encode_failure(const std::string& key, long long microseconds, const std::string& why);
/// Nothing when it is another key's, damaged, or older than `since`.
std::optional<std::string> decode_failure(std::string_view content, const std::string& key,
                                          long long since);

}  // namespace warpstep::kernels
