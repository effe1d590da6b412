// SPDX-License-Identifier: Apache-2.0
#include "runtime/base/file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "runtime/base/error.hpp"

namespace warpstep {
namespace {

// -1 with errno set on failure, like write(2), but never short.
int write_all(int fd, std::string_view content) {
    while (!content.empty()) {
        const ssize_t written = ::write(fd, content.data(), content.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return -1;
        content.remove_prefix(static_cast<std::size_t>(written));
    }
    return 0;
}

// Renaming over a device or a link would replace it: /dev/null must stay /dev/null.
bool is_replaceable(const std::string& path) {
    std::error_code ignored;
    const auto type = std::filesystem::symlink_status(path, ignored).type();
    return type == std::filesystem::file_type::regular ||
           type == std::filesystem::file_type::not_found;
}

}  // namespace

std::string read_file(const std::string& path) {
    std::error_code ignored;
    if (std::filesystem::is_directory(path, ignored)) {
        fail<ConfigError>("cannot read {} (it is a directory); name a file", path);
    }
    std::ifstream stream(path, std::ios::binary);
    if (!stream) {
        fail<ConfigError>("cannot read {} ({}); check the path", path, std::strerror(errno));
    }
    std::string content;
    std::array<char, 64 * 1024> piece;
    do {
        stream.read(piece.data(), piece.size());
        content.append(piece.data(), static_cast<std::size_t>(stream.gcount()));
    } while (stream);
    if (stream.bad()) {
        fail<ConfigError>("cannot read {} ({}); check the file", path, std::strerror(errno));
    }
    return content;
}

void write_file_atomically(const std::string& path, std::string_view content) {
    const bool renamed = is_replaceable(path);
    const std::string target = renamed ? fmt::format("{}.tmp.{}", path, ::getpid()) : path;
    const int fd = ::open(target.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    bool written = fd >= 0 && write_all(fd, content) == 0 && (!renamed || ::fsync(fd) == 0);
    int reason = errno;
    if (fd >= 0 && ::close(fd) != 0 && written) {
        written = false;
        reason = errno;
    }
    if (written && renamed && std::rename(target.c_str(), path.c_str()) != 0) {
        written = false;
        reason = errno;
    }
    if (written) return;
    if (fd >= 0 && renamed) ::unlink(target.c_str());
    fail<EnvironmentError>("cannot write {} ({}); name a writable path", path,
                           std::strerror(reason));
}

}  // namespace warpstep
