// SPDX-License-Identifier: Apache-2.0
// Memory tests over memory that is broken: pages of which two addresses lead to the same cells.
#include "kernels/memtest.hpp"

#include <doctest/doctest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <string>
#include <vector>

#include "kernels/catalog.hpp"

using namespace warpstep;
using device::host::Cores;
using kernels::Arguments;

namespace {

constexpr std::int64_t page = 4096;
constexpr std::int64_t page_words = page / 8;

/// `pages` pages of memory, of which the last is the first one again.
class AliasedMemory {
  public:
    explicit AliasedMemory(int pages) : bytes_(static_cast<std::size_t>(pages * page)) {
        const int file = ::memfd_create("aliased", MFD_CLOEXEC);
        REQUIRE(file >= 0);
        REQUIRE(::ftruncate(file, static_cast<off_t>(bytes_)) == 0);
        data_ = static_cast<char*>(
            ::mmap(nullptr, bytes_, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0));
        REQUIRE(data_ != MAP_FAILED);
        char* last = data_ + (pages - 1) * page;
        REQUIRE(::mmap(last, page, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, file, 0) ==
                last);
        ::close(file);
    }
    ~AliasedMemory() { ::munmap(data_, bytes_); }
    AliasedMemory(const AliasedMemory&) = delete;
    AliasedMemory& operator=(const AliasedMemory&) = delete;
    void* data() const { return data_; }
    std::int64_t words() const { return static_cast<std::int64_t>(bytes_ / 8); }

  private:
    std::size_t bytes_;
    char* data_ = nullptr;
};

std::array<std::int64_t, 4> tested(const std::string& name, void* data, std::int64_t words,
                                   int cores = 1) {
    std::array<std::int64_t, 4> report{-7, -7, -7, -7};
    Arguments arguments;
    arguments.buffer("buffer", data, words, DType::i64)
        .buffer("report", report.data(), 4, DType::i64)
        .number("seed", 3)
        .number("seconds", 0);
    const kernels::Kernel* kernel = kernels::find(name);
    REQUIRE(kernel != nullptr);
    kernel->check(arguments);
    kernel->host(arguments, Cores(cores));
    return report;
}

const char* const tests[] = {"memtest.bit_fade", "memtest.moving_inversions", "memtest.own_address",
                             "memtest.random", "memtest.walking_bit"};

}  // namespace

TEST_CASE("kernels: sound memory has no errors, and the report's other elements are left alone") {
    std::vector<std::int64_t> memory(100'000, 77);
    for (const char* name : tests) {
        for (const int cores : {1, 3}) {
            CAPTURE(name);
            CHECK(tested(name, memory.data(), 100'000, cores) ==
                  std::array<std::int64_t, 4>{0, -1, 0, -7});
        }
    }
}

TEST_CASE("kernels: an address that leads to another's cell is found, counted and located") {
    const AliasedMemory memory(4);
    const std::array<std::int64_t, 4> own =
        tested("memtest.own_address", memory.data(), memory.words());
    // In both phases every word of the first page holds the index of the last one.
    CHECK(own[0] == 2 * page_words);
    CHECK(own[1] == 0);
    CHECK(own[2] == 3 * page_words);
    const std::array<std::int64_t, 4> random =
        tested("memtest.random", memory.data(), memory.words());
    CHECK(random[0] == 2 * page_words);
    CHECK(random[1] == 0);
    CHECK(random[2] != 0);
}

TEST_CASE("kernels: memory that is not words of 8 bytes is refused by memory tests") {
    alignas(8) static std::array<char, 64> memory;
    std::array<std::int64_t, 3> report{};
    const auto check = [&](void* data, std::int64_t bytes, std::int64_t words_of_report) {
        Arguments arguments;
        arguments.buffer("buffer", data, bytes, DType::u8)
            .buffer("report", report.data(), words_of_report, DType::i64)
            .number("seconds", 0);
        kernels::find("memtest.bit_fade")->check(arguments);
    };
    CHECK_NOTHROW(check(memory.data(), 64, 3));
    CHECK_THROWS_WITH(
        check(memory.data(), 63, 3),
        "'buffer' has 63 bytes (memory is tested in words of 8); use a multiple of 8");
    CHECK_THROWS_WITH(check(memory.data() + 1, 8, 3),
                      "'buffer' does not begin at a multiple of 8 bytes (memory is tested in words "
                      "of 8); give the whole buffer");
    CHECK_THROWS_WITH(check(memory.data(), 64, 2),
                      "'report' is 2 i64 (a report needs 3 i64); use dtype: i64, count: 3");
}
