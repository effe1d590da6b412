// SPDX-License-Identifier: Apache-2.0
#include "runtime/execution/probe_values.hpp"

#include <algorithm>
#include <cmath>

#include "runtime/base/error.hpp"
#include "runtime/base/text.hpp"

namespace warpstep::execution {
namespace {

using workload::Node;

constexpr std::int64_t probed_at_once = 16 * 1024;

template <typename Visit>
void walk(const Node& node, const Visit& visit) {
    visit(node);
    for (const Node& operand : node.operands) walk(operand, visit);
}

}  // namespace

ProbeValues::ProbeValues(const plan::RankPlan& plan, std::vector<Lane>& lanes,
                         const std::vector<PlannedStep>& steps, const Datasets& datasets)
    : plan_(plan), lanes_(lanes), steps_(steps), datasets_(datasets) {
    for (const auto& probe : plan.probes) probes_.push_back({&probe, {}});
}

void ProbeValues::build(const Make& make) {
    for (Work& work : probes_) {
        if (work.probe->evaluation.run.empty()) continue;
        for (Lane& lane : lanes_) work.operations.push_back(make(lane, work.probe->evaluation));
    }
}

void ProbeValues::find() {
    for (const Work& work : probes_) lanes_.front().scope.set(work.probe->key, value_of(work));
}

workload::Value ProbeValues::value_of(const Work& work) const {
    const plan::Probe& probe = *work.probe;
    const std::string& text = probe.node->text;
    if (text == "mean_squared_error") return plan::number_value(mean_squared_error_of(work));
    if (text == "max_abs") return plan::number_value(max_abs_of(probe));
    if (text == "equal_on_all_ranks") return plan::text_value(hash_of(probe));
    return {seen_once_in(text.substr(0, text.size() - plan::seen_once.size())), workload::no_unit};
}

double ProbeValues::mean_squared_error_of(const Work& probe) const {
    const auto all = [&] {
        for (std::size_t i = 0; i < lanes_.size(); ++i) {
            probe.operations[i]->issue(lanes_[i].stream());
        }
    };
    if (lanes_.size() > 1) {
        lanes_.front().machine->communicator.group(all);
    } else {
        all();
    }
    for (std::size_t i = 0; i < lanes_.size(); ++i) {
        probe.operations[i]->complete(lanes_[i].stream());
    }
    wait_all(lanes_);
    return probe.operations.front()->numbers().at("mse");
}

// Over the elements of the buffers that it names, which are equally many or one.
double ProbeValues::max_abs_of(const plan::Probe& probe) const {
    const Lane& lane = lane_of(probe);
    const Node& inner = probe.node->operands[0];
    std::int64_t count = 1;
    walk(inner, [&](const Node& node) {
        if (lane.storage->has(node.text)) {
            count = std::max(count, lane.storage->at(node.text).plan.count);
        }
    });
    const Snapshots nothing;
    const plan::ElementSource buffers = elements_of(*lane.storage, nothing, lane.stream());
    const plan::ElementSource source = [&](const std::string& name, bool before, std::int64_t begin,
                                           std::vector<plan::Wide>& out) {
        return true_weights(name, begin, out) || buffers(name, before, begin, out);
    };
    plan::Wide largest = 0;
    for (std::int64_t begin = 0; begin < count; begin += probed_at_once) {
        for (const plan::Wide x :
             plan::evaluate_elements(*probe.expression, inner, lane.scope, source, begin,
                                     std::min(probed_at_once, count - begin))) {
            largest = std::isnan(x) ? x : std::max(largest, std::abs(x));
            if (std::isnan(largest)) return std::nan("");
        }
    }
    return static_cast<double>(largest);
}

bool ProbeValues::true_weights(const std::string& name, std::int64_t begin,
                               std::vector<plan::Wide>& out) const {
    constexpr std::string_view ending = ".true_weights";
    if (!name.ends_with(ending)) return false;
    const std::string dataset = name.substr(0, name.size() - ending.size());
    const auto& weights = datasets_.at(dataset)->true_weights();
    if (weights.size() < static_cast<std::size_t>(begin) + out.size()) {
        fail<LogicError>("'{}' are {} numbers", name, weights.size());
    }
    std::copy_n(weights.begin() + begin, out.size(), out.begin());
    return true;
}

// The planner has made sure that there is one.
const Lane& ProbeValues::lane_of(const plan::Probe& probe) const {
    const auto holds = [&](const Lane& lane) {
        return plan::holds_all(plan_.lanes[static_cast<std::size_t>(lane.device_index)].buffers,
                               probe, *plan_.workload);
    };
    const auto it = std::find_if(lanes_.begin(), lanes_.end(), holds);
    if (it == lanes_.end()) fail<LogicError>("no device holds what '{}' reads", probe.key);
    return *it;
}

std::string ProbeValues::hash_of(const plan::Probe& probe) const {
    const Lane& lane = lane_of(probe);
    const std::string& buffer = probe.node->operands[0].text;
    const auto bytes =
        lane.storage->read(buffer, 0, lane.storage->at(buffer).plan.count, lane.stream());
    return hash_hex({bytes.data(), bytes.size()});
}

// In every loop over the dataset that this rank has run.
bool ProbeValues::seen_once_in(const std::string& dataset) const {
    bool all = true;
    const std::function<void(const std::vector<PlannedStep>&)> look = [&](auto& steps) {
        for (const PlannedStep& step : steps) {
            for (std::size_t level = 0; level < step.spec->for_each.size(); ++level) {
                if (step.work.empty() || step.spec->for_each[level].dataset != dataset) continue;
                std::vector<SeenBy> devices;
                for (const StepWork& work : step.work) {
                    devices.push_back(
                        {&work.batches[level]->seen(), work.lane->machine, work.stream});
                }
                all = once_per_epoch(devices, step.work.front().batches[level]->repeats()) && all;
            }
            look(step.children);
        }
    };
    look(steps_);
    return all;
}

}  // namespace warpstep::execution
