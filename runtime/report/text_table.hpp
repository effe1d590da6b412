// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace warpstep::report {

/// Rows of cells under a header, aligned; columns that are empty in every row are left out.
class TextTable {
  public:
    enum class Align { left, right };
    struct Column {
        std::string title;
        Align align = Align::left;
    };

    explicit TextTable(std::vector<Column> columns);
    /// Precondition: as many cells as columns.
    void add(std::vector<std::string> cells);
    bool empty() const { return rows_.empty(); }
    /// Two spaces between columns, no trailing spaces; the header dimmed with `colours`.
    std::string text(bool colours) const;

  private:
    std::vector<Column> columns_;
    std::vector<std::vector<std::string>> rows_;
};

}  // namespace warpstep::report
