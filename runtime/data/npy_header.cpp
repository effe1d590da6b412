// SPDX-License-Identifier: Apache-2.0
#include "runtime/data/npy_header.hpp"

#include <algorithm>
#include <charconv>
#include <functional>
#include <numeric>

#include "runtime/base/error.hpp"
#include "runtime/base/text.hpp"

namespace warpstep::data {
namespace {

constexpr std::string_view magic("\x93NUMPY", 6);
// NumPy's own headers have 118 bytes; only tables with named columns have longer ones.
constexpr std::size_t longest_header = 1 << 20;

// "'key': value" of a header, which is the text of a Python dictionary.
std::string_view field(std::string_view header, std::string_view key, const std::string& path) {
    const auto at = header.find(fmt::format("'{}':", key));
    if (at == std::string_view::npos) {
        fail<ConfigError>("{}: the NPY header has no '{}' (the file is damaged); write it again",
                          path, key);
    }
    return trim(header.substr(at + key.size() + 3));
}

std::vector<std::int64_t> parse_shape(std::string_view text, const std::string& path) {
    std::vector<std::int64_t> shape;
    const auto close = text.find(')');
    if (text.empty() || text[0] != '(' || close == std::string_view::npos) {
        fail<ConfigError>("{}: the NPY header has no shape (the file is damaged); write it again",
                          path);
    }
    for (const auto& piece : split(text.substr(1, close - 1), ',')) {
        const auto digits = trim(piece);
        if (digits.empty()) continue;
        std::int64_t extent = 0;
        const auto [end, error] =
            std::from_chars(digits.data(), digits.data() + digits.size(), extent);
        if (error != std::errc{} || end != digits.data() + digits.size() || extent < 0) {
            fail<ConfigError>("{}: the NPY shape has '{}' (not a size); write the file again", path,
                              digits);
        }
        shape.push_back(extent);
    }
    return shape;
}

// "<f4" has 4 bytes. Big endian, text, objects and structures are refused.
std::size_t bytes_of(const std::string& type, const std::string& path) {
    const bool number = type.size() == 3 && (type[0] == '<' || type[0] == '|') &&
                        std::string_view("fiub").find(type[1]) != std::string_view::npos;
    const std::size_t bytes = number ? static_cast<std::size_t>(type[2] - '0') : 0;
    if (bytes != 1 && bytes != 2 && bytes != 4 && bytes != 8) {
        fail<ConfigError>(
            "{}: elements are '{}' (f4, f8, i4, i8 little endian are read); convert the array",
            path, type);
    }
    return bytes;
}

void check_length(const NpyHeader& header, const InputFile& file) {
    const std::uint64_t there = (file.bytes() - header.data_at) / header.element_bytes;
    std::uint64_t needed = 1;
    const bool empty = std::find(header.shape.begin(), header.shape.end(), 0) != header.shape.end();
    for (const std::int64_t extent : header.shape) {
        if (empty) return;
        const auto size = static_cast<std::uint64_t>(extent);
        if (size > there / needed) {
            fail<ConfigError>(
                "{}: has {} elements but its shape is ({}) (the file is cut off); copy it again",
                file.path(), there, fmt::join(header.shape, ", "));
        }
        needed *= size;
    }
    if (needed > there) {
        fail<ConfigError>("{}: has no elements (the file is cut off); copy it again", file.path());
    }
}

}  // namespace

std::int64_t NpyHeader::count() const {
    if (std::find(shape.begin(), shape.end(), 0) != shape.end()) return 0;
    return std::accumulate(shape.begin(), shape.end(), std::int64_t{1}, std::multiplies<>());
}

NpyHeader read_npy_header(const InputFile& file) {
    const std::string& path = file.path();
    std::string start(static_cast<std::size_t>(std::min<std::uint64_t>(12, file.bytes())), '\0');
    file.read(0, start.data(), start.size());
    if (start.size() < 12 || start.compare(0, 6, magic) != 0 || (start[6] != 1 && start[6] != 2)) {
        fail<ConfigError>("{}: is not an NPY file of version 1 or 2; write it with numpy.save",
                          path);
    }
    const std::size_t length_bytes = start[6] == 1 ? 2 : 4;
    std::size_t length = 0;
    for (std::size_t i = 0; i < length_bytes; ++i) {
        length |= static_cast<std::size_t>(static_cast<unsigned char>(start[8 + i])) << (8 * i);
    }
    NpyHeader header;
    header.data_at = 8 + length_bytes + length;
    if (header.data_at > file.bytes() || length > longest_header) {
        fail<ConfigError>("{}: ends inside its header (the file is cut off); copy it again", path);
    }
    std::string text(length, '\0');
    file.read(8 + length_bytes, text.data(), length);
    if (field(text, "fortran_order", path).starts_with("True")) {
        fail<ConfigError>("{}: is in Fortran order; save numpy.ascontiguousarray(a)", path);
    }
    const std::string_view type = field(text, "descr", path);
    header.type = type.substr(std::min<std::size_t>(1, type.size()));
    header.type = header.type.substr(0, header.type.find('\''));
    header.element_bytes = bytes_of(header.type, path);
    header.shape = parse_shape(field(text, "shape", path), path);
    check_length(header, file);
    return header;
}

std::string npy_header(std::string_view type, const std::vector<std::int64_t>& shape) {
    std::string text = fmt::format("{{'descr': '{}', 'fortran_order': False, 'shape': ({}{}), }}",
                                   type, fmt::join(shape, ", "), shape.size() == 1 ? "," : "");
    constexpr std::size_t before = 10, alignment = 64;
    text.append(alignment - 1 - (before + text.size()) % alignment, ' ');
    text += '\n';
    std::string header(magic);
    header +=
        {'\1', '\0', static_cast<char>(text.size() & 0xff), static_cast<char>(text.size() >> 8)};
    return header + text;
}

std::optional<std::string_view> npy_type(DType type) {
    switch (type) {
        case DType::f32:
            return "<f4";
        case DType::f64:
            return "<f8";
        case DType::i32:
            return "<i4";
        case DType::i64:
            return "<i8";
        case DType::f16:
            return "<f2";
        case DType::u8:
            return "|u1";
        case DType::bf16:
        case DType::f8e4m3:
            break;
    }
    return std::nullopt;
}

}  // namespace warpstep::data
