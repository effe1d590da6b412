// SPDX-License-Identifier: Apache-2.0
#include "runtime/data/buffer_file.hpp"

#include "runtime/base/error.hpp"
#include "runtime/data/npy_header.hpp"

namespace warpstep::data {
namespace {

void check_type(const InputFile& file, const NpyHeader& header, DType dtype) {
    const auto type = npy_type(dtype);
    if (!type) {
        fail<ConfigError>(
            "{}: has elements of '{}' but the buffer is {} (NPY has no such type); give the "
            "elements in a raw file (.bin)",
            file.path(), header.type, name_of(dtype));
    }
    if (header.type == *type) return;
    fail<ConfigError>(
        "{}: has elements of '{}' but the buffer is {} ('{}'); save a.astype('{}') or "
        "change the dtype",
        file.path(), header.type, name_of(dtype), *type, *type);
}

}  // namespace

BufferFile::BufferFile(const std::string& path, DType dtype, std::int64_t count,
                       std::int64_t offset)
    : file_(path), element_bytes_(size_of(dtype)) {
    auto there = static_cast<std::int64_t>(file_.bytes() / element_bytes_);
    if (path.ends_with(".npy")) {
        const NpyHeader header = read_npy_header(file_);
        check_type(file_, header, dtype);
        there = header.count();
        data_at_ = header.data_at;
    }
    if (offset < 0) {
        fail<ConfigError>("{}: 'offset' is {} (elements to skip); give 0 or more", path, offset);
    }
    if (offset > there || count > there - offset) {
        fail<ConfigError>(
            "{}: has {} elements of {} (the buffer needs {} from element {} on); give a larger "
            "file, a smaller buffer or another offset",
            path, there, name_of(dtype), count, offset);
    }
    data_at_ += static_cast<std::uint64_t>(offset) * element_bytes_;
}

void BufferFile::read(std::int64_t begin, std::int64_t end, void* to) const {
    file_.read(data_at_ + static_cast<std::uint64_t>(begin) * element_bytes_, to,
               static_cast<std::size_t>(end - begin) * element_bytes_);
}

}  // namespace warpstep::data
