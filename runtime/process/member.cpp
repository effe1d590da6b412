// SPDX-License-Identifier: Apache-2.0
#include "runtime/process/member.hpp"

#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>

#include "runtime/process/cpu_list.hpp"
#include "runtime/process/failure.hpp"
#include "runtime/process/meeting.hpp"
#include "runtime/process/memory_policy.hpp"
#include "runtime/process/thread_affinity.hpp"

namespace warpstep::process {
namespace {

constexpr auto time_to_arrive = std::chrono::seconds(60);

// What a launcher may set differently for each task of a node, beyond its ranks.
constexpr std::array told_variables = {
    "SLURM_PROCID",          "SLURM_LOCALID", "CUDA_VISIBLE_DEVICES", "SLURM_STEP_GPUS",
    "WARPSTEP_ALLOWED_CPUS", "MASTER_ADDR",   "MASTER_PORT"};

std::string variable(const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? "" : value;
}

std::string host_name() {
    std::array<char, 256> host{};
    return ::gethostname(host.data(), host.size() - 1) == 0 ? host.data() : "";
}

CpuList parse_list(const std::string& list) {
    const auto cpus = parse_cpus(list);
    if (!cpus)
        throw Failure("'" + list + "' is no list of CPUs; start all tasks with the same warpstep");
    return *cpus;
}

/// A follower and what it has been told so far.
class Follower {
  public:
    Follower(const std::string& key, int local_rank, const Member& member)
        : member_(member), meeting_(key, local_rank) {}

    int run() {
        // Before anything was ordered this task has one thread.
        meeting_.say(encode(facts_of_this_task(affinity_of(0).value_or(CpuList{}))));
        for (;;) {
            const Fields orders = decode(meeting_.hear(Clock::now() + time_to_arrive));
            for (const auto& [name, value] : orders) {
                obey(name, value);
                if (done_) return code_;
            }
        }
    }

  private:
    void obey(const std::string& name, const std::string& value) {
        if (name == order::bind) bind_threads(parse_list(value));
        if (name == order::memory) warning_ = prefer_memory_of(parse_list(value));
        if (name == order::set) set(value);
        if (name == order::unset) changes_.push_back({value, "", true});
        if (name == order::line) std::fprintf(stderr, "%s\n", value.c_str());
        if (name == order::devices) devices_ = member_.cuda_devices();
        if (name == order::print) std::fputs(value.c_str(), stdout);
        if (name == order::report) report();
        if (name == order::exec) exec();
        if (name == order::exit) finish(std::atoi(value.c_str()));
    }

    void set(const std::string& value) {
        const auto equals = value.find('=');
        changes_.push_back({value.substr(0, equals), value.substr(equals + 1)});
    }

    void report() {
        Fields facts = facts_of_this_task(affinity_of_threads());
        facts.emplace_back("warning", warning_);
        facts.emplace_back("devices", devices_);
        meeting_.say(encode(facts));
    }

    void exec() {
        char* const* command = command_of(member_.argc, member_.argv);
        if (command == nullptr) throw Failure(2, "no command to start; type -- before it");
        // A follower has changed nothing that a program inherits.
        const Inheritance inherited = remember_inheritance();
        finish(become(command, inherited, changed(inherited.environment, changes_)));
    }

    void finish(int code) {
        done_ = true;
        code_ = code;
    }

    const Member& member_;
    Meeting meeting_;
    std::string warning_, devices_;
    std::vector<Change> changes_;
    bool done_ = false;
    int code_ = 0;
};

}  // namespace

Fields facts_of_this_task(const CpuList& cpus) {
    const std::string rank = variable("PMIX_RANK");
    Fields facts{{"rank", rank.empty() ? variable("SLURM_PROCID") : rank},
                 {"local_rank", std::to_string(local_rank_of_this_task())},
                 {"pid", std::to_string(::getpid())},
                 {"host", host_name()},
                 {"cpus", show(cpus)},
                 {"memory", memory_policy()}};
    for (const char* name : told_variables)
        if (const char* value = std::getenv(name))
            facts.emplace_back(std::string("env.") + name, value);
    return facts;
}

int local_rank_of_this_task() {
    for (const char* name : {"SLURM_LOCALID", "OMPI_COMM_WORLD_LOCAL_RANK"}) {
        const std::string value = variable(name);
        if (!value.empty()) return std::atoi(value.c_str());
    }
    return -1;
}

int follow(const std::string& key, int local_rank, const Member& member) {
    try {
        return Follower(key, local_rank, member).run();
    } catch (const Failure& failure) {
        // What all followers see is said by the first of them.
        if (!failure.is_shared || local_rank == 1)
            std::fprintf(stderr, "warpstep: local rank %d on %s: %s\n", local_rank,
                         host_name().c_str(), failure.what());
        return failure.code;
    }
}

}  // namespace warpstep::process
