// SPDX-License-Identifier: Apache-2.0
#include "runtime/base/output_file.hpp"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <random>
#include <utility>

#include "runtime/base/error.hpp"
#include "runtime/base/trust.hpp"

namespace warpstep {
namespace {

namespace fs = std::filesystem;

constexpr int most_links = 40;  // as the kernel
constexpr std::size_t longest_stem = 200;

// A folder that may be searched but not listed serves as well; it only cannot be synced.
int open_folder(const std::string& path) {
    const std::string folder = path.empty() ? "." : path;
    const int fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return fd >= 0 ? fd : ::open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
}

bool is_in_procfs(int folder) {
    struct statfs facts {};
    return ::fstatfs(folder, &facts) == 0 && facts.f_type == PROC_SUPER_MAGIC;
}

std::string text_of_link(int folder, const std::string& name) {
    std::array<char, PATH_MAX> text;
    const ssize_t size = ::readlinkat(folder, name.c_str(), text.data(), text.size());
    return size < 0 ? "" : std::string(text.data(), static_cast<std::size_t>(size));
}

std::string random_word() {
    std::random_device dice;
    return fmt::format("{:08x}{:08x}", dice(), dice());
}

}  // namespace

OutputFile::OutputFile(std::string path) : path_(std::move(path)) {
    try {
        open();
    } catch (...) {
        close();
        throw;
    }
}

OutputFile::~OutputFile() {
    if (!temporary_.empty()) ::unlinkat(folder_, temporary_.c_str(), 0);
    close();
}

void OutputFile::close() noexcept {
    if (fd_ >= 0) ::close(fd_);
    if (folder_ >= 0) ::close(folder_);
}

void OutputFile::open() {
    fs::path target = path_;
    for (int hop = 0; hop < most_links; ++hop) {
        if (folder_ >= 0) ::close(folder_);
        folder_ = open_folder(target.parent_path());
        if (folder_ < 0) refuse(errno);
        name_ = target.filename();
        if (name_.empty() || name_ == "." || name_ == "..") refuse(EISDIR);
        struct stat facts {};
        if (::fstatat(folder_, name_.c_str(), &facts, AT_SYMLINK_NOFOLLOW) != 0) {
            if (errno != ENOENT) refuse(errno);
            return open_temporary();
        }
        if (S_ISREG(facts.st_mode)) return open_temporary();
        if (S_ISDIR(facts.st_mode)) refuse(EISDIR);
        if (!S_ISLNK(facts.st_mode)) return open_in_place(O_NOFOLLOW);
        if (!is_safe_link(folder_, facts)) {
            refuse("it is a link that somebody else may have put there",
                   "remove the link, or name the file itself");
        }
        // What the kernel shows of open files has no other name to go by.
        if (is_in_procfs(folder_)) return open_in_place(0);
        target = target.parent_path() / text_of_link(folder_, name_);
    }
    refuse(ELOOP);
}

// Appending, because the shell may have written to the same file before.
void OutputFile::open_in_place(int flags) {
    flags |= O_WRONLY | O_APPEND | O_NOCTTY | O_CLOEXEC;
    // A pipe that nobody reads would keep us for ever.
    fd_ = ::openat(folder_, name_.c_str(), flags | O_NONBLOCK);
    if (fd_ < 0 && errno == ENXIO) refuse("nobody reads it", "start the reader first");
    if (fd_ < 0) refuse(errno);
    ::fcntl(fd_, F_SETFL, ::fcntl(fd_, F_GETFL) & ~O_NONBLOCK);
    struct stat facts {};
    if (::fstat(fd_, &facts) != 0) refuse(errno);
    const bool channel = S_ISFIFO(facts.st_mode) || S_ISSOCK(facts.st_mode);
    if (channel && !is_ours_or_roots(facts.st_uid)) {
        refuse("it is a pipe of another user", "name a file or a pipe of your own");
    }
}

void OutputFile::open_temporary() {
    const std::string stem = name_.substr(0, longest_stem) + ".tmp.";
    constexpr int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
    do {
        temporary_ = stem + random_word();
        fd_ = ::openat(folder_, temporary_.c_str(), flags, 0666);
    } while (fd_ < 0 && errno == EEXIST);
    if (fd_ >= 0) return;
    const int reason = errno;
    temporary_.clear();
    refuse(reason);
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
    const bool renamed = !temporary_.empty();
    if (renamed && ::fsync(fd_) != 0) refuse(errno);
    // Closing tells of a full disk on network file systems; the number is free either way.
    if (::close(std::exchange(fd_, -1)) != 0) refuse(errno);
    if (!renamed) return;
    if (::renameat(folder_, temporary_.c_str(), folder_, name_.c_str()) != 0) refuse(errno);
    temporary_.clear();
    ::fsync(folder_);  // so that the new name survives a power failure; not all file systems can
}

void OutputFile::refuse(int reason) const {
    const bool full = reason == ENOSPC || reason == EDQUOT || reason == EFBIG;
    refuse(std::strerror(reason),
           full ? "make room or name a path elsewhere" : "name a writable path");
}

void OutputFile::refuse(const std::string& reason, const std::string& advice) const {
    fail<EnvironmentError>("cannot write {} ({}); {}", path_, reason, advice);
}

}  // namespace warpstep
