// SPDX-License-Identifier: Apache-2.0
#include "runtime/base/file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "runtime/base/error.hpp"
#include "runtime/base/output_file.hpp"
#include "runtime/base/units.hpp"

namespace warpstep {
namespace {

constexpr std::size_t endless = std::size_t{256} << 20;

bool is_our_file(const struct stat& facts) {
    return S_ISREG(facts.st_mode) && facts.st_uid == ::geteuid() &&
           (facts.st_mode & (S_IWGRP | S_IWOTH)) == 0 &&
           static_cast<std::size_t>(facts.st_size) <= endless;
}

// What has no size of its own, as a device has none, must not fill the memory.
std::size_t bound_of(const std::string& path, std::size_t limit) {
    std::error_code ignored;
    return std::filesystem::is_regular_file(path, ignored) ? limit : std::min(limit, endless);
}

}  // namespace

std::string read_stream(std::istream& stream, const std::string& name, std::size_t limit) {
    std::string content;
    std::array<char, 64 * 1024> piece;
    do {
        stream.read(piece.data(), piece.size());
        content.append(piece.data(), static_cast<std::size_t>(stream.gcount()));
        if (content.size() > limit) {
            fail<ConfigError>("cannot read {} (it has more than {}); name another file", name,
                              show_bytes(limit));
        }
    } while (stream);
    if (stream.bad()) {
        fail<ConfigError>("cannot read {} ({}); check the file", name, std::strerror(errno));
    }
    return content;
}

std::string read_file(const std::string& path, std::size_t limit) {
    std::error_code ignored;
    if (std::filesystem::is_directory(path, ignored)) {
        fail<ConfigError>("cannot read {} (it is a directory); name a file", path);
    }
    std::ifstream stream(path, std::ios::binary);
    if (!stream) {
        fail<ConfigError>("cannot read {} ({}); check the path", path, std::strerror(errno));
    }
    return read_stream(stream, path, bound_of(path, limit));
}

std::optional<std::string> read_own_file(const std::string& path) {
    const int fd = ::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0) return std::nullopt;
    std::optional<std::string> content;
    struct stat facts {};
    if (::fstat(fd, &facts) == 0 && is_our_file(facts)) {
        content.emplace(static_cast<std::size_t>(facts.st_size), '\0');
        std::size_t done = 0;
        while (done < content->size()) {
            const ssize_t got = ::read(fd, content->data() + done, content->size() - done);
            if (got < 0 && errno == EINTR) continue;
            if (got <= 0) break;
            done += static_cast<std::size_t>(got);
        }
        if (done < content->size()) content.reset();
    }
    ::close(fd);
    return content;
}

void write_file_atomically(const std::string& path, std::string_view content) {
    OutputFile file(path);
    file.write(content);
    file.commit();
}

}  // namespace warpstep
