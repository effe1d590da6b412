// SPDX-License-Identifier: Apache-2.0
// What the PMIx library of a task needs: its security plugin, its directory, one user.
#include <fmt/format.h>

#include "runtime/check/rules/launch.hpp"
#include "runtime/check/rules/tasks.hpp"
#include "runtime/check/rules/walks.hpp"

namespace warpstep::check::families {
namespace {

/// Applies `said_of` to every task of this step to which `concerns` applies.
template <typename Concerns, typename SaidOf>
void judge_each(const Facts& facts, Judge& judge, const char* skip, const char* pass,
                Concerns concerns, SaidOf said_of) {
    const auto tasks = tasks_of(facts);
    std::size_t judged = 0;
    for (const Task& task : tasks) {
        if (task.facts == nullptr || !concerns(task)) continue;
        ++judged;
        if (const std::optional<Said> said = said_of(task)) say(judge, task, *said);
    }
    if (judged == 0) return judge.skip(skip);
    judge.pass_if_silent(pass);
}

void judge_twice(const Facts& facts, Judge& judge) {
    judge_each(
        facts, judge, "no MPI program is started by us",
        "PMIX_MCA_gds lets the MPI program connect a second time",
        [](const Task& task) { return task.facts->command_links_mpi.value_or(false); },
        [](const Task& task) -> std::optional<Said> {
            // Unset is well: exec sets it for the program.
            const auto store = task.variable("PMIX_MCA_gds");
            if (!store || store->find("hash") != store->npos) return std::nullopt;
            return Said{fmt::format("PMIX_MCA_gds is '{}', with which a second connection to PMIx "
                                    "in one task fails",
                                    *store),
                        {*store, "hash", ""},
                        "unset PMIX_MCA_gds, or export PMIX_MCA_gds=hash"};
        });
}

bool wants_munge(const Task& task) {
    return task.variable("PMIX_SECURITY_MODE").value_or("").starts_with("munge");
}

void judge_munge(const Facts& facts, Judge& judge) {
    for (const Task& task : tasks_of(facts)) {
        if (task.facts != nullptr && wants_munge(task) && !task.facts->munge_plugin_loads)
            judge.unknown(task.subject, "whether PMIx's munge plugin loads was not found");
    }
    judge_each(
        facts, judge, "PMIX_SECURITY_MODE does not ask for munge", "the munge plugin of PMIx loads",
        [](const Task& task) {
            return wants_munge(task) && task.facts->munge_plugin_loads.has_value();
        },
        [](const Task& task) -> std::optional<Said> {
            if (*task.facts->munge_plugin_loads) return std::nullopt;
            return Said{
                fmt::format("PMIX_SECURITY_MODE is {}, but the munge plugin of the PMIx "
                            "library here does not load",
                            *task.variable("PMIX_SECURITY_MODE"))};
        });
}

void judge_directory(const Facts& facts, Judge& judge) {
    judge_each(
        facts, judge, "no PMIx server names a directory",
        "the directory of the PMIx server is there",
        [](const Task& task) { return task.facts->pmix_directory_exists.has_value(); },
        [](const Task& task) -> std::optional<Said> {
            if (*task.facts->pmix_directory_exists) return std::nullopt;
            const std::string path =
                task.variable("PMIX_SERVER_TMPDIR").value_or("PMIX_SERVER_TMPDIR");
            return Said{fmt::format("the directory {} does not exist here", path),
                        {},
                        fmt::format("mount it into the container: --container-mounts={0}:{0} "
                                    "(pyxis), --bind {0} (apptainer), or use enroot's hook "
                                    "50-slurm-pmi.sh",
                                    path)};
        });
}

}  // namespace

std::vector<Rule> launch_pmix() {
    return {
        {"launch-pmix-twice", launch_heading, Severity::warning, Privilege::user, Level::quick,
         "MPI_Init fails only when the program is started through warpstep exec.",
         "PMIx is used twice in one task, by warpstep and then by the program, and its shared-"
         "memory store does not survive a second connection.",
         "PMIX_MCA_gds of a task whose program links libmpi; exec sets it to hash unless you have "
         "set it.",
         "unset PMIX_MCA_gds, or export PMIX_MCA_gds=hash", over_ranks(judge_twice)},
        {"launch-pmix-munge", launch_heading, Severity::warning, Privilege::user, Level::quick,
         "\"psec: munge component not found\" in a container.",
         "The PMIx server asks for authentication by munge, and the PMIx library in the container "
         "was built without it.",
         "PMIX_SECURITY_MODE against whether the munge plugin of PMIx can be loaded.",
         "Install libmunge2 and PMIx's munge plugin in the container, or mount the host's PMIx "
         "library into it.",
         over_ranks(judge_munge)},
        {"launch-pmix-directory", launch_heading, Severity::warning, Privilege::user, Level::quick,
         "PMIx complains about its data store (dstore, gds) in a container.",
         "The directory through which the PMIx server shares its data is not mounted in the "
         "container.",
         "Whether PMIX_SERVER_TMPDIR exists for the task.",
         "Mount the directory that PMIX_SERVER_TMPDIR names into the container.",
         over_ranks(judge_directory)},
    };
}

}  // namespace warpstep::check::families
