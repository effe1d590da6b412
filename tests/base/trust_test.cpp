// SPDX-License-Identifier: Apache-2.0
#include "runtime/base/trust.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include "runtime/base/file.hpp"
#include "tests/support/temporary_folder.hpp"

using namespace warpstep;
namespace fs = std::filesystem;

namespace {

constexpr uid_t somebody_else = 65534;

bool is_root() {
    if (::geteuid() == 0) return true;
    MESSAGE("not root: files of another user cannot be made");
    return false;
}

}  // namespace

TEST_CASE("base: root loads a library only when it and all folders on its way are root's") {
    if (!is_root()) return;
    const test::TemporaryFolder folder;
    fs::create_directories(folder / "a/b");
    const std::string library = folder / "a/b/lib.so";
    write_file_atomically(library, "code");
    CHECK(why_not_roots(library) == "");
    CHECK(why_not_roots("lib.so") == "it is no absolute path");
    CHECK(why_not_roots(library + "x") == "");
    CHECK(why_not_roots("/nonexistent/lib.so") == "");

    CHECK(::chown((folder / "a").c_str(), somebody_else, somebody_else) == 0);
    CHECK(why_not_roots(library) == (folder / "a") + " belongs to user 65534");
    CHECK(::chown((folder / "a").c_str(), 0, 0) == 0);
    CHECK(::chmod((folder / "a/b").c_str(), 0770) == 0);
    CHECK(why_not_roots(library) == "others may write " + (folder / "a/b"));
    CHECK(why_not_roots(library + "x") == "others may write " + (folder / "a/b"));
    CHECK(::chmod((folder / "a/b").c_str(), 0755) == 0);
    CHECK(::chmod(library.c_str(), 0666) == 0);
    CHECK(why_not_roots(library) == "others may write " + library);
    CHECK(::chmod(library.c_str(), 0644) == 0);

    fs::create_symlink(folder / "a", folder / "way");
    CHECK(why_not_roots(folder / "way/b/lib.so") == "");
    CHECK(::lchown((folder / "way").c_str(), somebody_else, somebody_else) == 0);
    CHECK(why_not_roots(folder / "way/b/lib.so") == (folder / "way") + " is a link of user 65534");
}

TEST_CASE("base: root forgets variables that name what others could have put there") {
    if (!is_root()) return;
    const test::TemporaryFolder folder;
    write_file_atomically(folder / "good.so", "code");
    write_file_atomically(folder / "bad.so", "code");
    CHECK(::chmod((folder / "bad.so").c_str(), 0666) == 0);
    ::setenv("WARPSTEP_GOOD_LIBRARY", (folder / "good.so").c_str(), 1);
    ::setenv("WARPSTEP_BAD_LIBRARY", (folder / "bad.so").c_str(), 1);
    ::setenv("WARPSTEP_EMPTY_LIBRARY", "", 1);
    ::setenv("WARPSTEP_MODULE_DIR", "relative", 1);
    ::setenv("WARPSTEP_TOPOLOGY", "relative", 1);
    forget_untrusted_libraries();
    CHECK(std::getenv("WARPSTEP_GOOD_LIBRARY") == folder / "good.so");
    CHECK(std::getenv("WARPSTEP_BAD_LIBRARY") == nullptr);
    CHECK(std::getenv("WARPSTEP_EMPTY_LIBRARY") != nullptr);
    CHECK(std::getenv("WARPSTEP_MODULE_DIR") == nullptr);
    CHECK(std::getenv("WARPSTEP_TOPOLOGY") != nullptr);
    for (const char* name :
         {"WARPSTEP_GOOD_LIBRARY", "WARPSTEP_EMPTY_LIBRARY", "WARPSTEP_TOPOLOGY"})
        ::unsetenv(name);
}
