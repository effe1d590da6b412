// SPDX-License-Identifier: Apache-2.0
#include "runtime/data/input_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "runtime/base/error.hpp"

namespace warpstep::data {

InputFile::InputFile(std::string path) : path_(std::move(path)) {
    fd_ = ::open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    struct stat facts {};
    if (fd_ < 0 || ::fstat(fd_, &facts) != 0) {
        const int reason = errno;
        if (fd_ >= 0) ::close(fd_);
        fail<ConfigError>("cannot read {} ({}); check the path", path_, std::strerror(reason));
    }
    if (!S_ISREG(facts.st_mode)) {
        ::close(fd_);
        fail<ConfigError>("cannot read {} (it is {}); name a plain file", path_,
                          S_ISDIR(facts.st_mode) ? "a directory" : "no plain file");
    }
    bytes_ = static_cast<std::uint64_t>(facts.st_size);
}

InputFile::~InputFile() {
    ::close(fd_);
}

void InputFile::read(std::uint64_t offset, void* to, std::size_t count) const {
    char* out = static_cast<char*>(to);
    while (count > 0) {
        const ssize_t got = ::pread(fd_, out, count, static_cast<off_t>(offset));
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) {
            fail<EnvironmentError>("cannot read {} at byte {} ({}); check the file system", path_,
                                   offset, std::strerror(errno));
        }
        if (got == 0) {
            fail<ConfigError>(
                "{}: ends at byte {} (it had {} bytes when it was opened); copy it again and do "
                "not change it during a run",
                path_, offset, bytes_);
        }
        out += got;
        offset += static_cast<std::uint64_t>(got);
        count -= static_cast<std::size_t>(got);
    }
}

}  // namespace warpstep::data
