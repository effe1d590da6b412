// SPDX-License-Identifier: Apache-2.0
#include "runtime/placement/inspect.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "runtime/placement/inspect_facts.hpp"

namespace warpstep::placement {

namespace inspection {

void check_shape(const Facts& facts, const Placement& placement, Findings& findings) {
    const auto& tasks = placement.tasks;
    findings.expect(
        static_cast<int>(tasks.size()) == facts.tasks(), "I1",
        fmt::format("{} tasks are placed, {} were asked for", tasks.size(), facts.tasks()));
    const int gpus = static_cast<int>(facts.node.gpus.size());
    for (std::size_t i = 0; i < tasks.size(); ++i) {
        const Task& task = tasks[i];
        findings.expect(task.local_rank == static_cast<int>(i), "I1",
                        fmt::format("local rank {} stands at place {}", task.local_rank, i));
        findings.expect(!task.cpus.empty(), "I2",
                        fmt::format("local rank {} has no CPU", task.local_rank));
        findings.expect(facts.node.allowed.contains(task.cpus), "I2",
                        fmt::format("local rank {} has CPUs {}, which are not allowed",
                                    task.local_rank, show(task.cpus - facts.node.allowed)));
        const std::vector<int>& seen = facts.seen_by(i);
        findings.expect(task.gpus.empty() == seen.empty(), "I3",
                        fmt::format("local rank {} has {} GPUs of {}", task.local_rank,
                                    task.gpus.size(), seen.size()));
        for (const int gpu : task.gpus)
            findings.expect(
                gpu >= 0 && gpu < gpus && std::count(seen.begin(), seen.end(), gpu) == 1, "I3",
                fmt::format("local rank {} has GPU {} that it has not been granted",
                            task.local_rank, gpu));
    }
}

}  // namespace inspection

std::vector<Violation> inspect(const topology::Node& node, const Request& request,
                               const Placement& placement) {
    const inspection::Facts facts(node, request);
    inspection::Findings findings;
    inspection::check_shape(facts, placement, findings);
    if (!findings.empty()) return findings.take();
    if (request.visible.empty()) {  // else the launcher has dealt the GPUs
        inspection::check_gpus(facts, placement, findings);
        inspection::check_order(facts, placement.tasks, findings);
    }
    inspection::check_cores(facts, placement, findings);
    inspection::check_locality(facts, placement.tasks, findings);
    inspection::check_memory(facts, placement.tasks, findings);
    inspection::check_nics(facts, placement.tasks, findings);
    inspection::check_notes(facts, placement, findings);
    return findings.take();
}

bool must_be_refused(const topology::Node& node, const Request& request) {
    if (request.tasks < 1 || request.share < 1 || request.gpus_per_task.value_or(1) < 1 ||
        request.cpus_per_task.value_or(1) < 1 || request.pus_per_core.value_or(1) < 1)
        return true;
    const inspection::Facts facts(node, request);
    const long tasks = facts.tasks(), cores = facts.core_count(), gpus = facts.gpu_count();
    if (cores == 0 || tasks * request.cpus_per_task.value_or(0) > cores) return true;
    if (request.wants_gpus && request.gpus_per_task) {
        const bool may_share = *request.gpus_per_task == 1 && gpus > 0;
        if (!may_share && tasks * *request.gpus_per_task > gpus) return true;
    }
    if (!request.strict) return false;
    if (!facts.whole_cores()) return true;
    if (gpus > 0 && tasks > gpus * request.share) return true;
    return request.near_gpu && inspection::most_local(facts) < tasks;
}

}  // namespace warpstep::placement
