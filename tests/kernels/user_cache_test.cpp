// SPDX-License-Identifier: Apache-2.0
// The cache of compiled images: races, damage, and what an image depends on.
#include "kernels/user_cache.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>
#include <vector>

#include "kernels/user_cache_entry.hpp"
#include "kernels/user_headers.hpp"
#include "runtime/base/error.hpp"
#include "runtime/base/file.hpp"
#include "tests/support/temporary_folder.hpp"

using namespace warpstep;
using namespace warpstep::kernels;

namespace {

Deadline soon() {
    return Deadline::in(std::chrono::seconds(30));
}

std::string image_of(const ImageCache& cache, const std::string& key, const std::string& bytes) {
    return cache.get(key, soon(), [&] { return KernelImage{bytes, "entry", ""}; }).bytes;
}

/// A variable of the environment that is put back at the end.
class Variable {
  public:
    Variable(const char* name, const char* value) : name_(name) {
        const char* before = std::getenv(name);
        if (before != nullptr) before_ = before;
        value == nullptr ? ::unsetenv(name) : ::setenv(name, value, 1);
    }
    ~Variable() { before_ ? ::setenv(name_, before_->c_str(), 1) : ::unsetenv(name_); }
    Variable(const Variable&) = delete;
    Variable& operator=(const Variable&) = delete;

  private:
    const char* name_;
    std::optional<std::string> before_;
};

std::string failing(const ImageCache& cache, const std::string& key, int& compilations) {
    try {
        cache.get(key, soon(), [&]() -> KernelImage {
            ++compilations;
            throw ConfigError("a.cu:1: wrong");
        });
    } catch (const ConfigError& error) {
        return error.what();
    }
    return "no error";
}

}  // namespace

TEST_CASE("kernels: an image is made once, and found again with its entry") {
    const test::TemporaryFolder folder;
    const ImageCache cache(folder.path());
    CHECK(image_of(cache, "key", "first") == "first");
    CHECK(image_of(cache, "key", "second") == "first");
    CHECK(cache.get("key", soon(), [] { return KernelImage{}; }).entry == "entry");
    CHECK(image_of(cache, "another", "second") == "second");
    CHECK(std::filesystem::exists(cache.file_of("key")));
    CHECK(image_of(cache, "", "a key that cannot be told is no key") != "first");
}

TEST_CASE("kernels: damaged, truncated and foreign entries are made again") {
    const test::TemporaryFolder folder;
    const ImageCache cache(folder.path());
    image_of(cache, "key", std::string(1000, 'x'));
    const std::string file = cache.file_of("key");
    const std::string whole = read_file(file);
    int again = 0;
    const auto spoil = [&](const std::string& content) {
        std::ofstream(file, std::ios::binary | std::ios::trunc) << content;
        const std::string made = "made again " + std::to_string(again++);
        CHECK(image_of(cache, "key", made) == made);
        CHECK(image_of(cache, "key", "not needed") == made);
    };
    spoil("");
    for (const std::size_t length : {std::size_t{1}, std::size_t{16}, whole.find('\n'),
                                     whole.find('\n') + 1, whole.size() / 2, whole.size() - 1}) {
        spoil(whole.substr(0, length));
    }
    std::string flipped = whole;
    flipped.back() ^= 1;
    spoil(flipped);
    spoil(whole + "x");
    spoil(encode_entry("a key with the same hash", {"other", "", ""}));
    spoil("warpstep-image-1 99999999999999999999 1 1 0\n");
}

TEST_CASE("kernels: of many threads one compiles") {
    const test::TemporaryFolder folder;
    const ImageCache cache(folder.path());
    std::atomic<int> compilations{0}, right{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < 16; ++i) {
        threads.emplace_back([&] {
            const auto image = cache.get("key", soon(), [&] {
                ++compilations;
                std::this_thread::sleep_for(std::chrono::milliseconds(50));
                return KernelImage{"bytes", "entry", ""};
            });
            if (image.bytes == "bytes" && image.entry == "entry") ++right;
        });
    }
    for (auto& thread : threads) thread.join();
    CHECK(compilations == 1);
    CHECK(right == 16);
}

TEST_CASE("kernels: of many processes one compiles, also when some are killed meanwhile") {
    const test::TemporaryFolder folder;
    const ImageCache cache(folder.path() + "/cache");
    std::filesystem::create_directories(folder / "cache");
    std::vector<pid_t> children;
    for (int i = 0; i < 8; ++i) {
        const pid_t child = ::fork();
        if (child == 0) {
            const auto image = cache.get("key", soon(), [&] {
                std::ofstream(folder / ("compiled-" + std::to_string(::getpid()))) << "x";
                // The first one dies while it holds the lock.
                if (::mkdir((folder / "died").c_str(), 0700) == 0) ::_exit(9);
                return KernelImage{"bytes", "entry", ""};
            });
            ::_exit(image.bytes == "bytes" ? 0 : 1);
        }
        children.push_back(child);
    }
    int killed = 0, right = 0;
    for (const pid_t child : children) {
        int status = 0;
        ::waitpid(child, &status, 0);
        if (WEXITSTATUS(status) == 9) ++killed;
        if (WEXITSTATUS(status) == 0) ++right;
    }
    CHECK(killed == 1);
    CHECK(right == 7);
    // The dead one, and the one after it.
    CHECK(folder.entries() - 2 == 2);
}

TEST_CASE(
    "kernels: who waited for a compilation that failed is told why, the next run tries again") {
    const test::TemporaryFolder folder;
    const ImageCache cache(folder.path());
    std::atomic<int> compilations{0}, told{0};
    std::atomic<int> arrived{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < 6; ++i) {
        threads.emplace_back([&] {
            ++arrived;
            while (arrived < 6) std::this_thread::yield();
            try {
                cache.get("key", soon(), [&]() -> KernelImage {
                    ++compilations;
                    std::this_thread::sleep_for(std::chrono::milliseconds(200));
                    throw ConfigError("a.cu:1: wrong");
                });
            } catch (const ConfigError& error) {
                if (std::string(error.what()) == "a.cu:1: wrong") ++told;
            }
        });
    }
    for (auto& thread : threads) thread.join();
    CHECK(compilations == 1);
    CHECK(told == 6);
    int again = 0;
    CHECK(failing(cache, "key", again) == "a.cu:1: wrong");
    CHECK(again == 1);
    CHECK(image_of(cache, "key", "mended") == "mended");
}

TEST_CASE("kernels: a folder that cannot be used is no error") {
    const test::TemporaryFolder folder;
    std::ofstream(folder / "file") << "in the way";
    CHECK(image_of(ImageCache(""), "key", "made") == "made");
    CHECK(image_of(ImageCache(folder / "file"), "key", "made") == "made");
    CHECK(image_of(ImageCache(folder / "missing"), "key", "made") == "made");
    const Variable own("WARPSTEP_CACHE_DIR", (folder / "file/below").c_str());
    CHECK(image_cache_folder().empty());
}

TEST_CASE("kernels: where the cache lies") {
    const test::TemporaryFolder folder;
    const Variable own("WARPSTEP_CACHE_DIR", nullptr);
    const Variable home("HOME", folder.path().c_str());
    {
        const Variable xdg("XDG_CACHE_HOME", (folder / "xdg").c_str());
        CHECK(image_cache_folder() == folder / "xdg/warpstep");
    }
    const Variable xdg("XDG_CACHE_HOME", nullptr);
    CHECK(image_cache_folder() == folder / ".cache/warpstep");
    // Others could put an image there that this user would run.
    ::chmod((folder / ".cache/warpstep").c_str(), 0777);
    const std::string last = image_cache_folder();
    CHECK(last != folder / ".cache/warpstep");
    ::rmdir(last.c_str());  // where it was made just now, it is empty
    const Variable mine("WARPSTEP_CACHE_DIR", (folder / "mine").c_str());
    CHECK(image_cache_folder() == folder / "mine");
    std::filesystem::create_symlink(folder / "mine", folder / "link");
    const Variable link("WARPSTEP_CACHE_DIR", (folder / "link").c_str());
    CHECK(image_cache_folder() == folder / "link");
}

TEST_CASE("kernels: a named folder that others may write, or that is not ours, keeps no image") {
    const test::TemporaryFolder folder;
    const Variable own("WARPSTEP_CACHE_DIR", folder.path().c_str());
    CHECK(image_cache_folder() == folder.path());
    for (const mode_t mode : {0770, 0707, 01777}) {
        ::chmod(folder.path().c_str(), mode);
        CHECK(image_cache_folder() == "");
    }
    ::chmod(folder.path().c_str(), 0700);
    CHECK(image_cache_folder() == folder.path());
    if (::geteuid() != 0) return;
    CHECK(::chown(folder.path().c_str(), 65534, 65534) == 0);
    CHECK(image_cache_folder() == "");
}

TEST_CASE("kernels: an entry that others could have written is made again") {
    const test::TemporaryFolder folder;
    const ImageCache cache(folder.path());
    const std::string file = cache.file_of("key");
    image_of(cache, "key", "planted");
    CHECK(image_of(cache, "key", "made") == "planted");
    ::chmod(file.c_str(), 0666);
    CHECK(image_of(cache, "key", "made") == "made");
    CHECK(image_of(cache, "key", "again") == "made");
    if (::geteuid() != 0) return;
    CHECK(::chown(file.c_str(), 65534, 65534) == 0);
    CHECK(image_of(cache, "key", "ours") == "ours");
}

TEST_CASE("kernels: the cache stays small, and keeps what was used last") {
    const test::TemporaryFolder folder;
    const ImageCache cache(folder.path());
    image_of(cache, "kept", "kept");
    const auto past = std::filesystem::file_time_type::clock::now() - std::chrono::hours(1);
    for (int i = 0; i < ImageCache::most_entries + 20; ++i) {
        const std::string key = "key " + std::to_string(i);
        image_of(cache, key, "x");
        std::filesystem::last_write_time(cache.file_of(key), past);
        if (i % 50 == 0) std::filesystem::last_write_time(cache.file_of("kept"), past);
        image_of(cache, "kept", "lost");
    }
    int images = 0;
    for (const auto& entry : std::filesystem::directory_iterator(folder.path())) {
        images += entry.path().extension() == ".image" ? 1 : 0;
    }
    CHECK(images <= ImageCache::most_entries);
    CHECK(image_of(cache, "kept", "lost") == "kept");
}

TEST_CASE("kernels: everything an image depends on is in its key") {
    const test::TemporaryFolder folder;
    std::ofstream(folder / "a.h") << "#  include \"b.h\" // more\n#include <cuda_fp16.h>\n";
    std::ofstream(folder / "b.h") << "int b;\n";
    KernelSource source{"k.cu", 1, 0, "#include <a.h>\n", "k", {"-DN"}, {folder.path()}};
    const auto key = [&] { return image_key(source, "sm_90", "NVRTC 13.0"); };
    const std::string before = key();
    CHECK(scan_headers(source).files == std::vector<std::string>{folder / "a.h", folder / "b.h"});
    CHECK(image_key(source, "sm_80", "NVRTC 13.0") != before);
    CHECK(image_key(source, "sm_90", "NVRTC 13.1") != before);
    std::ofstream(folder / "b.h") << "int c;\n";
    CHECK(key() != before);
    std::ofstream(folder / "b.h") << "int b;\n";
    CHECK(key() == before);
    std::ofstream(folder / "cuda_fp16.h") << "";
    CHECK(key() != before);
    std::filesystem::remove(folder / "cuda_fp16.h");
    for (const auto& change : std::vector<void (*)(KernelSource&)>{
             [](KernelSource& s) { s.text += " "; }, [](KernelSource& s) { s.entry = "l"; },
             [](KernelSource& s) { s.options.clear(); }, [](KernelSource& s) { s.first_line = 2; },
             [](KernelSource& s) { s.include_folders.emplace_back("/nowhere"); },
             [](KernelSource& s) { s.options.emplace_back("--pre-include=b.h"); }}) {
        KernelSource changed = source;
        change(changed);
        CHECK(image_key(changed, "sm_90", "NVRTC 13.0") != before);
    }
    source.text = "#define NAME <a.h>\n#include NAME\n";
    CHECK_FALSE(scan_headers(source).complete);
    CHECK(key().empty());
}
