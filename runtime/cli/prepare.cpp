// SPDX-License-Identifier: Apache-2.0
#include "runtime/cli/prepare.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include "runtime/base/error.hpp"
#include "runtime/base/file.hpp"
#include "runtime/base/log.hpp"
#include "runtime/base/text.hpp"
#include "runtime/cli/commands.hpp"
#include "runtime/cli/invitation.hpp"
#include "runtime/cli/node_grant.hpp"
#include "runtime/cli/node_request.hpp"
#include "runtime/comm/control_channel.hpp"
#include "runtime/comm/nccl_roots.hpp"
#include "runtime/plan/operations.hpp"
#include "runtime/plan/rank_scope.hpp"
#include "runtime/topology/discover.hpp"
#include "runtime/topology/shared_names.hpp"
#include "runtime/workload/load.hpp"

namespace warpstep::cli {
namespace {

std::string boot_id() {
    try {
        return std::string(trim(read_file("/proc/sys/kernel/random/boot_id")));
    } catch (const Error&) {
        return "";
    }
}

void check_rule(const std::optional<workload::Expression>& rule, const workload::Scope& scope,
                int value, std::string_view what, bool (*holds)(std::int64_t, std::int64_t)) {
    if (!rule) return;
    const std::int64_t wanted = rule->evaluate_count(scope);
    if (holds(value, wanted)) return;
    fail<ConfigError>(
        "{}: this workload needs {} {} (the step has {}); start it with that many, for example "
        "srun -n {}",
        show(rule->mark()), what, wanted, value, wanted);
}

}  // namespace

void check_ranks(const workload::Workload& workload, const step::Step& step,
                 const device::Facts& device) {
    const plan::RankScope scope(workload, step, device);
    const auto& rules = workload.ranks;
    const auto equal = [](std::int64_t a, std::int64_t b) { return a == b; };
    check_rule(rules.exact, scope, step.size, "exactly", equal);
    check_rule(rules.min, scope, step.size, "ranks: at least",
               [](std::int64_t a, std::int64_t b) { return a >= b; });
    check_rule(rules.max, scope, step.size, "ranks: at most",
               [](std::int64_t a, std::int64_t b) { return a <= b; });
    check_rule(rules.multiple_of, scope, step.size, "ranks: a multiple of",
               [](std::int64_t a, std::int64_t b) { return b > 0 && a % b == 0; });
    check_rule(rules.per_node, scope, step.local_size, "ranks on each node:", equal);
}

namespace {

// Half of what all ranks have to meet: whoever is missing here is named there.
std::chrono::milliseconds time_on_node(const RunOptions& options, const step::Step& step) {
    if (options.meeting_timeout.count() > 0)
        return std::chrono::milliseconds(options.meeting_timeout) / 2;
    return std::chrono::seconds(10 + step.size / 32);
}

template <typename List, typename Name>
std::string listed(const List& list, Name name) {
    std::vector<std::string> names;
    for (const auto& one : list) names.push_back(name(one));
    return names.empty() ? "none" : join(names, ", ");
}

// The ordinal that CUDA gives to a GPU of the plan.
int ordinal_of(const DeviceChoice& device, const topology::Node& node, int planned) {
    const auto pci_of = [&](int gpu) { return show(node.gpus[static_cast<std::size_t>(gpu)].pci); };
    const std::string pci = pci_of(planned);
    const auto it = std::find_if(device.visible.begin(), device.visible.end(),
                                 [&](const device::Facts& facts) { return facts.pci == pci; });
    if (it == device.visible.end())
        fail<EnvironmentError>(
            "GPU {} is planned for this rank, but CUDA does not list it (CUDA lists {}; the step "
            "has {}); compare nvidia-smi -L in the task with CUDA_VISIBLE_DEVICES",
            pci, listed(device.visible, [](const device::Facts& facts) { return facts.pci; }),
            listed(node.step_gpus, pci_of));
    return static_cast<int>(it - device.visible.begin());
}

// On a described node the plan's GPUs are not here: those that are stand for them.
std::vector<int> ordinals_of(const DeviceChoice& device, const topology::Node& node,
                             const placement::Task& task, int count) {
    std::vector<int> ordinals;
    for (int i = 0; i < count; ++i) {
        const auto place = static_cast<std::size_t>(i);
        const bool planned = !node.simulated && place < task.gpus.size();
        ordinals.push_back(planned ? ordinal_of(device, node, task.gpus[place])
                                   : i % static_cast<int>(device.visible.size()));
    }
    return ordinals;
}

}  // namespace

namespace {

// What this rank finds by itself.
Preparation look_around(const RunOptions& options) {
    Preparation ready;
    ready.workload = workload::load_workload(options.file, plan::operations(),
                                             {options.overrides, options.params_files});
    ready.node = topology::discover_node(topology::node_request(std::getenv));
    ready.device = choose_device(options.device, ready.node);
    return ready;
}

// Who refuses must not keep the node's other tasks waiting for its view.
Preparation look_around_and_tell(const RunOptions& options, const step::Step& step,
                                 std::optional<NodeGrant>& grant) {
    const Deadline deadline = Deadline::in(time_on_node(options, step));
    std::optional<Preparation> ready;
    try {
        ready = look_around(options);
    } catch (const Error&) {
        exchange_grants(step, nullptr, deadline);
        throw;
    }
    grant = exchange_grants(step, &ready->node, deadline);
    return std::move(*ready);
}

// Rank 0 is connected with every rank, the first of each node with those of the others (Gloo's
// socket and our own descriptor for it).
void allow_peers(const step::Step& step) {
    const int ranks = step.rank == 0 ? step.size : 1;
    const int leaders = step.local_rank == 0 ? 2 * step.nodes() : 0;
    comm::allow_connections(ranks + leaders);
}

// The node shrinks to the seat; the other GPUs stay visible to CUDA, as in a run.
void sit_down(const comm::Seat& seat, topology::Node& node) {
    if (!seat.cpus.empty()) node.allowed = topology::CpuSet::parse(seat.cpus) & node.cpus;
    if (seat.gpu.empty()) {
        node.step_gpus.clear();
        return;
    }
    const auto granted = [&](int gpu) {
        return topology::shared_name(node.gpus[static_cast<std::size_t>(gpu)]) == seat.gpu;
    };
    const auto found = std::find_if(node.step_gpus.begin(), node.step_gpus.end(), granted);
    if (found == node.step_gpus.end()) {
        fail<EnvironmentError>(
            "GPU {} cannot be used here (this process is shown {} others); compare nvidia-smi -L "
            "in the job with CUDA_VISIBLE_DEVICES",
            seat.gpu, node.step_gpus.size());
    }
    node.step_gpus = {*found};
}

}  // namespace

Preparation prepare(const RunOptions& options, const step::Step& step,
                    const std::vector<int>& exempt_threads, const std::optional<comm::Seat>& seat) {
    allow_peers(step);
    std::optional<NodeGrant> grant;
    Preparation ready = look_around_and_tell(options, step, grant);
    if (seat) sit_down(*seat, ready.node);
    check_ranks(ready.workload, step,
                ready.device.visible.empty() ? device::Facts{} : ready.device.visible.front());
    std::vector<std::vector<int>> visible;
    if (grant) visible = apply(*grant, ready.node);
    const bool wants_gpus = !ready.node.step_gpus.empty() && options.device != DeviceWish::host &&
                            (ready.device.cuda != nullptr || ready.node.simulated);
    placement::Request request =
        node_request_of(ready.workload.placement, step.local_size, wants_gpus);
    if (wants_gpus) request.visible = visible;
    if (seat) request.tasks = 1;
    const int wished = std::max(1, request.gpus_per_task.value_or(1));
    const std::string note = wants_gpus ? take_what_there_is(request, ready.node) : "";
    ready.devices =
        ready.device.cuda == nullptr ? wished : std::max(1, request.gpus_per_task.value_or(1));
    const auto placed = placement::plan(ready.node, request);
    ready.task = placed.tasks[seat ? 0 : static_cast<std::size_t>(step.local_rank)];
    if (!note.empty()) ready.task.notes.push_back(note);
    ready.binding = placement::bind(ready.node, ready.task, exempt_threads);
    for (const auto& warning : ready.binding.warnings) log::debug(warning);
    if (ready.device.cuda != nullptr) {
        ready.device.ordinals = ordinals_of(ready.device, ready.node, ready.task, ready.devices);
        ready.cuda = ready.device.cuda->versions();
    }
    return ready;
}

comm::Record make_record(const step::Step& step, const Preparation& preparation) {
    comm::Record record;
    record.boot_id = boot_id();
    record.host = step.node_name();
    record.pid = ::getpid();
    record.device = preparation.device.cuda != nullptr ? "cuda" : "host";
    if (!preparation.task.gpus.empty()) {
        const auto& gpu =
            preparation.node.gpus[static_cast<std::size_t>(preparation.task.gpus.front())];
        record.gpu_uuid = gpu.visible_name();
        record.gpu_pci = show(gpu.pci);
        record.numa = gpu.numa;
    }
    record.devices = preparation.devices;
    record.cuda_driver = preparation.cuda.driver;
    record.cuda_runtime = preparation.cuda.runtime;
    record.nccl = preparation.cuda.nccl;
    record.config_hash = hash_hex(preparation.workload.hash + version_text());
    if (step.local_rank == 0) record.shared_memory = random_token();
    const auto roots = comm::nccl_roots(step.size);
    const bool is_root = std::binary_search(roots.begin(), roots.end(), step.rank);
    if (is_root && preparation.device.cuda != nullptr &&
        (step.size > 1 || preparation.devices > 1)) {
        record.nccl_id = preparation.device.cuda->nccl_unique_id();
    }
    return record;
}

comm::Record make_refusal(const step::Step& step, const Error& refusal) {
    comm::Record record;
    record.boot_id = boot_id();
    record.host = step.node_name();
    record.pid = ::getpid();
    record.refusal = refusal.what();
    record.refusal_code = static_cast<int>(refusal.code());
    return record;
}

}  // namespace warpstep::cli
