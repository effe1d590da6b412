// SPDX-License-Identifier: Apache-2.0
#include "runtime/base/shared_library.hpp"

#include <dlfcn.h>
#include <link.h>

#include <cstdlib>
#include <utility>

#include "runtime/base/error.hpp"

namespace warpstep {
namespace {

void* open_file(const std::string& file, std::string& problem) {
    void* handle = ::dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (handle != nullptr) return handle;
    const char* reason = ::dlerror();
    problem = reason == nullptr ? file + " cannot be opened" : reason;
    return nullptr;
}

}  // namespace

SharedLibrary SharedLibrary::open(Wanted wanted) {
    SharedLibrary library;
    const char* named = std::getenv(wanted.variable);
    if (named != nullptr && *named != '\0') wanted.files = {named};
    for (const std::string& file : wanted.files) {
        void* handle = open_file(file, library.problem_);
        if (handle == nullptr) continue;
        library.handle_ = {handle, [](void*) {}};
        library.file_ = file;
        break;
    }
    if (!library.is_open())
        fail<EnvironmentError>("cannot open {}{} ({}); {}, or name the file in {}", wanted.name,
                               wanted.purpose, library.problem_, wanted.advice, wanted.variable);
    if (library.symbol(wanted.proof.c_str()) == nullptr)
        fail<EnvironmentError>("'{}' is not {} (it {}); correct {}", library.file_, wanted.name,
                               wanted.lack, wanted.variable);
    library.wanted_ = std::move(wanted);
    return library;
}

SharedLibrary SharedLibrary::try_open(const std::string& file) {
    SharedLibrary library;
    if (void* handle = open_file(file, library.problem_)) {
        library.handle_ = {handle, [](void* open) { ::dlclose(open); }};
        library.file_ = file;
    }
    return library;
}

std::string SharedLibrary::path() const {
    const link_map* map = nullptr;
    if (!is_open() || ::dlinfo(handle_.get(), RTLD_DI_LINKMAP, &map) != 0) return file_;
    return map->l_name;
}

void* SharedLibrary::symbol(const char* name) const {
    return is_open() ? ::dlsym(handle_.get(), name) : nullptr;
}

void* SharedLibrary::symbol_or_throw(const char* name) const {
    if (void* found = symbol(name)) return found;
    fail<EnvironmentError>("{}{} in {} has no {} ({}); {} or name it in {}", wanted_.name,
                           version_.empty() ? "" : " " + version_, path(), name, wanted_.needed,
                           wanted_.newer, wanted_.variable);
}

}  // namespace warpstep
