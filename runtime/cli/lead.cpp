// SPDX-License-Identifier: Apache-2.0
#include "runtime/cli/lead.hpp"

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <utility>

#include "runtime/base/error.hpp"
#include "runtime/base/log.hpp"
#include "runtime/base/text.hpp"
#include "runtime/cli/member.hpp"
#include "runtime/cli/node_grant.hpp"
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
    for (const ShownDevice& device : task.cuda_devices)
        for (std::size_t gpu = 0; gpu < node.gpus.size(); ++gpu)
            if (is_shown(node.gpus[gpu], device)) gpus.push_back(static_cast<int>(gpu));
    std::sort(gpus.begin(), gpus.end());
    gpus.erase(std::unique(gpus.begin(), gpus.end()), gpus.end());
    return gpus;
}

void grant_gpus(Led& led) {
    std::vector<std::vector<int>> of_task;
    for (const TaskFacts& task : led.party.tasks()) of_task.push_back(gpus_of(led.node, task));
    led.request.visible = unite_gpus(std::move(of_task), led.node);
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

/// A step as Slurm's variables claim it; its nodes are only numbers.
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

/// The way from tasks that know nothing of each other to placed nodes that have met.
class Start {
  public:
    Start(const LeadOptions& options, const Work& work)
        : options_(options),
          work_(work),
          environment_(step::read_environment()),
          led_{step_, party_, leaders_, 0, 1, {}, options.wish, {}, Deadline::in(patience)} {
        step_ = step_of_slurm(environment_);
        if (step_.size > 1) log::set_speaker(show_speaker(step_));
    }

    /// With PMIx. What can be done without the other nodes is done first: by then followers that
    /// are not needed any more have gone, and the launcher sees to their ends meanwhile.
    int run() {
        return ended([&] {
            const bool early = party_.can_meet() && environment_.node_tasks.has_value();
            if (early) place_node();
            int no_parent = 0;
            member_ = join_ranks(0, no_parent);
            step_ = member_->step;
            if (!early) place_node();
            party_.check_layout(step_);
            auto& session = member_->session;
            leaders_ = connect_leaders(session ? &*session : nullptr, step_,
                                       Deadline::in(meeting_time(options_, step_.size)));
            led_.node_index = leaders_.step.rank;
            led_.nodes = leaders_.step.size;
            if (session) session->finalize();
        });
    }

    /// By the launcher's variables alone.
    int run_on_node() {
        return ended([&] {
            place_node();
            step::Step alone;
            alone.node_names = step_.node_names;
            leaders_ = connect_leaders(nullptr, alone, led_.deadline);
            led_.node_index = environment_.node_id.value_or(0);
            led_.nodes = environment_.nodes.value_or(1);
        });
    }

  private:
    static constexpr std::chrono::minutes patience{5};

    /// Half of the time, so that who is missing on a node is named there, before rank 0 misses the
    /// node. A refusal waits until the other nodes can hear it.
    void place_node() {
        const auto time = std::chrono::milliseconds(meeting_time(options_, step_.size));
        party_.gather(step_, Deadline::in(time / 2));
        try {
            look_and_place(led_);
            if (work_.here) work_.here(led_);
        } catch (const Error& error) {
            refusal_ = error;
        }
    }

    int ended(const std::function<void()>& meet) {
        int code = 0;
        try {
            meet();
            code = together();
        } catch (const Error& error) {
            log::error(error.what());
            code = static_cast<int>(error.code());
            party_.end(code);
            if (member_) member_->end_step(code, error.what());
        }
        party_.end(code);
        return code;
    }

    /// From here on failures travel by the channel, and never out of this function.
    int together() {
        auto& channel = *leaders_.channel;
        const int rank = leaders_.step.rank;
        try {
            comm::agreed(channel, rank, led_.deadline, [&] {
                if (refusal_) throw *refusal_;
            });
            return work_.together(led_);
        } catch (const comm::Refusal& refusal) {
            if (refusal.is_speaker) log::error(refusal.what());
            channel.close(led_.deadline);
            return static_cast<int>(refusal.code());
        } catch (const comm::PeerFailure& failure) {
            if (rank == 0 || failure.rank == 0)
                log::error(fmt::format("stopped: {}", failure.what()));
            return static_cast<int>(failure.code());
        } catch (const Error& error) {
            log::error(error.what());
            channel.fail(static_cast<int>(error.code()), error.what());
            return static_cast<int>(error.code());
        }
    }

    const LeadOptions& options_;
    const Work& work_;
    const step::Environment environment_;
    step::Step step_;
    NodeParty party_;
    std::unique_ptr<Member> member_;
    Leaders leaders_;
    Led led_;
    std::optional<Error> refusal_;
};

}  // namespace

const topology::Gpu* Led::first_gpu(const placement::Task& task) const {
    if (task.gpus.empty()) return nullptr;
    return &node.gpus.at(static_cast<std::size_t>(task.gpus.front()));
}

int lead(const LeadOptions& options, const Work& work) {
    step::install_stop_signals();
    return Start(options, work).run();
}

int lead_node(const LeadOptions& options, const Work& work) {
    step::install_stop_signals();
    return Start(options, work).run_on_node();
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
