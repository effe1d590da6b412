// SPDX-License-Identifier: Apache-2.0
// The door: a task that only has to follow local rank 0 of its node does that here, at once; for
// all else the program proper is opened.
#include <dlfcn.h>
#include <unistd.h>

#include <array>
#include <climits>
#include <cstdio>
#include <cstring>
#include <string>

#include "runtime/process/meeting.hpp"
#include "runtime/process/member.hpp"

namespace {

using namespace warpstep;

std::string own_folder() {
    std::array<char, PATH_MAX> path{};
    const ssize_t length = ::readlink("/proc/self/exe", path.data(), path.size() - 1);
    const std::string text(path.data(), length > 0 ? static_cast<std::size_t>(length) : 0);
    return text.substr(0, text.rfind('/'));
}

/// A function of the program proper; nullptr, with the reason said, when it cannot be opened. Its
/// symbols are global because the CUDA module finds the rooms there.
void* program(const char* function) {
    const std::string folder = own_folder();
    std::string reasons;
    for (const char* place : {"/libwarpstep.so", "/../lib/warpstep/libwarpstep.so"}) {
        if (void* library = ::dlopen((folder + place).c_str(), RTLD_LAZY | RTLD_GLOBAL))
            return ::dlsym(library, function);
        reasons += std::string(reasons.empty() ? "" : "; ") + ::dlerror();
    }
    std::fprintf(stderr,
                 "warpstep: cannot open libwarpstep.so (%s); install it beside %s/warpstep or in "
                 "../lib/warpstep\n",
                 reasons.c_str(), folder.c_str());
    return nullptr;
}

std::string cuda_devices() {
    using Function = void (*)(char* text, std::size_t size);
    std::array<char, 16384> text{};
    if (void* function = program("warpstep_cuda_devices"))
        reinterpret_cast<Function>(function)(text.data(), text.size());
    return text.data();
}

/// The commands in which local rank 0 speaks for its node.
bool has_followers(const char* command) {
    return std::strcmp(command, "map") == 0 || std::strcmp(command, "exec") == 0;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc > 1 && has_followers(argv[1])) {
        const int local_rank = process::local_rank_of_this_task();
        const std::string key = process::meeting_key(environ);
        if (local_rank > 0 && !key.empty())
            return process::follow(key, local_rank, {argc, argv, cuda_devices});
    }
    using Program = int (*)(int, char**);
    void* function = program("warpstep_program");
    return function == nullptr ? 3 : reinterpret_cast<Program>(function)(argc, argv);
}
