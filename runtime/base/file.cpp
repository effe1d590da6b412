// SPDX-License-Identifier: Apache-2.0
#include "runtime/base/file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>

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
    std::ostringstream content;
    content << stream.rdbuf();
    if (stream.bad()) fail<ConfigError>("cannot read {} (read error)", path);
    return std::move(content).str();
}

void write_file_atomically(const std::string& path, std::string_view content) {
    const std::string temporary = fmt::format("{}.tmp.{}", path, ::getpid());
    const int fd = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    bool written = fd >= 0 && write_all(fd, content) == 0 && ::fsync(fd) == 0;
    int reason = errno;
    if (fd >= 0 && ::close(fd) != 0 && written) {
        written = false;
        reason = errno;
    }
    if (written && std::rename(temporary.c_str(), path.c_str()) != 0) {
        written = false;
        reason = errno;
    }
    if (written) return;
    if (fd >= 0) ::unlink(temporary.c_str());
    fail<EnvironmentError>("cannot write {} ({}); name a writable path", path, std::strerror(reason));
}

}  // namespace warpstep
