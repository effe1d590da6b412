// SPDX-License-Identifier: Apache-2.0
// slurmstepd before it starts tasks.
#include <fcntl.h>
#include <slurm/slurm.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>

#include "runtime/process/failure.hpp"
#include "slurm/spank/plugin.hpp"

namespace warpstep::spank {
namespace {

std::uint32_t item(spank_t spank, spank_item_t what) {
    std::uint32_t value = 0;
    spank_get_item(spank, what, &value);
    return value;
}

/// Not the batch script, the external step or salloc's shell.
bool has_tasks(spank_t spank) {
    return spank_remote(spank) == 1 && item(spank, S_JOB_STEPID) <= SLURM_MAX_NORMAL_STEP_ID;
}

std::string variable(spank_t spank, const char* name) {
    std::array<char, 1024> value{};
    return spank_getenv(spank, name, value.data(), value.size()) == ESPANK_SUCCESS ? value.data()
                                                                                   : "";
}

/// The command line, else WARPSTEP_BIND, else plugstack.conf. Errors: Failure for a malformed
/// variable.
Wish wish_of(const Plugin& plugin, spank_t spank) {
    if (plugin.option) return *plugin.option;
    const std::string text = variable(spank, "WARPSTEP_BIND");
    if (text.empty()) return {plugin.settings && plugin.settings->on_by_default, {}};
    try {
        return parse_wish(text);
    } catch (const process::Failure& failure) {
        throw process::Failure(2, "WARPSTEP_BIND=" + text + ": " + failure.what());
    }
}

/// When this process was started, in ticks since boot; with its pid a name that never comes again.
std::string birth_of_this_process() {
    std::ifstream file("/proc/self/stat");
    const std::string stat{std::istreambuf_iterator<char>(file), {}};
    // Field 22; the second one, the name, may hold blanks and ends with the last parenthesis.
    std::size_t at = stat.rfind(')');
    for (int field = 2; field < 22 && at != stat.npos; ++field) at = stat.find(' ', at + 1);
    if (at == stat.npos) return "0";
    return stat.substr(at + 1, stat.find(' ', at + 1) - at - 1);
}

std::string meeting_of(spank_t spank) {
    return std::to_string(item(spank, S_JOB_ID)) + "." + std::to_string(item(spank, S_JOB_STEPID)) +
           "-" + std::to_string(::getpid()) + "-" + birth_of_this_process();
}

void require_program(const std::string& program) {
    // Privileges are dropped for a while, so it is the effective user who must be able to run it.
    if (::faccessat(AT_FDCWD, program.c_str(), X_OK, AT_EACCESS) != 0)
        throw process::Failure("cannot run " + program + " (" + std::strerror(errno) +
                               "); install it on this node or mend warpstep= in plugstack.conf");
}

void activate(Plugin& plugin, spank_t spank) {
    const Wish wish = wish_of(plugin, spank);
    if (!wish.on) return;
    if (!plugin.problem.empty()) throw process::Failure(plugin.problem);
    if (!plugin.settings) return;
    require_program(plugin.settings->program);
    plugin.options = wish.options;
    plugin.meeting = meeting_of(spank);
    plugin.active = true;
}

std::string host_name() {
    std::array<char, 256> host{};
    return ::gethostname(host.data(), host.size() - 1) == 0 ? host.data() : "this node";
}

}  // namespace

void prepare_step(Plugin& plugin, spank_t spank) {
    if (!has_tasks(spank)) return;
    try {
        activate(plugin, spank);
    } catch (const process::Failure& failure) {
        say("tasks on " + host_name() + " run unplaced: " + failure.what());
    }
}

}  // namespace warpstep::spank
