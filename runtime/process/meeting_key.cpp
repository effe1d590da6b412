// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <cstdint>
#include <string_view>

#include "runtime/process/meeting.hpp"

namespace warpstep::process {
namespace {

/// FNV-1a, 64 bit: a name of fixed length, not a secret. Source: Fowler, Noll, Vo.
std::string hash(std::string_view text) {
    std::uint64_t value = 0xcbf29ce484222325U;
    for (const char byte : text) {
        value ^= static_cast<unsigned char>(byte);
        value *= 0x100000001b3U;
    }
    std::string digits;
    for (int shift = 60; shift >= 0; shift -= 4) digits += "0123456789abcdef"[value >> shift & 15];
    return digits;
}

}  // namespace

std::string meeting_key(char* const* environment) {
    // Who starts tasks outside PMIx names their meeting. Else: the variables of one launch on one
    // node, in the order of the environment, which the launcher makes alike for all its tasks;
    // sorted by taking each in turn.
    static constexpr std::string_view names[] = {
        "WARPSTEP_MEETING=",  "PMIX_NAMESPACE=",    "PMIX_SERVER_URI41=", "PMIX_SERVER_URI4=",
        "PMIX_SERVER_URI3=",  "PMIX_SERVER_URI21=", "PMIX_SERVER_URI2=",  "SLURM_RESTART_COUNT=",
        "PMIX_SERVER_URI51=", "PMIX_SERVER_URI5=",  "SLURMD_NODENAME=",   "SLURM_JOB_ID=",
        "SLURM_STEP_ID="};
    std::string text = std::to_string(::geteuid());
    bool in_step = false;
    for (const std::string_view name : names) {
        for (char* const* variable = environment; *variable != nullptr; ++variable) {
            const std::string_view entry = *variable;
            if (entry.substr(0, name.size()) != name) continue;
            in_step = in_step || name == names[0] || name == names[1];
            text += '\n';
            text += entry;
        }
    }
    return in_step ? std::to_string(::geteuid()) + '-' + hash(text) : "";
}

}  // namespace warpstep::process
