// SPDX-License-Identifier: Apache-2.0
// For tests that run the CUDA module over the stand-ins: failures on request, and what is left
// over.
#pragma once

#include <dlfcn.h>

#include <cstdlib>
#include <string>

#include "runtime/base/error.hpp"
#include "runtime/cuda/backend.hpp"

namespace warpstep::test {

/// Makes the stand-ins fail as long as it lives: "cudaMalloc#1=2".
class Failing {
  public:
    explicit Failing(const std::string& what) { ::setenv("STAND_IN_FAIL", what.c_str(), 1); }
    ~Failing() {
        ::unsetenv("STAND_IN_FAIL");
        if (auto* recover = reinterpret_cast<void (*)()>(find("stand_in_recover"))) recover();
    }
    Failing(const Failing&) = delete;
    Failing& operator=(const Failing&) = delete;

    static void* find(const char* name) {
        // The module keeps its libraries to itself.
        static void* library = ::dlopen("libcudart.so.13", RTLD_NOW | RTLD_NOLOAD);
        return library == nullptr ? nullptr : ::dlsym(library, name);
    }
};

/// "memory", "streams", "events", "graphs", "libraries" that nobody has freed; "contexts" of this
/// process, which stay; -1: no stand-in.
inline int live(const char* kind) {
    const auto ask = reinterpret_cast<int (*)(const char*)>(Failing::find("stand_in_live"));
    return ask == nullptr ? -1 : ask(kind);
}

/// The message of the error that `body` throws; "" when it throws none.
template <typename Body>
std::string error_of(Body&& body) {
    try {
        body();
    } catch (const Error& error) {
        return error.what();
    }
    return "";
}

}  // namespace warpstep::test
