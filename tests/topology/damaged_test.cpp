// SPDX-License-Identifier: Apache-2.0
// Files that are no topology: one line, and never a signal.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <random>

#include "runtime/base/error.hpp"
#include "runtime/base/file.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tests/topology/described.hpp"

using namespace warpstep;
using namespace warpstep::topology;
using namespace warpstep::testing;

namespace {

/// Standard error goes to a file as long as this object lives.
class Noise {
  public:
    Noise() : saved_(dup(STDERR_FILENO)) {
        const int capture = open(file_.path().c_str(), O_WRONLY);
        dup2(capture, STDERR_FILENO);
        close(capture);
    }
    ~Noise() {
        dup2(saved_, STDERR_FILENO);
        close(saved_);
    }
    std::string text() const { return read_file(file_.path()); }

  private:
    TemporaryFile file_{""};
    int saved_;
};

/// The message of the ConfigError that reading this file gives; "" when it is read.
std::string refusal_of(const std::string& path) {
    NodeRequest request;
    request.xml = path;
    try {
        const Node node = discover_node(request);
        CHECK_FALSE(node.cores.empty());
    } catch (const ConfigError& error) {
        return error.what();
    }
    return "";
}

/// The message and what hwloc wrote to stderr meanwhile.
std::pair<std::string, std::string> refusal(const std::string& xml) {
    const TemporaryFile file(xml);
    const Noise noise;
    std::string message = refusal_of(file.path());
    return {message, noise.text()};
}

MachineModel small_machine() {
    MachineModel machine;
    machine.packages = 2;
    machine.cores_per_numa = 2;
    machine.distances = {{10, 21}, {21, 10}};
    machine.gpus = {{"0000:01:00.0", 0, "GPU-1", ""}, {"0000:02:00.0", 1, "GPU-2", ""}};
    return machine;
}

}  // namespace

TEST_CASE("topology: what is no hwloc topology is refused in one quiet line") {
    const std::string good = topology_xml(rome_like());
    std::string version_3 = good;
    version_3.replace(version_3.find("version=\"2.0\""), 13, "version=\"3.0\"");
    std::string no_pus = good;
    while (no_pus.find("\"PU\"") != no_pus.npos) no_pus.replace(no_pus.find("\"PU\""), 4, "\"XX\"");
    for (const std::string& xml :
         {std::string(), std::string("not XML"), std::string("<topology"),
          std::string("<topology version=\"2.0\"/>"), good.substr(0, good.size() / 2),
          good.substr(0, 400), version_3, no_pus}) {
        CAPTURE(xml.substr(0, 120));
        const auto [message, noise] = refusal(xml);
        CHECK_FALSE(message.empty());
        CHECK(message.find('\n') == message.npos);
        CHECK(noise == "");
    }
    CHECK(refusal(version_3).first.find("--export-xml-flags v2") != std::string::npos);
}

TEST_CASE("topology: a path that is no plain file is refused before it is read") {
    const test::TemporaryFolder folder;
    const std::string pipe = folder / "pipe", huge = folder / "huge", locked = folder / "locked";
    REQUIRE(mkfifo(pipe.c_str(), 0600) == 0);
    {
        const TemporaryFile empty("");
        std::filesystem::copy_file(empty.path(), huge);
    }
    std::filesystem::resize_file(huge, std::uintmax_t{80} << 20);
    CHECK(refusal_of(pipe).find("not a plain file") != std::string::npos);
    CHECK(refusal_of(folder.path()).find("not a plain file") != std::string::npos);
    CHECK(refusal_of("/dev/null").find("not a plain file") != std::string::npos);
    CHECK(refusal_of(huge).find("80 MiB") != std::string::npos);
    CHECK(refusal_of(folder / "absent").find("No such file") != std::string::npos);
    if (geteuid() != 0) {
        std::filesystem::copy_file(huge, locked);
        REQUIRE(chmod(locked.c_str(), 0) == 0);
        CHECK_FALSE(refusal_of(locked).empty());
    }
}

TEST_CASE("topology: a file that makes hwloc crash is refused in one quiet line") {
    std::string xml = topology_xml(small_machine());
    for (auto at = xml.find(" cpuset="); at != xml.npos; at = xml.find(" cpuset=", at))
        xml.replace(at, 8, " cpusex=");
    const auto [message, noise] = refusal(xml);
    CHECK_FALSE(message.empty());
    CHECK(message.find('\n') == message.npos);
    CHECK(noise == "");
}

TEST_CASE("topology: CPUs without end are refused") {
    std::string xml = topology_xml(small_machine());
    const std::string all = "\"0x0000000f\"";
    for (auto at = xml.find(all); at != xml.npos; at = xml.find(all, at))
        xml.replace(at, all.size(), "\"0xf...f\"");
    const auto [message, noise] = refusal(xml);
    CHECK(message.find('\n') == message.npos);
    CHECK_FALSE(message.empty());
    CHECK(noise == "");
}

TEST_CASE("topology: a file cut short anywhere is refused in one quiet line") {
    const std::string good = topology_xml(small_machine());
    for (std::size_t i = 0; i < 60; ++i) {
        CAPTURE(i);
        const auto [message, noise] = refusal(good.substr(0, good.size() * i / 61));
        CHECK_FALSE(message.empty());
        CHECK(message.find('\n') == message.npos);
        CHECK(noise == "");
    }
}

TEST_CASE("topology: a file with damaged bytes is read or refused in one line") {
    const std::string good = topology_xml(small_machine());
    std::mt19937 dice(1);
    const auto below = [&](std::size_t limit) { return dice() % limit; };
    const std::string bytes = "0123456789abcdefx\"<>/ ";
    int refused = 0;
    const Noise noise;  // hwloc may warn of what it can still read
    for (int i = 0; i < 150; ++i) {
        std::string xml = good;
        for (std::size_t flips = 1 + below(4); flips > 0; --flips)
            xml[below(xml.size())] = bytes[below(bytes.size())];
        const TemporaryFile file(xml);
        const std::string message = refusal_of(file.path());
        CHECK(message.find('\n') == message.npos);
        refused += message.empty() ? 0 : 1;
    }
    CHECK(refused > 20);
    CHECK(refused < 150);
}
