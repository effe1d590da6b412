// SPDX-License-Identifier: Apache-2.0
#include "runtime/data/npy_rows.hpp"

#include <algorithm>
#include <cmath>

#include "runtime/base/error.hpp"
#include "runtime/data/npy_header.hpp"
#include "runtime/data/table_file.hpp"

namespace warpstep::data {
namespace {

// What one read brings: small enough for a core's own cache, large enough that the call is cheap.
constexpr std::int64_t block_bytes = 1024 * 1024;
constexpr std::int64_t checked_elements = 2048;

template <typename T>
class NpyRows final : public RowSource {
  public:
    NpyRows(std::unique_ptr<InputFile> file, const NpyHeader& header)
        : file_(std::move(file)),
          data_at_(header.data_at),
          rows_(header.shape[0]),
          columns_(header.shape.size() == 2 ? header.shape[1] : 1),
          block_rows_(std::max<std::int64_t>(1, block_bytes / row_bytes())) {}

    std::int64_t rows() const override { return rows_; }
    std::int64_t columns() const override { return columns_; }

    void read(std::int64_t begin, std::int64_t end, double* to) const override {
        for (; begin < end; begin += block_rows_) {
            const std::int64_t rows = std::min(block_rows_, end - begin);
            const T* block = load(begin, rows);
            for (std::int64_t i = 0; i < rows * columns_; ++i) {
                to[i] = static_cast<double>(block[i]);
                if (!std::isfinite(to[i])) refuse(begin + i / columns_, i % columns_, to[i]);
            }
            to += rows * columns_;
        }
    }

    void gather(const std::int64_t* rows, std::int64_t count, const RowLayout& layout,
                float* inputs, float* targets) const override {
        // Rows that follow each other in the file are read together.
        for (std::int64_t i = 0, run = 1; i < count; i += run, run = 1) {
            while (run < block_rows_ && i + run < count && rows[i + run] == rows[i] + run) ++run;
            place(rows[i], run, layout, inputs + i * layout.features(), targets + i);
        }
    }

  private:
    std::int64_t row_bytes() const { return columns_ * static_cast<std::int64_t>(sizeof(T)); }

    // Valid until this thread's next call.
    const T* load(std::int64_t row, std::int64_t count) const {
        thread_local std::vector<T> block;
        const auto elements = static_cast<std::size_t>(count * columns_);
        if (block.size() < elements) block.resize(elements);
        file_->read(data_at_ + static_cast<std::uint64_t>(row * row_bytes()), block.data(),
                    elements * sizeof(T));
        return block.data();
    }

    // Rows that stand together.
    void place(std::int64_t first, std::int64_t count, const RowLayout& layout, float* inputs,
               float* targets) const {
        if (std::is_same_v<T, float> && layout.scaling.empty()) {
            place_unchanged(first, count, layout, inputs, targets);
        } else {
            place_converted(first, count, layout, inputs, targets);
        }
    }

    void place_unchanged(std::int64_t first, std::int64_t count, const RowLayout& layout,
                         float* inputs, float* targets) const {
        const auto* rows = reinterpret_cast<const float*>(load(first, count));
        if (place_rows(rows, count, layout, inputs, targets)) return;
        for (std::int64_t i = 0; i < count; ++i) check(first + i, layout);
    }

    // Checked while they are still in the nearest cache.
    void place_converted(std::int64_t first, std::int64_t count, const RowLayout& layout,
                         float* inputs, float* targets) const {
        const T* row = load(first, count);
        const std::int64_t features = layout.features();
        const std::int64_t part = std::max<std::int64_t>(1, checked_elements / columns_);
        for (std::int64_t begin = 0; begin < count; begin += part) {
            const std::int64_t end = std::min(count, begin + part);
            for (std::int64_t i = begin; i < end; ++i, row += columns_) {
                place_row(row, layout, inputs + i * features, targets + i);
            }
            if (all_finite(inputs + begin * features, (end - begin) * features) &&
                all_finite(targets + begin, end - begin)) {
                continue;
            }
            for (std::int64_t i = begin; i < end; ++i) check(first + i, layout);
        }
    }

    // Of a row of which something is not finite as f32.
    void check(std::int64_t row, const RowLayout& layout) const {
        const T* values = load(row, 1);
        for (std::int64_t j = 0; j < columns_; ++j) {
            const auto value = static_cast<double>(values[j]);
            if (!std::isfinite(layout.convert(value, j))) refuse(row, j, value);
        }
    }

    [[noreturn]] void refuse(std::int64_t row, std::int64_t column, double value) const {
        fail<ConfigError>(
            "{}: element [{}, {}] is {} ({}); correct it", file_->path(), row, column, value,
            std::isfinite(value) ? "too large for f32" : "only finite numbers can be trained on");
    }

    std::unique_ptr<InputFile> file_;
    std::uint64_t data_at_;
    std::int64_t rows_, columns_, block_rows_;
};

}  // namespace

std::unique_ptr<RowSource> open_npy_rows(const std::string& path) {
    auto file = std::make_unique<InputFile>(path);
    const NpyHeader header = read_npy_header(*file);
    if (header.shape.empty() || header.shape.size() > 2) {
        fail<ConfigError>("{}: the array has {} dimensions (a table has 1 or 2); reshape it", path,
                          header.shape.size());
    }
    if (header.count() == 0) {
        fail<ConfigError>("{}: has no rows; give an array with data", path);
    }
    if (header.type == "<f4") return std::make_unique<NpyRows<float>>(std::move(file), header);
    if (header.type == "<f8") return std::make_unique<NpyRows<double>>(std::move(file), header);
    if (header.type == "<i4") {
        return std::make_unique<NpyRows<std::int32_t>>(std::move(file), header);
    }
    if (header.type == "<i8") {
        return std::make_unique<NpyRows<std::int64_t>>(std::move(file), header);
    }
    fail<ConfigError>(
        "{}: elements are '{}' (f4, f8, i4, i8 little endian are read); convert the array", path,
        header.type);
}

const std::vector<std::string>& RowSource::names() const {
    static const std::vector<std::string> none;
    return none;
}

std::unique_ptr<RowSource> open_rows(const std::string& path) {
    return path.ends_with(".npy") ? open_npy_rows(path) : rows_of(read_csv(path));
}

}  // namespace warpstep::data
