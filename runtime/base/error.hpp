// SPDX-License-Identifier: Apache-2.0
// Errors, grouped by who must act. A message reads `problem (why); what to type`, lower case,
// without "error:".
#pragma once

#include <fmt/format.h>

#include <stdexcept>
#include <string>
#include <utility>

namespace warpstep {

/// The exit codes of every command (docs/architecture.md, "Exit codes").
enum class ExitCode : int {
    passed = 0,
    failed = 1,        ///< an expectation, verification or check failed
    bad_input = 2,     ///< refused before any GPU work
    no_verdict = 3,    ///< environment, bootstrap, timeout, a peer died
    checkpointed = 75  ///< run me again
};

/// Base of all our errors; carries the exit code it leads to.
class Error : public std::runtime_error {
  public:
    Error(ExitCode code, const std::string& message) : std::runtime_error(message), code_(code) {}
    ExitCode code() const noexcept { return code_; }

  private:
    ExitCode code_;
};

/// The user's input is wrong: a file, a flag, an impossible request.
struct ConfigError : Error {
    explicit ConfigError(const std::string& m) : Error(ExitCode::bad_input, m) {}
};
/// The site's set-up is wrong: Slurm, PMIx, hwloc, a missing library.
struct EnvironmentError : Error {
    explicit EnvironmentError(const std::string& m) : Error(ExitCode::no_verdict, m) {}
};
/// A device refused or failed.
struct DeviceError : Error {
    explicit DeviceError(const std::string& m) : Error(ExitCode::no_verdict, m) {}
};
/// A peer or the way to it failed, or a deadline passed.
struct CommError : Error {
    explicit CommError(const std::string& m) : Error(ExitCode::no_verdict, m) {}
};
/// A result differs from its reference.
struct VerificationError : Error {
    explicit VerificationError(const std::string& m) : Error(ExitCode::failed, m) {}
};
/// We broke our own contract.
struct LogicError : Error {
    explicit LogicError(const std::string& m) : Error(ExitCode::no_verdict, "internal: " + m) {}
};

/// Throws E with a formatted message: `fail<ConfigError>("unknown key '{}'", key)`.
template <typename E, typename... Args>
[[noreturn]] void fail(fmt::format_string<Args...> format, Args&&... args) {
    throw E(fmt::format(format, std::forward<Args>(args)...));
}

}  // namespace warpstep
