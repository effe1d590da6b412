// SPDX-License-Identifier: Apache-2.0
#include "runtime/process/launch.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string_view>

#include "runtime/process/open_files.hpp"

namespace warpstep::process {
namespace {

std::vector<int> open_files() {
    std::vector<int> files;
    const std::unique_ptr<DIR, int (*)(DIR*)> folder(opendir("/proc/self/fd"), closedir);
    while (const dirent* entry = folder ? readdir(folder.get()) : nullptr) {
        const int file = std::atoi(entry->d_name);
        if (entry->d_name[0] != '.' && file != dirfd(folder.get())) files.push_back(file);
    }
    return files;
}

void close_ours_on_exec(const std::vector<int>& inherited) {
    for (const int file : open_files())
        if (std::find(inherited.begin(), inherited.end(), file) == inherited.end())
            ::fcntl(file, F_SETFD, FD_CLOEXEC);
}

void restore_signals(const Inheritance& inherited) {
    for (int number = 1; number < NSIG; ++number) {
        const bool ignored = std::find(inherited.ignored.begin(), inherited.ignored.end(),
                                       number) != inherited.ignored.end();
        struct sigaction action {};
        if (::sigaction(number, nullptr, &action) != 0) continue;
        if ((action.sa_handler == SIG_IGN) == ignored) continue;
        ::signal(number, ignored ? SIG_IGN : SIG_DFL);
    }
    ::sigprocmask(SIG_SETMASK, &inherited.blocked, nullptr);
}

std::string_view name_of(std::string_view variable) {
    return variable.substr(0, variable.find('='));
}

}  // namespace

Inheritance remember_inheritance() {
    Inheritance inherited;
    ::sigprocmask(SIG_SETMASK, nullptr, &inherited.blocked);
    for (int number = 1; number < NSIG; ++number) {
        struct sigaction action {};
        if (::sigaction(number, nullptr, &action) == 0 && action.sa_handler == SIG_IGN)
            inherited.ignored.push_back(number);
    }
    inherited.files = open_files();
    for (char** variable = environ; *variable != nullptr; ++variable)
        inherited.environment.emplace_back(*variable);
    return inherited;
}

std::vector<std::string> changed(std::vector<std::string> environment,
                                 const std::vector<Change>& changes) {
    for (const Change& change : changes) {
        std::erase_if(environment,
                      [&](const std::string& one) { return name_of(one) == change.name; });
        if (!change.remove) environment.push_back(change.name + "=" + change.value);
    }
    return environment;
}

int become(char* const* command, const Inheritance& inherited,
           const std::vector<std::string>& environment) {
    std::vector<char*> variables;
    for (const std::string& variable : environment)
        variables.push_back(const_cast<char*>(variable.c_str()));
    variables.push_back(nullptr);
    // execvpe searches the PATH of the calling process.
    for (const std::string& variable : environment)
        if (name_of(variable) == "PATH") ::setenv("PATH", variable.c_str() + 5, 1);
    std::fflush(nullptr);
    close_ours_on_exec(inherited.files);
    restore_signals(inherited);
    restore_open_files();
    ::execvpe(command[0], command, variables.data());
    const int reason = errno;
    std::fprintf(stderr, "warpstep: cannot start '%s' (%s); check its name and its permissions\n",
                 command[0], std::strerror(reason));
    return reason == ENOENT ? 127 : 126;
}

char* const* command_of(int argc, char* const* argv) {
    for (int i = 1; i < argc; ++i)
        if (std::strcmp(argv[i], "--") == 0) return i + 1 < argc ? argv + i + 1 : nullptr;
    return nullptr;
}

}  // namespace warpstep::process
