// SPDX-License-Identifier: Apache-2.0
#include "runtime/comm/host/shared_segment.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace warpstep::comm::host {
namespace {

[[noreturn]] void throw_system(int error, const std::string& what) {
    throw std::system_error(error, std::generic_category(), what);
}

}  // namespace

SharedSegment::SharedSegment(int fd, std::size_t bytes) : fd_(fd), bytes_(bytes) {
    const int flags = MAP_SHARED | (fd < 0 ? MAP_ANONYMOUS : 0);
    void* mapped = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, flags, fd, 0);
    if (mapped == MAP_FAILED) {
        const int error = errno;
        if (fd >= 0) ::close(fd);
        throw_system(error, "mmap");
    }
    data_ = static_cast<std::byte*>(mapped);
}

SharedSegment SharedSegment::create(const std::string& name, std::size_t bytes) {
    const int fd = ::shm_open(name.c_str(), O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600);
    if (fd < 0) throw_system(errno, "shm_open " + name);
    if (::ftruncate(fd, static_cast<off_t>(bytes)) != 0) {
        const int error = errno;
        ::close(fd);
        ::shm_unlink(name.c_str());
        throw_system(error, "ftruncate " + name);
    }
    try {
        SharedSegment segment(fd, bytes);
        segment.name_ = name;
        return segment;
    } catch (...) {
        ::shm_unlink(name.c_str());
        throw;
    }
}

SharedSegment SharedSegment::attach(const std::string& name, std::size_t bytes) {
    const int fd = ::shm_open(name.c_str(), O_RDWR | O_CLOEXEC, 0);
    if (fd < 0) throw_system(errno, "shm_open " + name);
    struct stat facts {};
    if (::fstat(fd, &facts) != 0 || static_cast<std::size_t>(facts.st_size) != bytes) {
        ::close(fd);
        throw_system(EINVAL, "size of " + name);
    }
    return SharedSegment(fd, bytes);
}

SharedSegment SharedSegment::anonymous(std::size_t bytes) {
    return SharedSegment(-1, bytes);
}

SharedSegment::SharedSegment(SharedSegment&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)),
      data_(std::exchange(other.data_, nullptr)),
      bytes_(std::exchange(other.bytes_, 0)),
      name_(std::exchange(other.name_, {})) {}

SharedSegment& SharedSegment::operator=(SharedSegment&& other) noexcept {
    if (this != &other) {
        release();
        fd_ = std::exchange(other.fd_, -1);
        data_ = std::exchange(other.data_, nullptr);
        bytes_ = std::exchange(other.bytes_, 0);
        name_ = std::exchange(other.name_, {});
    }
    return *this;
}

SharedSegment::~SharedSegment() {
    release();
}

void SharedSegment::release() noexcept {
    unlink();
    if (data_ != nullptr) ::munmap(data_, bytes_);
    if (fd_ >= 0) ::close(fd_);
    data_ = nullptr;
    fd_ = -1;
}

void SharedSegment::commit(std::size_t offset, std::size_t bytes) {
    if (fd_ < 0 || bytes == 0) return;
    int error = EINTR;
    while (error == EINTR) {
        error = ::posix_fallocate(fd_, static_cast<off_t>(offset), static_cast<off_t>(bytes));
    }
    if (error != 0) throw_system(error, "posix_fallocate");
}

void SharedSegment::unlink() noexcept {
    if (!name_.empty()) ::shm_unlink(name_.c_str());
    name_.clear();
}

}  // namespace warpstep::comm::host
