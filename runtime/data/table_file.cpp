// SPDX-License-Identifier: Apache-2.0
#include "runtime/data/table_file.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <filesystem>
#include <string_view>
#include <utility>

#include "runtime/base/error.hpp"
#include "runtime/base/file.hpp"
#include "runtime/base/text.hpp"
#include "runtime/base/units.hpp"

namespace warpstep::data {
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

/// A table as a source.
class TableRows final : public RowSource {
  public:
    explicit TableRows(Table table) : table_(std::move(table)) {}
    std::int64_t rows() const override { return table_.rows; }
    std::int64_t columns() const override { return table_.columns; }
    const std::vector<std::string>& names() const override { return table_.names; }
    bool in_memory() const override { return true; }

    void read(std::int64_t begin, std::int64_t end, double* to) const override {
        std::copy(row(begin), row(end), to);
    }
    void gather(const std::int64_t* rows, std::int64_t count, const RowLayout& layout,
                float* inputs, float* targets) const override {
        for (std::int64_t i = 0; i < count; ++i) {
            place_row(row(rows[i]), layout, inputs + i * layout.features(), targets + i);
        }
    }

  private:
    const double* row(std::int64_t index) const {
        return table_.values.data() + index * table_.columns;
    }
    Table table_;
};

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

Table read_csv(const std::string& path) {
    std::error_code ignored;
    const auto bytes = std::filesystem::file_size(path, ignored);
    if (!ignored && bytes > largest_csv) {
        fail<ConfigError>(
            "{}: has {} (CSV files are read as a whole, up to {}); convert it with "
            "numpy.save, which is read in pieces",
            path, show_bytes(bytes), show_bytes(largest_csv));
    }
    return parse_csv(read_file(path, largest_csv), path);
}

std::unique_ptr<RowSource> rows_of(Table table) {
    return std::make_unique<TableRows>(std::move(table));
}

}  // namespace warpstep::data
