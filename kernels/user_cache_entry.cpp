// SPDX-License-Identifier: Apache-2.0
#include "kernels/user_cache_entry.hpp"

#include <fmt/format.h>

#include <charconv>
#include <vector>

#include "runtime/base/text.hpp"

namespace warpstep::kernels {
namespace {

constexpr std::string_view image_title = "warpstep-image-1";
constexpr std::string_view failure_title = "warpstep-failure-1";

// "TITLE LENGTH LENGTH … HASH\n", then the pieces.
std::string encode(std::string_view title, const std::vector<std::string_view>& pieces) {
    std::string head(title), body;
    for (const std::string_view piece : pieces) {
        head += fmt::format(" {}", piece.size());
        body += piece;
    }
    return fmt::format("{} {}\n{}", head, hash_hex(body), body);
}

// The pieces, or none when anything is not as encode() wrote it.
std::vector<std::string_view> decode(std::string_view title, std::size_t count,
                                     std::string_view content) {
    const std::size_t line = content.find('\n');
    if (line == std::string_view::npos) return {};
    const std::vector<std::string> head = split(content.substr(0, line), ' ');
    if (head.size() != count + 2 || head.front() != title) return {};
    std::string_view body = content.substr(line + 1);
    if (hash_hex(body) != head.back()) return {};
    std::vector<std::string_view> pieces;
    for (std::size_t i = 1; i <= count; ++i) {
        std::size_t length = 0;
        const char* end = head[i].data() + head[i].size();
        if (std::from_chars(head[i].data(), end, length).ptr != end) return {};
        if (length > body.size()) return {};
        pieces.push_back(body.substr(0, length));
        body.remove_prefix(length);
    }
    return body.empty() ? pieces : std::vector<std::string_view>{};
}

}  // namespace

std::string encode_entry(const std::string& key, const KernelImage& image) {
    return encode(image_title, {key, image.entry, image.bytes});
}

std::optional<KernelImage> decode_entry(std::string_view content, const std::string& key) {
    const auto pieces = decode(image_title, 3, content);
    if (pieces.empty() || pieces[0] != key) return std::nullopt;
    return KernelImage{std::string(pieces[2]), std::string(pieces[1]), ""};
}

std::string encode_failure(const std::string& key, long long microseconds, const std::string& why) {
    return encode(failure_title, {key, fmt::format("{}", microseconds), why});
}

std::optional<std::string> decode_failure(std::string_view content, const std::string& key,
                                          long long since) {
    const auto pieces = decode(failure_title, 3, content);
    if (pieces.empty() || pieces[0] != key) return std::nullopt;
    long long when = 0;
    std::from_chars(pieces[1].data(), pieces[1].data() + pieces[1].size(), when);
    return when < since ? std::nullopt : std::optional(std::string(pieces[2]));
}

}  // namespace warpstep::kernels
