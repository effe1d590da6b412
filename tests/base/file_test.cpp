// SPDX-License-Identifier: Apache-2.0
#include "runtime/base/file.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "runtime/base/error.hpp"
#include "tests/support/temporary_folder.hpp"

using namespace warpstep;
using doctest::Contains;

TEST_CASE("base: a written file is read back byte by byte") {
    const test::TemporaryFolder folder;
    const std::string path = folder / "report";
    for (const std::string& content :
         {std::string(), std::string("a\0b\n\r\xff", 6), std::string(200'000, 'x')}) {
        write_file_atomically(path, content);
        CHECK(read_file(path) == content);
    }
    CHECK(folder.entries() == 1);
}

TEST_CASE("base: reading what is no readable file names the path and the reason") {
    const test::TemporaryFolder folder;
    CHECK_THROWS_WITH_AS(read_file(folder / "none"), Contains("No such file or directory"),
                         ConfigError);
    CHECK_THROWS_WITH_AS(read_file(folder / "none"), Contains((folder / "none").c_str()),
                         ConfigError);
    CHECK_THROWS_WITH_AS(read_file(folder.path()), Contains("is a directory"), ConfigError);
}

TEST_CASE("base: a file that fails while it is read is an error, not an empty text") {
    // Address 0 of the own memory is never mapped.
    CHECK_THROWS_AS(read_file("/proc/self/mem"), ConfigError);
}

TEST_CASE("base: a write that fails leaves nothing behind") {
    const test::TemporaryFolder folder;
    std::filesystem::create_directory(folder / "taken");
    CHECK_THROWS_AS(write_file_atomically(folder / "taken", "text"), EnvironmentError);
    CHECK_THROWS_WITH_AS(write_file_atomically(folder / "no/such/folder", "text"),
                         Contains("No such file or directory"), EnvironmentError);
    CHECK(folder.entries() == 1);
    CHECK(std::filesystem::is_empty(folder / "taken"));
}

TEST_CASE("base: writing to a device or through a link does not replace it") {
    write_file_atomically("/dev/null", "text");
    CHECK(std::filesystem::is_character_file("/dev/null"));

    const test::TemporaryFolder folder;
    write_file_atomically(folder / "target", "a longer old text");
    std::filesystem::create_symlink(folder / "target", folder / "link");
    write_file_atomically(folder / "link", "new");
    CHECK(std::filesystem::is_symlink(folder / "link"));
    CHECK(read_file(folder / "target") == "new");
}

TEST_CASE("base: a full device is an error") {
    CHECK_THROWS_WITH_AS(write_file_atomically("/dev/full", "text"),
                         Contains("No space left on device"), EnvironmentError);
    CHECK(std::filesystem::is_character_file("/dev/full"));
}

TEST_CASE("base: an endless or too large file is refused by name") {
    CHECK_THROWS_WITH_AS(read_file("/dev/zero"),
                         "cannot read /dev/zero (it has more than 256 MiB); name another file",
                         ConfigError);
    const test::TemporaryFolder folder;
    write_file_atomically(folder / "f", "12345");
    CHECK(read_file(folder / "f", 5) == "12345");
    CHECK_THROWS_WITH_AS(read_file(folder / "f", 4), Contains("it has more than 4 B"), ConfigError);
}

TEST_CASE("base: a file of one's own is one that nobody else may have written") {
    const test::TemporaryFolder folder;
    const std::string file = folder / "f";
    CHECK_FALSE(read_own_file(file));
    CHECK_FALSE(read_own_file(folder.path()));
    write_file_atomically(file, "mine");
    CHECK(read_own_file(file) == "mine");
    std::filesystem::create_symlink(file, folder / "link");
    CHECK_FALSE(read_own_file(folder / "link"));
    CHECK(::chmod(file.c_str(), 0620) == 0);
    CHECK_FALSE(read_own_file(file));
    CHECK(::chmod(file.c_str(), 0644) == 0);
    if (::geteuid() != 0) return;
    CHECK(::chown(file.c_str(), 65534, 65534) == 0);
    CHECK_FALSE(read_own_file(file));
}
