// SPDX-License-Identifier: Apache-2.0
// Conformance of the kernels that summarize, test or move memory.
#include <cmath>
#include <limits>

#include "tests/kernels/conformance.hpp"

namespace warpstep::test {
namespace {

constexpr DType computable[] = {DType::f32, DType::f64, DType::i32, DType::i64};
constexpr DType every[] = {DType::f32, DType::f64, DType::i32,  DType::i64,
                           DType::u8,  DType::f16, DType::bf16, DType::f8e4m3};

double count_of(const Case& one) {
    return static_cast<double>(one.operands.front().shape.front());
}

std::vector<Case> reduce_cases() {
    std::vector<Case> cases;
    for (const DType dtype : computable) {
        const DType result = is_floating(dtype) ? DType::f64 : DType::i64;
        for (const std::int64_t n : sizes_for(dtype)) {
            for (const int offset : {0, 1}) {
                for (const char* op : {"sum", "min", "max"}) {
                    cases.push_back({{{"x", dtype, {n}, Content::uniform, offset},
                                      {"result", result, {1}, Content::whatever}},
                                     {},
                                     {{"op", op}}});
                }
            }
        }
    }
    return cases;
}

std::vector<Case> scan_cases() {
    std::vector<Case> cases;
    for (const DType dtype : computable) {
        for (const std::int64_t n : sizes_for(dtype)) {
            for (const char* kind : {"inclusive", "exclusive"}) {
                cases.push_back(
                    {{{"x", dtype, {n}, Content::uniform, 1}, {"y", dtype, {n}, Content::whatever}},
                     {},
                     {{"kind", kind}}});
            }
        }
    }
    return cases;
}

/// Running sums in the buffer's own type: roundings of random signs, of sums that grow as a random
/// walk does.
Tolerance running_sums(const Case& one) {
    const double n = count_of(one);
    const double unit = one.operands.front().dtype == DType::f32
                            ? std::numeric_limits<float>::epsilon()
                            : std::numeric_limits<double>::epsilon();
    return {16 * unit * (n + 1), 4 * unit};
}

std::vector<Case> histogram_cases() {
    std::vector<Case> cases;
    for (const DType dtype : computable) {
        for (const std::int64_t n : sizes_for(dtype)) {
            // One bin, a copy for each warp, one copy for all, too many for shared memory.
            for (const std::int64_t bins : {1, 7, 500, 3000, 5000}) {
                cases.push_back({{{"x", dtype, {n}, Content::eighths, static_cast<int>(bins % 2)},
                                  {"bins", DType::i64, {bins}, Content::whatever}},
                                 {{"lo", -2}, {"hi", 2.5}}});
            }
        }
    }
    return cases;
}

std::vector<Case> checksum_cases() {
    std::vector<Case> cases;
    for (const DType dtype : every) {
        for (const std::int64_t n : sizes_for(dtype)) {
            for (const int offset : {0, 1}) {
                cases.push_back({{{"x", dtype, {n}, Content::whatever, offset},
                                  {"sum", DType::i64, {1}, Content::whatever}}});
            }
        }
    }
    return cases;
}

std::vector<Case> memtest_cases(const std::map<std::string, double>& numbers = {}) {
    std::vector<Case> cases;
    for (const std::int64_t words : {0, 1, 2, 3, 257, 2047, 2048, 2049, 20'001}) {
        for (const int offset : {0, 1}) {
            cases.push_back({{{"buffer", DType::f64, {words}, Content::whatever, offset},
                              {"report", DType::i64, {4}, Content::zeros}},
                             numbers});
        }
        cases.push_back({{{"buffer", DType::u8, {8 * words}, Content::whatever},
                          {"report", DType::i64, {3}, Content::whatever}},
                         numbers});
    }
    return cases;
}

std::vector<Case> transpose_cases() {
    const std::pair<std::int64_t, std::int64_t> extents[] = {
        {0, 5},   {5, 0},   {1, 1},   {1, 300}, {300, 1},
        {31, 33}, {64, 64}, {65, 63}, {129, 7}, {200, 333}};
    std::vector<Case> cases;
    for (const DType dtype : every) {
        for (const auto& [rows, columns] : extents) {
            cases.push_back({{{"from", dtype, {rows, columns}, Content::whatever, 1},
                              {"to", dtype, {columns, rows}, Content::whatever}}});
        }
    }
    return cases;
}

}  // namespace

std::vector<Suite> suites_of_summaries() {
    return {
        {"checksum", checksum_cases()},
        {"histogram", histogram_cases()},
        {"reduction", reduce_cases(),
         [](const Case& one) {
             return Tolerance{one.words.at("op") == "sum" ? 4e-14 * count_of(one) : 0, 0};
         }},
        {"scan", scan_cases(), running_sums},
    };
}

std::vector<Suite> suites_of_memory() {
    return {
        {"memtest.bit_fade", memtest_cases({{"seconds", 1e-5}})},
        {"memtest.moving_inversions", memtest_cases()},
        {"memtest.own_address", memtest_cases()},
        {"memtest.random", memtest_cases({{"seed", 12345}})},
        {"memtest.walking_bit", memtest_cases()},
        {"spin", {{{}, {{"seconds", 0}}}, {{}, {{"seconds", 1e-4}}}}},
        {"transpose", transpose_cases()},
    };
}

}  // namespace warpstep::test
