// SPDX-License-Identifier: Apache-2.0
#include "runtime/data/table_shape.hpp"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <optional>
#include <vector>

#include "runtime/base/error.hpp"
#include "runtime/base/text.hpp"

namespace warpstep::data {
namespace {

// The extents in "{'descr': '<f4', 'fortran_order': False, 'shape': (442, 11), }".
// Source: numpy.lib.format, "NPY format".
std::optional<TableShape> npy_shape(std::string_view header) {
    const auto key = header.find("'shape'");
    const auto open = header.find('(', key);
    const auto close = header.find(')', open);
    if (key == header.npos || open == header.npos || close == header.npos) return std::nullopt;
    std::vector<std::int64_t> extents;
    for (const auto& piece : split(header.substr(open + 1, close - open - 1), ',')) {
        const std::string_view text = trim(piece);
        if (text.empty()) continue;
        std::int64_t extent = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), extent);
        if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
        extents.push_back(extent);
    }
    if (extents.empty() || extents.size() > 2) return std::nullopt;
    return TableShape{extents[0], extents.size() == 2 ? extents[1] : 1};
}

TableShape shape_of_npy(std::ifstream& file, const std::string& path) {
    constexpr std::size_t most_header = 64 << 10;
    std::string begin(most_header, '\0');
    file.read(begin.data(), static_cast<std::streamsize>(begin.size()));
    begin.resize(static_cast<std::size_t>(file.gcount()));
    const auto shape = begin.starts_with("\x93NUMPY") ? npy_shape(begin) : std::nullopt;
    if (!shape) {
        fail<ConfigError>("{}: is no NPY file of one or two dimensions; write it with numpy.save",
                          path);
    }
    return *shape;
}

TableShape shape_of_csv(std::ifstream& file) {
    TableShape shape;
    for (std::string line; std::getline(file, line);) {
        if (trim(line).empty()) continue;
        if (shape.columns == 0) {
            for (const auto& cell : split(trim(line), ',')) shape.names.emplace_back(trim(cell));
            shape.columns = static_cast<std::int64_t>(shape.names.size());
        } else {
            ++shape.rows;
        }
    }
    return shape;
}

}  // namespace

TableShape shape_of_table(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) fail<ConfigError>("cannot read {} (is it there?); correct the path", path);
    const TableShape shape = path.ends_with(".npy") ? shape_of_npy(file, path) : shape_of_csv(file);
    if (shape.rows == 0 || shape.columns == 0) {
        fail<ConfigError>("{}: has no rows; give a file with data", path);
    }
    return shape;
}

}  // namespace warpstep::data
