// SPDX-License-Identifier: Apache-2.0
#include "runtime/cli/node_party.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <thread>

#include "runtime/base/error.hpp"
#include "runtime/base/log.hpp"
#include "runtime/base/text.hpp"
#include "runtime/comm/rank_names.hpp"
#include "runtime/cuda/backend.hpp"
#include "runtime/process/cpu_list.hpp"
#include "runtime/process/failure.hpp"
#include "runtime/process/member.hpp"
#include "runtime/process/memory_policy.hpp"
#include "runtime/process/thread_affinity.hpp"
#include "runtime/step/environment.hpp"
#include "runtime/step/stop_signal.hpp"

namespace warpstep::cli {
namespace {

std::optional<std::string> variable_of(const process::Fields& fields, const char* name) {
    const std::string key = std::string("env.") + name;
    for (const auto& [field, value] : fields)
        if (field == key) return value;
    return std::nullopt;
}

std::optional<topology::GpuList> gpu_list_of(const process::Fields& fields) {
    using topology::GpuList;
    const char* order = std::getenv("CUDA_DEVICE_ORDER");
    const bool by_pci = order != nullptr && std::strcmp(order, "PCI_BUS_ID") == 0;
    if (const auto list = variable_of(fields, "CUDA_VISIBLE_DEVICES"))
        return GpuList{*list, GpuList::Kind::cuda, by_pci};
    if (const auto list = variable_of(fields, "SLURM_STEP_GPUS"))
        return GpuList{*list, GpuList::Kind::slurm, by_pci};
    return std::nullopt;
}

TaskFacts facts_from(const process::Fields& fields) {
    TaskFacts facts;
    facts.rank = std::atoi(process::value_of(fields, "rank").c_str());
    facts.pid = std::atoll(process::value_of(fields, "pid").c_str());
    facts.local_rank = std::atoi(process::value_of(fields, "local_rank").c_str());
    facts.cpus = topology::CpuSet::parse(process::value_of(fields, "cpus"));
    facts.memory = process::value_of(fields, "memory");
    facts.gpu_list = gpu_list_of(fields);
    facts.granted_gpus = facts.gpu_list || std::getenv("SLURM_STEP_ID") == nullptr ||
                         std::getenv("SLURM_GPUS_ON_NODE") != nullptr;
    facts.allowed_cpus = variable_of(fields, "WARPSTEP_ALLOWED_CPUS");
    facts.warning = process::value_of(fields, "warning");
    for (const std::string& line : split(process::value_of(fields, "devices"), '\n')) {
        const auto space = line.find(' ');
        facts.cuda_devices.push_back(
            {line.substr(0, space), space == std::string::npos ? "" : line.substr(space + 1)});
    }
    return facts;
}

// What a follower sent comes from another build when it cannot be read.
TaskFacts facts_from(const std::string& bytes, const std::string& who) {
    std::string why;
    try {
        return facts_from(process::decode(bytes));
    } catch (const process::Failure& failure) {
        why = failure.what();
    } catch (const Error& error) {
        why = error.what();
    }
    fail<EnvironmentError>("cannot understand {} ({}); start one warpstep on all tasks", who, why);
}

process::CpuList cpus_of(const std::string& list) {
    return process::parse_cpus(list).value_or(process::CpuList{});
}

}  // namespace

// All instances of a divided GPU share its PCI address.
bool is_shown(const topology::Gpu& gpu, const ShownDevice& device) {
    return gpu.mig_uuid.empty() ? show(gpu.pci) == device.pci : gpu.mig_uuid == device.uuid;
}

NodeParty::NodeParty() {
    const std::string key = process::meeting_key(environ);
    if (process::local_rank_of_this_task() != 0 || key.empty()) return;
    try {
        meeting_ = std::make_unique<process::Meeting>(key, 0);
    } catch (const process::Failure& failure) {
        throw EnvironmentError(failure.what());
    }
}

NodeParty::~NodeParty() {
    end(3);
}

void NodeParty::gather(const step::Step& step, Deadline deadline) {
    step_ = &step;
    const auto count = static_cast<std::size_t>(step.local_size);
    if (count > 1 && !meeting_)
        fail<EnvironmentError>(
            "this node's tasks cannot find each other (no local rank in SLURM_LOCALID or "
            "OMPI_COMM_WORLD_LOCAL_RANK); start them with srun --mpi=pmix or mpirun");
    tasks_.resize(count);
    orders_.resize(count);
    // Tasks are started in order: when the last is there, the others need no waiting.
    for (int local_rank = step.local_size - 1; local_rank >= 0; --local_rank)
        hear(local_rank, deadline);
    if (meeting_) meeting_->close_door();
}

void NodeParty::check_layout(const step::Step& served) const {
    const auto& ranks = served.node_ranks.at(static_cast<std::size_t>(served.node));
    if (ranks.size() != tasks_.size())
        fail<EnvironmentError>(
            "{} tasks met on {} but PMIx lists {} there (SLURM_STEP_TASKS_PER_NODE was changed); "
            "start the tasks again with srun --mpi=pmix",
            tasks_.size(), served.node_name(), ranks.size());
    for (std::size_t i = 0; i < ranks.size() && served.size > 1; ++i)
        if (tasks_[i].rank != ranks[i])
            fail<EnvironmentError>(
                "local rank {} says it is rank {} but PMIx lists rank {} there (PMIX_RANK or "
                "SLURM_LOCALID was changed); start the tasks again with srun --mpi=pmix",
                i, tasks_[i].rank, ranks[i]);
}

void NodeParty::hear(int local_rank, Deadline deadline) {
    const auto index = static_cast<std::size_t>(local_rank);
    if (local_rank == 0) {
        process::Fields fields = process::facts_of_this_task(process::affinity_of_threads());
        fields.emplace_back("warning", warning_);
        fields.emplace_back("devices", devices_);
        tasks_[0] = facts_from(fields);
        return;
    }
    const auto& ranks = step_->node_ranks[static_cast<std::size_t>(step_->node)];
    const auto who = ranks.empty()
                         ? fmt::format("local rank {} on {}", local_rank, step_->node_name())
                         : comm::show_ranks({ranks.at(index)}, *step_);
    std::string bytes;
    if (meeting_->listen(local_rank, bytes, deadline.at(), step::stop_requested)) {
        tasks_[index] = facts_from(bytes, who);
        return;
    }
    if (meeting_->died(local_rank))
        fail<CommError>("{} died; see its own messages and srun's line", who);
    fail<CommError>("{} did not answer in time; see what it printed", who);
}

void NodeParty::order(int local_rank, const char* name, const std::string& value) {
    orders_.at(static_cast<std::size_t>(local_rank)).emplace_back(name, value);
}

void NodeParty::obey(const std::string& name, const std::string& value) {
    if (name == process::order::bind) process::bind_threads(cpus_of(value));
    if (name == process::order::memory) warning_ = process::prefer_memory_of(cpus_of(value));
    if (name == process::order::line) std::fprintf(stderr, "%s\n", value.c_str());
    if (name == process::order::print) std::fputs(value.c_str(), stdout);
    if (name == process::order::devices) devices_ = cuda_devices_of_this_task();
    if (name == process::order::unset) changes_.push_back({value, "", true});
    if (name != process::order::set) return;
    const auto equals = value.find('=');
    changes_.push_back({value.substr(0, equals), value.substr(equals + 1)});
}

void NodeParty::carry_out(Deadline deadline) {
    for (std::size_t i = 1; i < orders_.size(); ++i) {
        orders_[i].emplace_back(process::order::report, "");
        meeting_->tell(static_cast<int>(i), process::encode(orders_[i]));
    }
    try {
        for (const auto& [name, value] : orders_[0]) obey(name, value);
    } catch (const process::Failure& failure) {
        throw EnvironmentError(failure.what());
    }
    for (auto& orders : orders_) orders.clear();
    const std::vector<TaskFacts> before = tasks_;
    for (std::size_t i = tasks_.size(); i-- > 0;) {
        hear(static_cast<int>(i), deadline);
        tasks_[i].rank = before[i].rank;
    }
}

void NodeParty::dismiss() {
    for (std::size_t i = 1; i < orders_.size(); ++i)
        meeting_->tell(static_cast<int>(i), process::encode(orders_[i]));
    try {
        if (!orders_.empty())
            for (const auto& [name, value] : orders_[0]) obey(name, value);
    } catch (const process::Failure& failure) {
        throw EnvironmentError(failure.what());
    }
    ended_ = true;
}

void NodeParty::end(int code) noexcept {
    if (!meeting_ || ended_) return;
    ended_ = true;
    try {
        // Before the layout is known, the launcher's claim is all there is.
        const int tasks =
            step_ != nullptr ? step_->local_size : step::read_environment().node_tasks.value_or(1);
        const process::Fields farewell{{process::order::exit, std::to_string(code)}};
        for (int i = 1; i < std::min(tasks, process::Meeting::most_tasks); ++i)
            meeting_->tell(i, process::encode(farewell));
        // Who comes after the door is closed finds nobody, and waits in vain.
        const Deadline patience = Deadline::in(std::chrono::seconds(5));
        for (int i = 1; i < tasks && !patience.passed(); ++i)
            while (!meeting_->has_come(i) && !patience.passed())
                std::this_thread::sleep_for(std::chrono::milliseconds(5));
        meeting_->close_door();
    } catch (...) {
        // Followers notice that this process is gone.
    }
}

std::string cuda_devices_of_this_task() {
    std::string lines;
    try {
        for (const device::Facts& facts : comm::cuda_backend().devices())
            lines += (lines.empty() ? "" : "\n") + facts.pci + " " + facts.uuid;
    } catch (const Error& error) {
        log::debug(error.what());
    }
    return lines;
}

}  // namespace warpstep::cli

/// For followers, which open this library only when they are asked for their devices.
extern "C" void warpstep_cuda_devices(char* text, std::size_t size) {
    const std::string lines = warpstep::cli::cuda_devices_of_this_task();
    std::strncpy(text, lines.c_str(), size - 1);
    text[size - 1] = '\0';
}
