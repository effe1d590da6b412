// SPDX-License-Identifier: Apache-2.0
// `warpstep exec`: place and bind, export, become the user's program.
#include "runtime/cli/exec.hpp"

#include <unistd.h>

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstdlib>
#include <optional>

#include "runtime/base/error.hpp"
#include "runtime/base/log.hpp"
#include "runtime/base/text.hpp"
#include "runtime/cli/diagnose.hpp"
#include "runtime/cli/lead_options.hpp"
#include "runtime/cli/rendezvous.hpp"
#include "runtime/placement/document.hpp"
#include "runtime/placement/explain.hpp"
#include "runtime/process/member.hpp"
#include "runtime/topology/visible_gpus.hpp"

namespace warpstep::cli {
namespace {

Variables variables_of(const process::Inheritance& inherited) {
    Variables variables;
    for (const std::string& entry : inherited.environment) {
        const auto equals = entry.find('=');
        if (equals != entry.npos)
            variables.emplace(entry.substr(0, equals), entry.substr(equals + 1));
    }
    return variables;
}

std::string value_of(const Variables& variables, const char* name) {
    const auto found = variables.find(name);
    return found == variables.end() ? "" : found->second;
}

/// Address and ports that all ranks use.
struct Rendezvous {
    std::string address;
    int master_port = 0, jax_port = 0;
};

bool is_loopback(const std::string& address) {
    return address.starts_with("127.") || address == "localhost" || address == "::1";
}

/// One node's tasks on their way into the user's program.
class Exec {
  public:
    Exec(const ExecOptions& options, const process::Inheritance& inherited, Led& led)
        : options_(options),
          inherited_(inherited),
          users_(variables_of(inherited)),
          led_(led),
          hash_(placement::hash_of(
              {placement::describe(led.step.node_name(), led.node, led.placement)})) {}

    int start() {
        agree_on_rendezvous();
        for (const placement::Task& task : led_.placement.tasks) instruct(task);
        led_.leaders.channel->close(led_.deadline);
        if (options_.diagnose_after_s > 0) start_watcher(pids(), options_.diagnose_after_s);
        led_.party.dismiss();
        return process::become(options_.command, inherited_,
                               process::changed(inherited_.environment, led_.party.changes()));
    }

    int print() {
        for (const placement::Task& task : led_.placement.tasks) {
            const TaskPlace place = place_of(task);
            std::string text;
            if (options_.bind && !led_.node.simulated)
                text = fmt::format("bind {}\nmemory {}\n", place.cpus,
                                   show(topology::CpuSet(task.numa)));
            for (const process::Change& change : exported(place, options_.policy, users_))
                text += fmt::format("set {}={}\n", change.name, change.value);
            led_.party.order(task.local_rank, process::order::print, text);
            led_.party.order(task.local_rank, process::order::exit, "0");
            say_notes(task);
        }
        led_.party.dismiss();
        return 0;
    }

  private:
    std::vector<std::int64_t> pids() const {
        std::vector<std::int64_t> all;
        for (const TaskFacts& task : led_.party.tasks()) all.push_back(task.pid);
        return all;
    }

    /// The user's own meeting point counts when every node has the same and all can reach it.
    bool keeps_users() const {
        const std::string address = value_of(users_, "MASTER_ADDR");
        const std::string port = value_of(users_, "MASTER_PORT");
        const auto all = led_.leaders.channel->all_gather(address + " " + port, led_.deadline);
        for (const std::string& other : all)
            if (other != all.front()) return false;
        if (address.empty() || std::atoi(port.c_str()) <= 0) return false;
        return led_.leaders.step.size == 1 || !is_loopback(address);
    }

    void agree_on_rendezvous() {
        const bool users = keeps_users();
        const bool root = led_.leaders.step.rank == 0;
        if (root) {
            const unsigned seed = static_cast<unsigned>(std::atoi(led_.step.job_id.c_str())) * 31 +
                                  static_cast<unsigned>(std::atoi(led_.step.step_id.c_str())) * 2;
            ports_.emplace_back(seed);
            ports_.emplace_back(seed + 1);
        }
        const std::string mine = root ? fmt::format("{}\n{}\n{}", led_.leaders.root_address,
                                                    ports_[0].number(), ports_[1].number())
                                      : "";
        const auto lines = split(led_.leaders.channel->broadcast(mine, led_.deadline), '\n');
        meet_ = {lines.at(0), std::stoi(lines.at(1)), std::stoi(lines.at(2))};
        if (!users) return;
        meet_.address = value_of(users_, "MASTER_ADDR");
        meet_.master_port = std::atoi(value_of(users_, "MASTER_PORT").c_str());
    }

    std::vector<std::string> names_of(const std::vector<int>& gpus) const {
        std::vector<std::string> names;
        for (const int index : gpus) {
            const topology::Gpu& gpu = led_.node.gpus.at(static_cast<std::size_t>(index));
            names.push_back(gpu.visible_name().empty() ? token_of(index) : gpu.visible_name());
        }
        return names;
    }

    /// A GPU without UUID goes by the entry of the launcher's list that means it.
    std::string token_of(int index) const {
        if (auto list = led_.party.tasks().front().gpu_list) {
            for (const std::string& token : split(list->text, ',')) {
                const topology::GpuList one{token, list->kind, list->by_pci};
                const auto granted =
                    topology::visible_gpus(one, led_.node.gpus, topology::UnknownGpu::ends_list);
                if (granted.order == std::vector<int>{index}) return token;
            }
        }
        return std::to_string(led_.node.gpus.at(static_cast<std::size_t>(index)).index);
    }

    /// The step's GPUs on this node in the order of the local ranks that own them, idle ones last.
    std::vector<int> gpus_in_rank_order() const {
        std::vector<int> order;
        const auto add = [&](const std::vector<int>& gpus) {
            for (const int gpu : gpus)
                if (std::find(order.begin(), order.end(), gpu) == order.end()) order.push_back(gpu);
        };
        for (const placement::Task& task : led_.placement.tasks) add(task.gpus);
        add(led_.placement.idle_gpus);
        return order;
    }

    TaskPlace place_of(const placement::Task& task) const {
        TaskPlace place;
        place.rank = led_.rank_of(task.local_rank);
        place.size = led_.step.size;
        place.local_rank = task.local_rank;
        place.local_size = led_.step.local_size;
        place.node = led_.node_index;
        place.nodes = led_.nodes;
        place.job = led_.step.job_id;
        place.step = led_.step.step_id;
        place.own_gpus = names_of(task.gpus);
        place.node_gpus = names_of(gpus_in_rank_order());
        if (const topology::Gpu* gpu = led_.first_gpu(task)) place.gpu_pci = show(gpu->pci);
        place.cpus = show(task.cpus);
        place.cores = task.cores;
        place.numa = task.numa;
        if (!task.nics.empty())
            place.nic = led_.node.nics.at(static_cast<std::size_t>(task.nics.front().nic)).name;
        place.placement_hash = hash_;
        place.master_address = meet_.address;
        place.master_port = meet_.master_port;
        place.jax_port = meet_.jax_port;
        if (led_.leaders.step.size > 1) place.interface = interface_of(led_.leaders.own_address);
        return place;
    }

    void instruct(const placement::Task& task) {
        const TaskPlace place = place_of(task);
        const auto changes = exported(place, options_.policy, users_);
        for (const process::Change& change : changes)
            led_.party.order(task.local_rank, process::order::set,
                             change.name + "=" + change.value);
        if (place.rank == 0) {
            std::vector<std::string> command;
            for (char* const* word = options_.command; *word != nullptr; ++word)
                command.emplace_back(*word);
            for (const std::string& line : conflicts(changes, users_, command, place))
                log::warn(line);
        }
        say_notes(task);
        if (task.local_rank > 0) led_.party.order(task.local_rank, process::order::exec);
    }

    /// Exceptions are said by the node's first task, under the name of the task that has them.
    void say_notes(const placement::Task& task) const {
        for (const std::string& note : task.notes)
            log::debug(fmt::format("rank {}: {}", led_.rank_of(task.local_rank), note));
        if (task.remote)
            log::warn(
                fmt::format("rank {}: {}", led_.rank_of(task.local_rank), task.notes.front()));
        if (!options_.lead.explain) return;
        const auto sentences = explain(led_.node, led_.request, led_.placement);
        for (const std::string& sentence : sentences.at(static_cast<std::size_t>(task.local_rank)))
            log::info(fmt::format("rank {}: {}", led_.rank_of(task.local_rank), sentence));
    }

    const ExecOptions& options_;
    const process::Inheritance& inherited_;
    const Variables users_;
    Led& led_;
    const std::string hash_;
    std::vector<ReservedPort> ports_;
    Rendezvous meet_;
};

}  // namespace

CLI::App* add_exec(CLI::App& app, ExecOptions& options) {
    auto* command = app.add_subcommand(
        "exec", "Place and bind every task, export its place, become CMD: exec [options] -- CMD");
    add_lead_options(*command, options.lead);
    const std::map<std::string, Visible> visible{{"all", Visible::all},
                                                 {"one", Visible::one},
                                                 {"virtual", Visible::virtual_},
                                                 {"rotate", Visible::rotated}};
    command
        ->add_option(
            "--visible", options.policy.visible,
            "GPUs that CMD sees: all (default, own ordinal = local rank), one, virtual (one, "
            "LOCAL_RANK=0) or rotate (all, own first)")
        ->transform(CLI::Transformer(visible))
        ->option_text("all|one|virtual|rotate");
    const std::map<std::string, OmpThreads> omp{
        {"cores", OmpThreads::cores}, {"1", OmpThreads::one}, {"keep", OmpThreads::keep}};
    command->add_option("--omp", options.policy.omp, "OMP_NUM_THREADS: cores (default), 1 or keep")
        ->transform(CLI::Transformer(omp))
        ->option_text("cores|1|keep");
    const std::map<std::string, Lightning> lightning{{"slurm", Lightning::slurm},
                                                     {"elastic", Lightning::elastic}};
    command
        ->add_option("--lightning", options.policy.lightning,
                     "what Lightning detects: slurm (default; it requeues) or elastic (our ranks)")
        ->transform(CLI::Transformer(lightning))
        ->option_text("slurm|elastic");
    command->add_flag("!--no-bind", options.bind, "export only, bind nothing");
    command->add_flag_callback(
        "--diagnose", [&] { options.diagnose_after_s = std::max(options.diagnose_after_s, 10); },
        "10 s after the start say on stderr what every command really uses, and what is wrong");
    command
        ->add_option("--diagnose-after", options.diagnose_after_s,
                     "the same after this many seconds")
        ->check(CLI::Range(1, 86400))
        ->option_text("SECONDS");
    command->add_flag("--print", options.print,
                      "say what would be bound and set, from the launcher's variables alone");
    return command;
}

int exec(const ExecOptions& options) {
    const process::Inheritance inherited = process::remember_inheritance();
    if (options.print)
        return lead_node(options.lead, {nullptr, [&](Led& led) {
                                            return Exec(options, inherited, led).print();
                                        }});
    if (options.command == nullptr) {
        NodeParty party;
        log::error("no command to start; type warpstep exec [options] -- CMD");
        party.end(2);
        return 2;
    }
    const auto bind = [&](Led& led) {
        if (options.bind) bind_all(led);
    };
    return lead(options.lead,
                {bind, [&](Led& led) { return Exec(options, inherited, led).start(); }});
}

}  // namespace warpstep::cli
