// SPDX-License-Identifier: Apache-2.0
#include "tests/spank/fake_slurm.hpp"

#include <array>
#include <cstdarg>
#include <cstdio>
#include <cstring>

using warpstep::test::fake_slurm;

namespace warpstep::test {

FakeSlurm& fake_slurm() {
    static FakeSlurm slurm;
    return slurm;
}

}  // namespace warpstep::test

namespace {

// The names are macros for plain numbers.
constexpr auto success = static_cast<spank_err_t>(ESPANK_SUCCESS);
constexpr auto bad_argument = static_cast<spank_err_t>(ESPANK_BAD_ARG);
constexpr auto no_variable = static_cast<spank_err_t>(ESPANK_ENV_NOEXIST);

std::string text_of(const char* format, va_list arguments) {
    std::array<char, 4096> text{};
    std::vsnprintf(text.data(), text.size(), format, arguments);
    return text.data();
}

char** environment_array() {
    static std::vector<char*> pointers;
    pointers.clear();
    for (std::string& entry : fake_slurm().environment) pointers.push_back(entry.data());
    pointers.push_back(nullptr);
    return pointers.data();
}

}  // namespace

extern "C" {

void slurm_error(const char* format, ...) {
    va_list arguments;
    va_start(arguments, format);
    fake_slurm().errors.push_back(text_of(format, arguments));
    va_end(arguments);
}

void slurm_spank_log(const char* format, ...) {
    va_list arguments;
    va_start(arguments, format);
    fake_slurm().said.push_back(text_of(format, arguments));
    va_end(arguments);
}

spank_context_t spank_context(void) {
    return fake_slurm().context;
}

int spank_remote(spank_t) {
    return fake_slurm().context == S_CTX_REMOTE ? 1 : 0;
}

const char* spank_strerror(spank_err_t) {
    return "an error of Slurm";
}

spank_err_t spank_option_register(spank_t, spank_option* option) {
    fake_slurm().option = *option;
    return success;
}

// Slurm's own signature makes va_start's argument an enumeration, which Clang warns of.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wvarargs"
spank_err_t spank_get_item(spank_t, spank_item_t item, ...) {
    va_list arguments;
    va_start(arguments, item);
    spank_err_t error = success;
    if (item == S_JOB_ENV)
        *va_arg(arguments, char***) = environment_array();
    else if (item == S_JOB_ID)
        *va_arg(arguments, std::uint32_t*) = 77;
    else if (item == S_JOB_STEPID)
        *va_arg(arguments, std::uint32_t*) = fake_slurm().step;
    else if (item == S_TASK_GLOBAL_ID)
        *va_arg(arguments, std::uint32_t*) = fake_slurm().rank;
    else
        error = bad_argument;
    va_end(arguments);
    return error;
}
#pragma GCC diagnostic pop

spank_err_t spank_getenv(spank_t, const char* name, char* value, int size) {
    const std::string start = std::string(name) + "=";
    for (const std::string& entry : fake_slurm().environment) {
        if (!entry.starts_with(start)) continue;
        std::snprintf(value, static_cast<std::size_t>(size), "%s", entry.c_str() + start.size());
        return success;
    }
    return no_variable;
}

spank_err_t spank_setenv(spank_t, const char* name, const char* value, int) {
    fake_slurm().set[name] = value;
    return success;
}

spank_err_t spank_prepend_task_argv(spank_t, int count, const char* words[]) {
    fake_slurm().prepended.assign(words, words + count);
    return fake_slurm().refuses_to_prepend ? bad_argument : success;
}
}
