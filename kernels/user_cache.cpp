// SPDX-License-Identifier: Apache-2.0
#include "kernels/user_cache.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <mutex>
#include <optional>
#include <thread>

#include "kernels/user_cache_entry.hpp"
#include "kernels/user_headers.hpp"
#include "runtime/base/error.hpp"
#include "runtime/base/file.hpp"
#include "runtime/base/log.hpp"
#include "runtime/base/text.hpp"
#include "runtime/base/trust.hpp"

namespace warpstep::kernels {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::milliseconds poll_interval{10};

long long now_us() {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::microseconds>(now).count();
}

std::string environment(const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? "" : value;
}

// What another user may write could be what another user wants this one to run. A link may lead
// there when nobody else can bend it.
bool is_ours(const std::string& folder) {
    struct stat facts {};
    if (::lstat(folder.c_str(), &facts) != 0) return false;
    if (S_ISLNK(facts.st_mode) && !is_ours_or_roots(facts.st_uid)) return false;
    const int fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return false;
    const bool ours = is_ours_alone(fd);
    ::close(fd);
    return ours;
}

bool make_folder(const std::string& folder) {
    std::error_code ignored;
    fs::create_directories(fs::path(folder).parent_path(), ignored);
    if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) return false;
    return ::access(folder.c_str(), W_OK | X_OK) == 0;
}

void say_unused(const std::string& folder) {
    static std::once_flag said;
    std::call_once(said, [&] {
        log::warn(
            fmt::format("kernels are not kept in WARPSTEP_CACHE_DIR={} (it cannot be written, or "
                        "it is not this "
                        "user's alone); type chmod go-w {} or name a folder of your own",
                        folder, folder));
    });
}

/// One of a few lock files, so that they need no tidying. Held while the object lives.
class Lock {
  public:
    explicit Lock(const std::string& file)
        : fd_(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)) {}
    ~Lock() {
        if (fd_ >= 0) ::close(fd_);
    }
    Lock(const Lock&) = delete;
    Lock& operator=(const Lock&) = delete;

    /// True also where the file system knows no locks: then several compile, and none waits.
    bool taken() const {
        if (fd_ < 0) return true;
        return ::flock(fd_, LOCK_EX | LOCK_NB) == 0 || (errno != EWOULDBLOCK && errno != EINTR);
    }

  private:
    int fd_;
};

std::optional<KernelImage> read_entry(const std::string& file, const std::string& key) {
    const auto content = read_own_file(file);
    if (!content) return std::nullopt;
    auto image = decode_entry(*content, key);
    // The newest stay, so that what is used stays.
    if (image) ::utimensat(AT_FDCWD, file.c_str(), nullptr, 0);
    return image;
}

void write_quietly(const std::string& file, const std::string& content) {
    try {
        write_file_atomically(file, content);
    } catch (const Error& error) {
        log::debug(error.what());
    }
}

// Oldest first, until few enough are left; temporary files of tasks that were killed are among
// them.
void prune(const std::string& folder) {
    std::error_code error;
    std::vector<std::pair<fs::file_time_type, fs::path>> entries;
    for (const auto& entry : fs::directory_iterator(folder, error)) {
        const std::string name = entry.path().filename();
        if (name.find(".image") == std::string::npos && name.find(".failed") == std::string::npos) {
            continue;
        }
        std::error_code gone;
        const auto time = entry.last_write_time(gone);
        if (!gone) entries.emplace_back(time, entry.path());
    }
    if (entries.size() <= ImageCache::most_entries) return;
    std::sort(entries.begin(), entries.end());
    entries.resize(entries.size() - ImageCache::most_entries);
    for (const auto& [time, path] : entries) fs::remove(path, error);
}

}  // namespace

std::string image_key(const KernelSource& source, const std::string& arch,
                      const std::string& compiler) {
    const HeaderScan headers = scan_headers(source);
    if (!headers.complete) return "";
    return fmt::format("{}\n{}\n{}:{}+{}\n{}\n{}\n{}\n{}\n{}", compiler, arch, source.file,
                       source.first_line, source.indent, source.entry, join(source.options, "\n"),
                       join(source.include_folders, "\n"), headers.fingerprint, source.text);
}

std::string image_cache_folder() {
    if (const std::string own = environment("WARPSTEP_CACHE_DIR"); !own.empty()) {
        if (make_folder(own) && is_ours(own)) return own;
        say_unused(own);
        return "";
    }
    std::vector<std::string> folders;
    const std::string xdg = environment("XDG_CACHE_HOME");
    const std::string home = environment("HOME");
    if (!xdg.empty())
        folders.push_back(xdg + "/warpstep");
    else if (!home.empty())
        folders.push_back(home + "/.cache/warpstep");
    folders.push_back(fmt::format("/tmp/warpstep-{}", ::geteuid()));
    for (const std::string& folder : folders) {
        if (make_folder(folder) && is_ours(folder)) return folder;
    }
    return "";
}

std::string ImageCache::file_of(const std::string& key) const {
    return folder_.empty() ? "" : folder_ + "/" + hash_hex(key) + hash_hex(key + " ") + ".image";
}

KernelImage ImageCache::get(const std::string& key, Deadline deadline,
                            const std::function<KernelImage()>& make) const {
    if (folder_.empty() || key.empty()) return make();
    const long long start = now_us();
    const std::string file = file_of(key);
    const std::string failure = file.substr(0, file.rfind('.')) + ".failed";
    if (auto image = read_entry(file, key)) return *image;
    const Lock lock(fmt::format("{}/lock-{}", folder_, hash_hex(key).back()));
    while (!lock.taken() && !deadline.passed()) {
        std::this_thread::sleep_for(std::min(poll_interval, deadline.left()));
        if (auto image = read_entry(file, key)) return *image;
    }
    // Whoever held the lock may have been at this very image.
    if (auto image = read_entry(file, key)) return *image;
    const std::string told = read_own_file(failure).value_or("");
    if (const auto why = decode_failure(told, key, start)) throw ConfigError(*why);
    try {
        KernelImage image = make();
        write_quietly(file, encode_entry(key, image));
        prune(folder_);
        return image;
    } catch (const ConfigError& error) {
        write_quietly(failure, encode_failure(key, now_us(), error.what()));
        throw;
    }
}

}  // namespace warpstep::kernels
