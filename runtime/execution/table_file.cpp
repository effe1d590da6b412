// SPDX-License-Identifier: Apache-2.0
#include "runtime/execution/table_file.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>
#include <string_view>

#include "runtime/base/error.hpp"
#include "runtime/base/file.hpp"
#include "runtime/base/text.hpp"

namespace warpstep::execution {
namespace {

double parse_cell(std::string_view cell, const std::string& path, std::int64_t line,
                  const std::string& column) {
    const std::string_view text = trim(cell);
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty() || error != std::errc{} || end != text.data() + text.size()) {
        fail<ConfigError>("{}:{}: column '{}' is '{}' (not a number); correct or remove the row",
                          path, line, column, text);
    }
    if (!std::isfinite(value)) {
        fail<ConfigError>(
            "{}:{}: column '{}' is {} (only finite numbers can be trained on); "
            "correct or remove the row",
            path, line, column, text);
    }
    return value;
}

// "key': value" of an NPY header, which is the text of a Python dictionary.
std::string_view header_field(std::string_view header, std::string_view key,
                              const std::string& path) {
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
    if (shape.empty() || shape.size() > 2) {
        fail<ConfigError>("{}: the array has {} dimensions (a table has 1 or 2); reshape it", path,
                          shape.size());
    }
    return shape;
}

template <typename T>
std::vector<double> convert(std::string_view bytes, std::size_t count) {
    std::vector<double> values(count);
    for (std::size_t i = 0; i < count; ++i) {
        T value;
        std::memcpy(&value, bytes.data() + i * sizeof(T), sizeof(T));
        values[i] = static_cast<double>(value);
    }
    return values;
}

std::vector<double> convert(std::string_view type, std::string_view bytes, std::size_t count,
                            const std::string& path) {
    const std::size_t size = type.ends_with('8') ? 8 : 4;
    if (type != "<f4" && type != "<f8" && type != "<i4" && type != "<i8") {
        fail<ConfigError>(
            "{}: elements are '{}' (f4, f8, i4, i8 little endian are read); convert the array",
            path, type);
    }
    if (count > bytes.size() / size) {
        fail<ConfigError>(
            "{}: has {} bytes of data but its shape needs {} elements (the file is cut off); "
            "copy it again",
            path, bytes.size(), count);
    }
    if (type == "<f4") return convert<float>(bytes, count);
    if (type == "<f8") return convert<double>(bytes, count);
    if (type == "<i4") return convert<std::int32_t>(bytes, count);
    return convert<std::int64_t>(bytes, count);
}

void check_finite(const Table& table, const std::string& path) {
    for (std::size_t i = 0; i < table.values.size(); ++i) {
        if (!std::isfinite(table.values[i])) {
            fail<ConfigError>(
                "{}: element [{}, {}] is {} (only finite numbers can be trained on); correct it",
                path, static_cast<std::int64_t>(i) / table.columns,
                static_cast<std::int64_t>(i) % table.columns, table.values[i]);
        }
    }
}

}  // namespace

Table parse_csv(const std::string& text, const std::string& path) {
    Table table;
    std::int64_t line_number = 0;
    for (const auto& line : split(text, '\n')) {
        ++line_number;
        if (trim(line).empty()) continue;
        const auto cells = split(trim(line), ',');
        if (table.names.empty()) {
            for (const auto& cell : cells) table.names.emplace_back(trim(cell));
            table.columns = static_cast<std::int64_t>(cells.size());
            continue;
        }
        if (static_cast<std::int64_t>(cells.size()) != table.columns) {
            fail<ConfigError>(
                "{}:{}: has {} values (the first line names {} columns); correct the row", path,
                line_number, cells.size(), table.columns);
        }
        for (std::size_t i = 0; i < cells.size(); ++i) {
            table.values.push_back(parse_cell(cells[i], path, line_number, table.names[i]));
        }
        ++table.rows;
    }
    if (table.rows == 0)
        fail<ConfigError>("{}: has no rows; give a file with a line of names and data", path);
    return table;
}

Table parse_npy(const std::string& bytes, const std::string& path) {
    constexpr std::string_view magic("\x93NUMPY", 6);
    const std::string_view file(bytes);
    if (file.size() < 12 || file.substr(0, 6) != magic || (file[6] != 1 && file[6] != 2)) {
        fail<ConfigError>("{}: is not an NPY file of version 1 or 2; write it with numpy.save",
                          path);
    }
    const std::size_t length_bytes = file[6] == 1 ? 2 : 4;
    std::size_t length = 0;
    for (std::size_t i = 0; i < length_bytes; ++i) {
        length |= static_cast<std::size_t>(static_cast<unsigned char>(file[8 + i])) << (8 * i);
    }
    const std::size_t data_at = 8 + length_bytes + length;
    if (data_at > file.size()) {
        fail<ConfigError>("{}: ends inside its header (the file is cut off); copy it again", path);
    }
    const std::string_view header = file.substr(8 + length_bytes, length);
    if (header_field(header, "fortran_order", path).starts_with("True")) {
        fail<ConfigError>("{}: is in Fortran order; save numpy.ascontiguousarray(a)", path);
    }
    std::string_view type = header_field(header, "descr", path);
    type = type.substr(std::min<std::size_t>(1, type.size()));
    type = type.substr(0, type.find('\''));
    const auto shape = parse_shape(header_field(header, "shape", path), path);
    Table table;
    table.rows = shape[0];
    table.columns = shape.size() == 2 ? shape[1] : 1;
    if (table.columns != 0 && table.rows > static_cast<std::int64_t>(file.size()) / table.columns) {
        fail<ConfigError>(
            "{}: has {} bytes of data but its shape is {} x {} (the file is cut off); copy it "
            "again",
            path, file.size() - data_at, table.rows, table.columns);
    }
    table.values = convert(type, file.substr(data_at),
                           static_cast<std::size_t>(table.rows * table.columns), path);
    if (table.rows == 0 || table.columns == 0)
        fail<ConfigError>("{}: has no rows; give an array with data", path);
    check_finite(table, path);
    return table;
}

Table read_table(const std::string& path) {
    const std::string content = read_file(path);
    return path.ends_with(".npy") ? parse_npy(content, path) : parse_csv(content, path);
}

}  // namespace warpstep::execution
