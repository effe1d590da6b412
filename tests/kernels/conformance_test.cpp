// SPDX-License-Identifier: Apache-2.0
// Runs the suites of conformance.hpp on device 0 of the CUDA module: the emulated one where
// WARPSTEP_MODULE_DIR names it, the real one on a machine with a GPU.
#include "tests/kernels/conformance.hpp"

#include <doctest/doctest.h>

#include <cstdlib>
#include <memory>
#include <set>

#include "runtime/base/error.hpp"
#include "runtime/cuda/backend.hpp"

using namespace warpstep;
using test::Case;
using test::Suite;

namespace {

struct Exception {
    const char* kernel;
    const char* reason;
};
constexpr Exception exceptions[] = {
    {"burn", "its report counts on over several launches; burn_test.cpp runs both sides"},
    {"gemm", "host and device call libraries that differ by the type; gemm_test.cpp"},
    {"gemm.naive", "is the reference of gemm_test.cpp itself"},
    {"jacobi2d.edges", "writes no inner point; jacobi2d_test.cpp runs both sides"},
};

/// Device 0. Nothing, with the reason printed, when there is none and nobody named a module.
std::unique_ptr<device::Device> open_device() {
    try {
        return comm::cuda_backend().open(0);
    } catch (const std::exception& error) {
        const bool promised = std::getenv("WARPSTEP_MODULE_DIR") != nullptr;
        if (promised) throw;
        MESSAGE("skipped: " << error.what());
        return nullptr;
    }
}

}  // namespace

TEST_CASE("kernels: every kernel of the catalog has a conformance suite or a reason for none") {
    std::set<std::string> covered;
    for (const Suite& suite : test::all_suites()) {
        CAPTURE(suite.kernel);
        CHECK(covered.insert(suite.kernel).second);
        CHECK(!suite.cases.empty());
    }
    for (const Exception& exception : exceptions) {
        CAPTURE(exception.kernel);
        CHECK(covered.insert(exception.kernel).second);
    }
    std::set<std::string> catalog;
    for (const auto& kernel : kernels::catalog()) catalog.insert(kernel.name);
    CHECK(covered == catalog);
}

TEST_CASE("kernels: the device computes what the host computes, and touches nothing else") {
    const auto device = open_device();
    if (device == nullptr) return;
    for (const Suite& suite : test::all_suites()) {
        CAPTURE(suite.kernel);
        test::Comparison comparison(suite, *device);
        for (const Case& one : suite.cases) {
            INFO(one.text());
            CHECK(comparison.run(one) == "");
        }
        INFO("captured: " << suite.cases.back().text());
        CHECK(comparison.run(suite.cases.back(), true) == "");
    }
}

TEST_CASE("kernels: an output that overlaps another buffer is refused") {
    alignas(256) static char memory[4096];
    using Role = kernels::Parameter::Role;
    for (const Suite& suite : test::all_suites()) {
        const kernels::Kernel& kernel = *kernels::find(suite.kernel);
        if (suite.cases.back().operands.size() < 2) continue;
        CAPTURE(kernel.name);
        // The first case whose buffers all have elements.
        for (const Case& one : suite.cases) {
            kernels::Arguments arguments;
            bool small = true;
            for (const auto& operand : one.operands) {
                arguments.buffer(operand.name, memory, operand.shape, operand.dtype);
                const std::size_t bytes = arguments.all().back().bytes();
                small = small && bytes > 0 && bytes <= sizeof memory;
            }
            if (!small) continue;
            for (const auto& parameter : kernel.parameters) {
                const auto number = one.numbers.find(parameter.name);
                const auto word = one.words.find(parameter.name);
                if (parameter.role == Role::value) {
                    arguments.number(parameter.name, number == one.numbers.end()
                                                         ? parameter.default_number
                                                         : number->second);
                } else if (parameter.role == Role::word) {
                    arguments.word(parameter.name, word == one.words.end() ? parameter.words.front()
                                                                           : word->second);
                }
            }
            CHECK_THROWS_WITH_AS(kernel.check(arguments), doctest::Contains("overlap"),
                                 ConfigError);
            break;
        }
    }
}
