// SPDX-License-Identifier: Apache-2.0
#include "runtime/base/output_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <utility>

#include "runtime/base/error.hpp"

namespace warpstep {
namespace {

namespace fs = std::filesystem;

// Renaming over a device or a link would replace it: /dev/null must stay /dev/null.
bool is_replaceable(const std::string& path) {
    std::error_code ignored;
    const auto type = fs::symlink_status(path, ignored).type();
    return type == fs::file_type::regular || type == fs::file_type::not_found;
}

// So that the new name survives a power failure; file systems that cannot do it need not.
void sync_folder_of(const std::string& path) {
    const fs::path folder = fs::path(path).parent_path();
    const int fd =
        ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return;
    ::fsync(fd);
    ::close(fd);
}

}  // namespace

OutputFile::OutputFile(std::string path) : path_(std::move(path)), renamed_(is_replaceable(path_)) {
    target_ = renamed_ ? fmt::format("{}.tmp.{}", path_, ::getpid()) : path_;
    fd_ = ::open(target_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (fd_ < 0) refuse(errno);
}

OutputFile::~OutputFile() {
    if (fd_ < 0) return;
    ::close(fd_);
    if (renamed_) ::unlink(target_.c_str());
}

void OutputFile::write(std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t written = ::write(fd_, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) refuse(errno);
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
}

void OutputFile::commit() {
    if (renamed_ && ::fsync(fd_) != 0) refuse(errno);
    // Closing tells of a full disk on network file systems; the number is free either way.
    const int closed = ::close(std::exchange(fd_, -1));
    if (closed == 0 && (!renamed_ || std::rename(target_.c_str(), path_.c_str()) == 0)) {
        if (renamed_) sync_folder_of(path_);
        return;
    }
    const int reason = errno;
    if (renamed_) ::unlink(target_.c_str());
    refuse(reason);
}

void OutputFile::refuse(int reason) const {
    const bool full = reason == ENOSPC || reason == EDQUOT || reason == EFBIG;
    fail<EnvironmentError>("cannot write {} ({}); {}", path_, std::strerror(reason),
                           full ? "make room or name a path elsewhere" : "name a writable path");
}

}  // namespace warpstep
