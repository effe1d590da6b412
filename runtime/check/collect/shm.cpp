// SPDX-License-Identifier: Apache-2.0
// /dev/shm, and what programs that died have left there.
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <set>

#include "runtime/check/collect/files.hpp"
#include "runtime/check/collect/parts.hpp"
#include "runtime/check/collect/process.hpp"

namespace warpstep::check {

namespace {

constexpr std::array segment_beginnings = {"nccl-",         "torch_",     "psm2_",
                                           "psm3_",         "cuda.shm.",  "ucx_shm_",
                                           "vader_segment", "sm_segment", "warpstep"};
constexpr std::int64_t young_s = 60;  // somebody may be making it just now

bool is_of_library(const std::string& name) {
    return std::any_of(segment_beginnings.begin(), segment_beginnings.end(),
                       [&](const char* beginning) { return name.rfind(beginning, 0) == 0; });
}

std::optional<unsigned> owner_of(const std::string& path) {
    struct stat about {};
    if (::stat(path.c_str(), &about) != 0) return std::nullopt;
    return about.st_uid;
}

/// Who runs something, and which files of /dev/shm the processes that we may look into have mapped.
struct Holders {
    std::set<unsigned> users, opaque_users;
    std::string mapped;
};

Holders find_holders(const Sources& sources) {
    Holders holders;
    for (const int pid : numbered_entries(sources.proc, "")) {
        const std::string folder = process_folder(sources, pid);
        const auto user = owner_of(folder);
        if (!user) continue;
        holders.users.insert(*user);
        const auto maps = text_of(folder + "/maps");
        if (!maps) {
            holders.opaque_users.insert(*user);
            continue;
        }
        for (auto at = maps->find("/dev/shm/"); at != maps->npos;
             at = maps->find("/dev/shm/", at + 1))
            holders.mapped += maps->substr(at, maps->find('\n', at) - at) + "\n";
    }
    return holders;
}

bool is_left_over(const Holders& holders, const std::string& name, unsigned user) {
    if (!holders.users.contains(user)) return true;
    const bool mapped = holders.mapped.find("/dev/shm/" + name + "\n") != std::string::npos;
    return !mapped && !holders.opaque_users.contains(user);
}

}  // namespace

void collect_shm(const Sources& sources, RankFacts& facts) {
    const std::string folder = sources.dev + "/shm";
    struct statvfs size {};
    if (::statvfs(folder.c_str(), &size) == 0) {
        facts.shm_bytes = static_cast<std::uint64_t>(size.f_blocks) * size.f_frsize;
        facts.shm_free_bytes = static_cast<std::uint64_t>(size.f_bavail) * size.f_frsize;
    }
    std::optional<Holders> holders;
    for (const std::string& name : entries_of(folder)) {
        struct stat about {};
        if (!is_of_library(name) || ::stat((folder + "/" + name).c_str(), &about) != 0) continue;
        if (!S_ISREG(about.st_mode) || std::time(nullptr) - about.st_mtime < young_s) continue;
        if (!holders) holders = find_holders(sources);
        if (is_left_over(*holders, name, about.st_uid))
            facts.stale_segments.push_back(
                {"/dev/shm/" + name, about.st_uid, static_cast<std::uint64_t>(about.st_size)});
    }
}

}  // namespace warpstep::check
