// SPDX-License-Identifier: Apache-2.0
#include "runtime/plan/memory_plan.hpp"

#include <algorithm>
#include <limits>
#include <set>

#include "runtime/base/error.hpp"
#include "runtime/base/text.hpp"
#include "runtime/base/units.hpp"

namespace warpstep::plan {
namespace {

using workload::MemoryKind;

enum class Where { device, managed, pinned, host };

Where where(const BufferPlan& plan, device::Kind kind) {
    if (kind == device::Kind::host) return Where::host;
    if (plan.collective || plan.memory == MemoryKind::device) return Where::device;
    if (plan.memory == MemoryKind::managed) return Where::managed;
    return plan.memory == MemoryKind::host_pinned ? Where::pinned : Where::host;
}

std::uint64_t plus(std::uint64_t a, std::uint64_t b) {
    constexpr auto most = std::numeric_limits<std::uint64_t>::max();
    return b > most - a ? most : a + b;
}

std::uint64_t less(std::uint64_t a, std::uint64_t b) {
    return a > b ? a - b : 0;
}

// The params that a size depends on and that depend on no other: those one would set.
void add_params(const workload::Expression& expression, const workload::Workload& workload,
                std::set<std::string>& params, std::set<std::string>& seen) {
    for (const std::string& name : expression.names()) {
        const auto it =
            std::find_if(workload.params.begin(), workload.params.end(),
                         [&](const workload::Param& param) { return param.name == name; });
        if (it == workload.params.end() || !seen.insert(name).second) continue;
        const std::size_t before = params.size();
        add_params(it->value, workload, params, seen);
        if (params.size() == before) params.insert(name);
    }
}

std::set<std::string> params_of(const std::string& buffer, const workload::Workload& workload) {
    std::set<std::string> params, seen;
    for (const auto& spec : workload.buffers) {
        if (spec.name != buffer) continue;
        for (const auto& extent : spec.shape) add_params(extent, workload, params, seen);
    }
    return params;
}

// The buffers that make up the sum, largest first.
std::vector<const BufferPlan*> largest_first(const std::vector<BufferPlan>& buffers,
                                             device::Kind kind, const std::set<Where>& kinds) {
    std::vector<const BufferPlan*> chosen;
    for (const auto& plan : buffers) {
        if (kinds.count(where(plan, kind)) > 0) chosen.push_back(&plan);
    }
    std::stable_sort(chosen.begin(), chosen.end(), [](const BufferPlan* a, const BufferPlan* b) {
        return a->bytes() > b->bytes();
    });
    return chosen;
}

std::string show_largest(const std::vector<const BufferPlan*>& buffers) {
    constexpr std::size_t most_shown = 3;
    std::vector<std::string> pieces;
    for (std::size_t i = 0; i < std::min(most_shown, buffers.size()); ++i) {
        pieces.push_back(fmt::format("'{}' {}", buffers[i]->name, show_bytes(buffers[i]->bytes())));
    }
    const bool all = buffers.size() <= most_shown;
    return (all ? "they are " : "the largest are ") + join(pieces, ", ");
}

std::string how_to_shrink(const std::vector<const BufferPlan*>& buffers,
                          const workload::Workload& workload, int sharers) {
    std::vector<std::string> options;
    for (const BufferPlan* plan : buffers) {
        for (const std::string& param : params_of(plan->name, workload)) {
            options.push_back(fmt::format("--set {}=…", param));
        }
        if (!options.empty()) break;
    }
    const std::string smaller =
        options.empty() ? "give smaller counts" : "make them smaller with " + join(options, " or ");
    return sharers > 1 ? smaller + ", or start fewer ranks on a node" : smaller;
}

struct Share {
    std::uint64_t needed, there_is;
    std::string_view what;  ///< "device memory"
    std::string source;     ///< "80 GiB are free on the device"
    int sharers;
    std::set<Where> kinds;
};

void check(const Share& share, const std::vector<BufferPlan>& buffers, const MemoryLimits& limits,
           const workload::Workload& workload) {
    const auto mine = share.there_is / static_cast<std::uint64_t>(std::max(1, share.sharers));
    if (share.needed <= mine) return;
    const auto largest = largest_first(buffers, limits.kind, share.kinds);
    const std::string divided =
        share.sharers > 1 ? fmt::format(", shared by {} tasks", share.sharers) : "";
    fail<ConfigError>("{}: the buffers need {} of {} but this rank has {} ({}{}; {}); {}",
                      workload.path, show_bytes(share.needed), share.what, show_bytes(mine),
                      share.source, divided, show_largest(largest),
                      how_to_shrink(largest, workload, share.sharers));
}

}  // namespace

MemoryNeeds memory_needs(const std::vector<BufferPlan>& buffers, device::Kind kind) {
    MemoryNeeds needs;
    for (const auto& plan : buffers) {
        std::uint64_t& sum = [&]() -> std::uint64_t& {
            switch (where(plan, kind)) {
                case Where::device:
                    return needs.device;
                case Where::managed:
                    return needs.managed;
                case Where::pinned:
                    return needs.pinned;
                case Where::host:
                    break;
            }
            return needs.host;
        }();
        sum = plus(sum, plan.bytes());
    }
    return needs;
}

void check_memory(const std::vector<BufferPlan>& buffers, const MemoryLimits& limits,
                  const workload::Workload& workload) {
    const MemoryNeeds needs = memory_needs(buffers, limits.kind);
    std::uint64_t overflow = 0;
    std::set<Where> on_host{Where::pinned, Where::host};
    if (limits.device_free) {
        const std::uint64_t share =
            *limits.device_free / static_cast<std::uint64_t>(std::max(1, limits.device_sharers));
        check({needs.device,
               *limits.device_free,
               "device memory",
               show_bytes(*limits.device_free) + " are free on the device",
               limits.device_sharers,
               {Where::device}},
              buffers, limits, workload);
        overflow = less(needs.managed, less(share, needs.device));
        if (overflow > 0) on_host.insert(Where::managed);
    }
    if (!limits.host) return;
    const std::string source =
        fmt::format("{} are {}, by {}", show_bytes(limits.host->available),
                    limits.host->in_all ? "in the node" : "available", limits.host->limited_by);
    check({plus(plus(needs.host, needs.pinned), overflow), limits.host->available, "host memory",
           source, limits.host_sharers, on_host},
          buffers, limits, workload);
}

}  // namespace warpstep::plan
