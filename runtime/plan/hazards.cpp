// SPDX-License-Identifier: Apache-2.0
#include "runtime/plan/hazards.hpp"

#include <map>
#include <utility>
#include <vector>

#include "runtime/base/error.hpp"
#include "runtime/base/text.hpp"
#include "runtime/plan/accesses.hpp"
#include "runtime/plan/order.hpp"

namespace warpstep::plan {
namespace {

using workload::Step;

constexpr int all_devices = -1;

/// A buffer on one device of the task, or on all.
struct Place {
    std::string buffer;
    int device = all_devices;
    auto operator<=>(const Place&) const = default;
};
/// What a step touches: true where it writes.
using Touched = std::map<Place, bool>;

// What the active steps at or below `step` touch. A device given to a container holds inside, too.
void add_touched(const Step& step, std::optional<int> device, const workload::Workload& workload,
                 const StepFacts& facts, Touched& touched) {
    if (!facts.active(step)) return;
    if (step.device) device = facts.device(step);
    const Accesses own = own_accesses_of(step, workload);
    for (const auto& buffer : own.reads) {
        touched.emplace(Place{buffer, device.value_or(all_devices)}, false);
    }
    for (const auto& buffer : own.writes) {
        touched[Place{buffer, device.value_or(all_devices)}] = true;
    }
    for (const Step& child : step.steps) add_touched(child, device, workload, facts, touched);
}

/// The last steps of one stream that wrote and that touched a buffer: earlier ones of the stream
/// are before them.
struct Last {
    std::optional<std::size_t> writer, any;
};

class ListCheck {
  public:
    ListCheck(const std::vector<Step>& steps) : steps_(steps), order_(steps) {}

    void add(std::size_t step, const Touched& touched) {
        for (const auto& [place, writes] : touched) {
            auto& devices = last_[place.buffer];
            for (const auto& [device, streams] : devices) {
                if (device != place.device && device != all_devices &&
                    place.device != all_devices) {
                    continue;
                }
                compare(step, place.buffer, writes, streams);
            }
            auto& streams = devices[place.device];
            streams.resize(order_.streams());
            Last& mine = streams[order_.stream(step)];
            mine.any = step;
            if (writes) mine.writer = step;
        }
    }

  private:
    void compare(std::size_t step, const std::string& buffer, bool writes,
                 const std::vector<Last>& streams) const {
        for (const Last& last : streams) {
            if (last.writer && *last.writer != step && !order_.before(*last.writer, step)) {
                refuse(*last.writer, step, buffer, true, writes);
            }
            if (writes && last.any && *last.any != step && !order_.before(*last.any, step)) {
                refuse(*last.any, step, buffer, false, true);
            }
        }
    }

    static std::string doing(const Step& step, bool writes) {
        const std::string& stream = stream_of(step);
        return fmt::format("'{}' {} it on {}", step.name, writes ? "writes" : "reads",
                           stream.empty() ? "the default stream" : "stream " + stream);
    }

    [[noreturn]] void refuse(std::size_t first, std::size_t second, const std::string& buffer,
                             bool first_writes, bool second_writes) const {
        const Step& earlier = steps_[first];
        const Step& later = steps_[second];
        std::vector<std::string> needs;
        for (const auto& need : later.needs) needs.push_back(need.step);
        needs.push_back(earlier.name);
        fail<ConfigError>(
            "{}: step '{}' may run at the same time as step '{}' at {}, and both touch '{}' ({}, "
            "{}, and nothing orders them); give '{}' needs: [{}], or put both on one stream",
            show(later.mark), later.name, earlier.name, show(earlier.mark), buffer,
            doing(earlier, first_writes), doing(later, second_writes), later.name,
            join(needs, ", "));
    }

    const std::vector<Step>& steps_;
    Order order_;
    std::map<std::string, std::map<int, std::vector<Last>>> last_;  ///< by buffer and device
};

void check_list(const std::vector<Step>& steps, std::optional<int> device,
                const workload::Workload& workload, const StepFacts& facts) {
    ListCheck check(steps);
    for (std::size_t i = 0; i < steps.size(); ++i) {
        Touched touched;
        add_touched(steps[i], device, workload, facts, touched);
        check.add(i, touched);
    }
    for (const Step& step : steps) {
        if (step.steps.empty() || !facts.active(step)) continue;
        check_list(step.steps, step.device ? facts.device(step) : device, workload, facts);
    }
}

}  // namespace

void check_hazards(const workload::Workload& workload, const StepFacts& facts) {
    check_list(workload.steps, std::nullopt, workload, facts);
}

std::set<std::string> buffers_on(int device, const workload::Workload& workload,
                                 const StepFacts& facts) {
    Touched touched;
    for (const Step& step : workload.steps) {
        add_touched(step, std::nullopt, workload, facts, touched);
    }
    std::set<std::string> here, somewhere;
    for (const auto& [place, writes] : touched) {
        somewhere.insert(place.buffer);
        if (place.device == device || place.device == all_devices) here.insert(place.buffer);
    }
    for (const auto& buffer : workload.buffers) {
        if (somewhere.count(buffer.name) == 0) here.insert(buffer.name);
    }
    return here;
}

}  // namespace warpstep::plan
