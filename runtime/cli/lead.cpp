// SPDX-License-Identifier: Apache-2.0
#include "runtime/cli/lead.hpp"

#include <algorithm>
#include <cstdlib>

#include "runtime/base/error.hpp"
#include "runtime/base/log.hpp"
#include "runtime/base/text.hpp"
#include "runtime/cli/member.hpp"
#include "runtime/comm/agreement.hpp"
#include "runtime/process/member.hpp"
#include "runtime/step/environment.hpp"
#include "runtime/step/stop_signal.hpp"
#include "runtime/topology/discover.hpp"
#include "runtime/topology/visible_gpus.hpp"

namespace warpstep::cli {
namespace {

using topology::CpuSet;

std::chrono::seconds meeting_time(const LeadOptions& options, int ranks) {
    if (options.meeting_timeout.count() > 0) return options.meeting_timeout;
    return std::chrono::seconds(20 + ranks / 16);
}

/// What the launcher granted to all tasks of the node together: each may have a mask of its own.
CpuSet granted_cpus(const topology::Node& node, const std::vector<TaskFacts>& tasks) {
    CpuSet granted;
    for (const TaskFacts& task : tasks) {
        if (!node.simulated)
            granted = granted | task.cpus;
        else
            granted = granted | (task.allowed_cpus ? CpuSet::parse(*task.allowed_cpus) : node.cpus);
    }
    return granted & node.cpus;
}

/// Asks every task which GPUs CUDA shows to it: device cgroups give tasks views of their own.
void ask_for_devices(Led& led) {
    const bool worth_it = !led.node.simulated && !led.node.gpus.empty();
    if (!worth_it) return;
    for (int task = 0; task < led.step.local_size; ++task)
        led.party.order(task, process::order::devices);
    led.party.carry_out(led.deadline);
}

std::vector<int> gpus_of(const topology::Node& node, const TaskFacts& task) {
    std::vector<int> gpus;
    // A real machine shows what may be used; a described one has nothing that could refuse.
    if (node.simulated && !task.granted_gpus) return gpus;
    if (task.cuda_devices.empty())
        return topology::visible_gpus(task.gpu_list, node.gpus,
                                      node.simulated ? topology::UnknownGpu::is_error
                                                     : topology::UnknownGpu::ends_list)
            .order;
    for (const std::string& pci : task.cuda_devices)
        for (std::size_t gpu = 0; gpu < node.gpus.size(); ++gpu)
            if (show(node.gpus[gpu].pci) == pci) gpus.push_back(static_cast<int>(gpu));
    std::sort(gpus.begin(), gpus.end());
    gpus.erase(std::unique(gpus.begin(), gpus.end()), gpus.end());
    return gpus;
}

/// The step's GPUs are those that any task may use.
void grant_gpus(Led& led) {
    std::vector<std::vector<int>> of_task;
    std::vector<int> all;
    for (const TaskFacts& task : led.party.tasks()) {
        of_task.push_back(gpus_of(led.node, task));
        all.insert(all.end(), of_task.back().begin(), of_task.back().end());
    }
    std::sort(all.begin(), all.end());
    all.erase(std::unique(all.begin(), all.end()), all.end());
    led.node.step_gpus = all;
    const bool alike = std::all_of(of_task.begin(), of_task.end(),
                                   [&](const std::vector<int>& gpus) { return gpus == all; });
    if (!alike) led.request.visible = of_task;
}

void look_and_place(Led& led) {
    topology::NodeRequest request = topology::node_request(std::getenv);
    request.visible_gpus.reset();
    request.slurm_gpus.reset();
    request.allowed_cpus.reset();
    led.node = topology::discover_node(request);
    led.node.allowed = granted_cpus(led.node, led.party.tasks());
    ask_for_devices(led);
    grant_gpus(led);
    led.request.tasks = led.step.local_size;
    led.placement = placement::plan(led.node, led.request);
}

/// One node's tasks and the way to the other nodes.
struct Meeting {
    NodeParty party;
    std::unique_ptr<Member> member;
    Leaders leaders;
};

void meet(const LeadOptions& options, Meeting& meeting) {
    int no_parent = 0;
    meeting.member = join(0, no_parent);
    const step::Step& step = meeting.member->step;
    auto& session = meeting.member->session;
    if (step.size > 1) log::set_speaker(show_speaker(step));
    const auto time = std::chrono::milliseconds(meeting_time(options, step.size));
    const Deadline deadline = Deadline::in(time);
    // Who is missing on a node is named there, before rank 0 misses the node.
    meeting.party.gather(step, session ? session->threads() : std::vector<int>{},
                         Deadline::in(time / 2));
    meeting.leaders = connect_leaders(session ? &*session : nullptr, step, deadline);
    if (session) session->finalize();
}

/// A step whose nodes are only numbers: what Slurm's variables claim.
step::Step step_of_slurm(const step::Environment& environment) {
    step::Step step;
    step.rank = environment.proc_id.value_or(0);
    step.size = environment.task_count();
    step.local_rank = environment.local_id.value_or(0);
    step.local_size = environment.node_tasks.value_or(1);
    step.node_names = {environment.node()};
    step.node_ranks = {{}};
    step.job_id = environment.job_id;
    step.step_id = environment.step_id;
    return step;
}

void meet_on_node(const LeadOptions& options, Meeting& meeting) {
    const step::Environment environment = step::read_environment();
    meeting.member = std::make_unique<Member>();
    meeting.member->step = step_of_slurm(environment);
    const step::Step& step = meeting.member->step;
    const Deadline deadline = Deadline::in(meeting_time(options, step.size));
    meeting.party.gather(step, {}, deadline);
    step::Step alone;
    alone.node_names = step.node_names;
    meeting.leaders = connect_leaders(nullptr, alone, deadline);
}

/// Everything after the leaders have met; from here on failures travel by the channel.
int work(const LeadOptions& options, Meeting& meeting, const std::function<int(Led&)>& body) {
    auto& channel = *meeting.leaders.channel;
    const step::Step& leaders = meeting.leaders.step;
    const Deadline deadline = Deadline::in(std::chrono::minutes(5));
    try {
        Led led{meeting.member->step,
                meeting.party,
                meeting.leaders,
                leaders.rank,
                leaders.size,
                {},
                options.wish,
                {},
                deadline};
        comm::agreed(channel, leaders.rank, deadline, [&] { look_and_place(led); });
        return body(led);
    } catch (const comm::Refusal& refusal) {
        if (refusal.is_speaker) log::error(refusal.what());
        channel.close(deadline);
        return static_cast<int>(refusal.code());
    } catch (const comm::PeerFailure& failure) {
        if (leaders.rank == 0 || failure.rank == 0)
            log::error(fmt::format("stopped: {}", failure.what()));
        return static_cast<int>(failure.code());
    } catch (const Error& error) {
        log::error(error.what());
        channel.fail(static_cast<int>(error.code()), error.what());
        return static_cast<int>(error.code());
    }
}

}  // namespace

const topology::Gpu* Led::first_gpu(const placement::Task& task) const {
    if (task.gpus.empty()) return nullptr;
    return &node.gpus.at(static_cast<std::size_t>(task.gpus.front()));
}

namespace {

using Meet = void (*)(const LeadOptions&, Meeting&);

int meet_and_work(const LeadOptions& options, Meet meet_them,
                  const std::function<int(Led&)>& body) {
    step::install_stop_signals();
    Meeting meeting;
    try {
        meet_them(options, meeting);
    } catch (const Error& error) {
        log::error(error.what());
        const int code = static_cast<int>(error.code());
        meeting.party.end(code);
        if (meeting.member) meeting.member->end_step(code, error.what());
        return code;
    }
    const int code = work(options, meeting, body);
    meeting.party.end(code);
    return code;
}

}  // namespace

int lead(const LeadOptions& options, const std::function<int(Led&)>& body) {
    return meet_and_work(options, meet, body);
}

int lead_node(const LeadOptions& options, const std::function<int(Led&)>& body) {
    const step::Environment environment = step::read_environment();
    return meet_and_work(options, meet_on_node, [&](Led& led) {
        led.node_index = environment.node_id.value_or(0);
        led.nodes = environment.nodes.value_or(1);
        return body(led);
    });
}

void bind_all(Led& led) {
    if (led.node.simulated) return;
    for (const placement::Task& task : led.placement.tasks) {
        led.party.order(task.local_rank, process::order::bind, show(task.cpus));
        led.party.order(task.local_rank, process::order::memory, show(CpuSet(task.numa)));
    }
    led.party.carry_out(led.deadline);
}

}  // namespace warpstep::cli
