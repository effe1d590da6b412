// SPDX-License-Identifier: Apache-2.0
#include "runtime/base/trust.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <string_view>
#include <system_error>
#include <vector>

#include "runtime/base/log.hpp"

namespace warpstep {
namespace {

namespace fs = std::filesystem;

bool others_may_write(mode_t mode) {
    return (mode & (S_IWGRP | S_IWOTH)) != 0;
}

std::string why_not_roots(const fs::path& path, bool on_the_way) {
    struct stat facts {};
    if (::lstat(path.c_str(), &facts) != 0) return "";  // there is nothing to load
    if (facts.st_uid != 0) {
        return fmt::format("{} belongs to user {}", path.string(), facts.st_uid);
    }
    const bool sticky = on_the_way && S_ISDIR(facts.st_mode) && (facts.st_mode & S_ISVTX) != 0;
    if (others_may_write(facts.st_mode) && !sticky) {
        return fmt::format("others may write {}", path.string());
    }
    return "";
}

bool names_code(std::string_view variable) {
    return variable == "WARPSTEP_MODULE_DIR" ||
           (variable.starts_with("WARPSTEP_") && variable.ends_with("_LIBRARY"));
}

std::vector<std::string> variables_that_name_code() {
    std::vector<std::string> names;
    for (char** entry = environ; *entry != nullptr; ++entry) {
        const std::string_view text = *entry;
        const auto name = text.substr(0, text.find('='));
        if (names_code(name) && name.size() + 1 < text.size()) names.emplace_back(name);
    }
    return names;
}

}  // namespace

bool is_ours_or_roots(uid_t owner) {
    return owner == ::geteuid() || owner == 0;
}

bool is_safe_link(int folder, const struct stat& link) {
    struct stat around {};
    return ::fstat(folder, &around) == 0 && is_ours_or_roots(link.st_uid) &&
           is_ours_or_roots(around.st_uid) && !others_may_write(around.st_mode);
}

bool is_ours_alone(int folder) {
    struct stat facts {};
    return ::fstat(folder, &facts) == 0 && S_ISDIR(facts.st_mode) && facts.st_uid == ::geteuid() &&
           !others_may_write(facts.st_mode);
}

std::string why_not_roots(const std::string& path) {
    if (!path.starts_with('/')) return "it is no absolute path";
    std::error_code error;
    // The way as it is written and the way it really goes: either could be bent.
    const fs::path real = fs::weakly_canonical(path, error);
    if (error) return error.message();
    for (fs::path part = real; part != part.parent_path(); part = part.parent_path()) {
        if (auto why = why_not_roots(part, part != real); !why.empty()) return why;
    }
    for (fs::path part = fs::path(path).parent_path(); part != part.parent_path();
         part = part.parent_path()) {
        struct stat facts {};
        const bool link = ::lstat(part.c_str(), &facts) == 0 && S_ISLNK(facts.st_mode);
        if (link && facts.st_uid != 0) {
            return fmt::format("{} is a link of user {}", part.string(), facts.st_uid);
        }
    }
    return "";
}

void forget_untrusted_libraries() {
    if (::geteuid() != 0) return;
    for (const auto& name : variables_that_name_code()) {
        const std::string path = std::getenv(name.c_str());
        const std::string why = why_not_roots(path);
        if (why.empty()) continue;
        log::warn(fmt::format(
            "{}={} is ignored ({}, and root loads only what is root's); give the file and its "
            "folders to root, or unset it",
            name, path, why));
        ::unsetenv(name.c_str());
    }
}

}  // namespace warpstep
