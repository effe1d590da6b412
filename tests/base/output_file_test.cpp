// SPDX-License-Identifier: Apache-2.0
#include "runtime/base/output_file.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "runtime/base/error.hpp"
#include "runtime/base/file.hpp"
#include "tests/support/temporary_folder.hpp"

using namespace warpstep;
using doctest::Contains;
namespace fs = std::filesystem;

namespace {

constexpr uid_t somebody_else = 65534;

bool is_root() {
    if (::geteuid() == 0) return true;
    MESSAGE("not root: files of another user cannot be made");
    return false;
}

/// A folder of ours with a file worth having, and one where a link to it is planted.
struct Trap {
    test::TemporaryFolder mine, theirs;
    std::string treasure = mine / "treasure";
    Trap() { write_file_atomically(treasure, "treasure"); }
    std::string plant(const std::string& name) const {
        fs::create_symlink(treasure, theirs / name);
        return theirs / name;
    }
    bool sprung() const { return read_file(treasure) != "treasure"; }
};

}  // namespace

TEST_CASE("base: a link in a folder of another user is refused and its end stays as it is") {
    if (!is_root()) return;
    const Trap trap;
    const std::string link = trap.plant("warpstep.prom");
    CHECK(::lchown(link.c_str(), somebody_else, somebody_else) == 0);
    CHECK(::chown(trap.theirs.path().c_str(), somebody_else, somebody_else) == 0);
    CHECK_THROWS_WITH_AS(write_file_atomically(link, "text"),
                         Contains("it is a link that somebody else may have put there"),
                         EnvironmentError);
    CHECK_FALSE(trap.sprung());
    CHECK(trap.theirs.entries() == 1);
}

TEST_CASE("base: a link in a folder that others may write is refused, whoever owns it") {
    const Trap trap;
    const std::string link = trap.plant("r.json");
    for (const mode_t mode : {0770, 0707, 01777}) {
        CAPTURE(mode);
        CHECK(::chmod(trap.theirs.path().c_str(), mode) == 0);
        CHECK_THROWS_AS(write_file_atomically(link, "text"), EnvironmentError);
        CHECK_FALSE(trap.sprung());
    }
    CHECK(::chmod(trap.theirs.path().c_str(), 0700) == 0);
    write_file_atomically(link, "text");
    CHECK(read_file(trap.treasure) == "text");
    CHECK(fs::is_symlink(link));
}

TEST_CASE("base: a link is followed hop by hop, and each hop must be safe") {
    const Trap trap;
    const test::TemporaryFolder start;
    const std::string planted = trap.plant("second");
    fs::create_symlink(planted, start / "first");
    CHECK(::chmod(trap.theirs.path().c_str(), 0777) == 0);
    CHECK_THROWS_AS(write_file_atomically(start / "first", "text"), EnvironmentError);
    CHECK_FALSE(trap.sprung());
    CHECK(::chmod(trap.theirs.path().c_str(), 0755) == 0);
    write_file_atomically(start / "first", "text");
    CHECK(read_file(trap.treasure) == "text");

    fs::create_symlink("here", start / "relative");
    write_file_atomically(start / "relative", "near");
    CHECK(read_file(start / "here") == "near");
    fs::create_symlink(start / "loop", start / "loop");
    CHECK_THROWS_WITH_AS(write_file_atomically(start / "loop", "text"),
                         Contains("Too many levels of symbolic links"), EnvironmentError);
}

TEST_CASE("base: what is planted under a name that could be guessed is not followed") {
    const Trap trap;
    for (const std::string& name :
         {std::string("r.json.tmp"), "r.json.tmp." + std::to_string(::getpid())}) {
        trap.plant(name);
    }
    CHECK(::chmod(trap.theirs.path().c_str(), 0777) == 0);
    write_file_atomically(trap.theirs / "r.json", "text");
    CHECK_FALSE(trap.sprung());
    CHECK(fs::is_regular_file(fs::symlink_status(trap.theirs / "r.json")));
    CHECK(trap.theirs.entries() == 3);
}

TEST_CASE("base: a hard link to another file does not lead there") {
    const Trap trap;
    fs::create_hard_link(trap.treasure, trap.theirs / "r.json");
    write_file_atomically(trap.theirs / "r.json", "text");
    CHECK_FALSE(trap.sprung());
}

TEST_CASE("base: without commit a file leaves nothing behind") {
    const test::TemporaryFolder folder;
    {
        OutputFile file(folder / "r.json");
        file.write("half of it");
        CHECK(folder.entries() == 1);
        CHECK_FALSE(fs::exists(folder / "r.json"));
    }
    CHECK(folder.entries() == 0);
    const std::string longest(255, 'x');
    write_file_atomically(folder / longest, "text");
    CHECK(read_file(folder / longest) == "text");
}

TEST_CASE("base: a pipe is written in place when somebody reads it, and not waited for") {
    const test::TemporaryFolder folder;
    CHECK(::mkfifo((folder / "pipe").c_str(), 0600) == 0);
    CHECK_THROWS_WITH_AS(write_file_atomically(folder / "pipe", "text"),
                         Contains("nobody reads it); start the reader first"), EnvironmentError);
    const int reader = ::open((folder / "pipe").c_str(), O_RDONLY | O_NONBLOCK);
    write_file_atomically(folder / "pipe", "text");
    char text[5] = {};
    CHECK(::read(reader, text, 4) == 4);
    CHECK(std::string(text) == "text");
    if (is_root()) {
        CHECK(::chown((folder / "pipe").c_str(), somebody_else, somebody_else) == 0);
        CHECK_THROWS_WITH_AS(write_file_atomically(folder / "pipe", "text"),
                             Contains("pipe of another user"), EnvironmentError);
    }
    ::close(reader);
}

TEST_CASE("base: an open file is written through its number, behind what is there") {
    const test::TemporaryFolder folder;
    const int file = ::open((folder / "out").c_str(), O_CREAT | O_WRONLY, 0600);
    CHECK(::write(file, "first ", 6) == 6);
    write_file_atomically("/proc/self/fd/" + std::to_string(file), "second");
    ::close(file);
    CHECK(read_file(folder / "out") == "first second");
}
