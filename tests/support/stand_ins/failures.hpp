// SPDX-License-Identifier: Apache-2.0
// What makes a stand-in library fail: STAND_IN_FAIL="call#n=code[,call#n+=code…]". The n-th call of
// that function in this process (1: the first) returns `code`, with + all later ones too; `hang`
// where something can hang.
#pragma once

#include <cstdlib>
#include <cstring>
#include <map>
#include <mutex>
#include <string>

namespace stand_ins {

constexpr int hang = -1;

/// Counts one call of `name` and tells the code it must fail with; 0: none. The variable is read at
/// every call, so that a test can change it; counting starts anew when it does.
inline int failure_of(const char* name) {
    static std::mutex mutex;
    static std::string seen;
    static std::map<std::string, long> calls;
    const char* spec = std::getenv("STAND_IN_FAIL");
    if (spec == nullptr || *spec == '\0') return 0;
    const std::lock_guard lock(mutex);
    if (seen != spec) {
        seen = spec;
        calls.clear();
    }
    const long call = ++calls[name];
    const std::size_t length = std::strlen(name);
    for (const char* at = spec; *at != '\0'; at += std::strcspn(at, ",")) {
        at += *at == ',' ? 1 : 0;
        if (std::strncmp(at, name, length) != 0 || at[length] != '#') continue;
        char* end = nullptr;
        const long wanted = std::strtol(at + length + 1, &end, 10);
        const bool later = *end == '+';
        if (call != wanted && !(later && call > wanted)) continue;
        const char* code = std::strchr(end, '=');
        if (code == nullptr) continue;
        return std::strncmp(code + 1, "hang", 4) == 0 ? hang : std::atoi(code + 1);
    }
    return 0;
}

/// A number from the environment.
inline long long setting(const char* name, long long otherwise) {
    const char* text = std::getenv(name);
    return text == nullptr || *text == '\0' ? otherwise : std::atoll(text);
}

}  // namespace stand_ins
