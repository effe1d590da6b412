// SPDX-License-Identifier: Apache-2.0
#include "runtime/base/error.hpp"

#include <doctest/doctest.h>

using namespace warpstep;

namespace {

template <typename E>
ExitCode code_of() {
    try {
        fail<E>("rank {} of {}", 3, 8);
    } catch (const Error& error) {
        CHECK(std::string(error.what()).ends_with("rank 3 of 8"));
        return error.code();
    }
    return ExitCode::passed;
}

}  // namespace

TEST_CASE("base: every kind of error leads to the exit code of who must act") {
    CHECK(code_of<ConfigError>() == ExitCode::bad_input);
    CHECK(code_of<EnvironmentError>() == ExitCode::no_verdict);
    CHECK(code_of<DeviceError>() == ExitCode::no_verdict);
    CHECK(code_of<CommError>() == ExitCode::no_verdict);
    CHECK(code_of<VerificationError>() == ExitCode::failed);
    CHECK(code_of<LogicError>() == ExitCode::no_verdict);
}

TEST_CASE("base: exit codes have the documented numbers") {
    CHECK(static_cast<int>(ExitCode::passed) == 0);
    CHECK(static_cast<int>(ExitCode::failed) == 1);
    CHECK(static_cast<int>(ExitCode::bad_input) == 2);
    CHECK(static_cast<int>(ExitCode::no_verdict) == 3);
    CHECK(static_cast<int>(ExitCode::checkpointed) == 75);
}

TEST_CASE("base: a broken contract of our own says so") {
    CHECK_THROWS_WITH_AS(fail<LogicError>("no buffer"), "internal: no buffer", LogicError);
}
