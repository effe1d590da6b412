// SPDX-License-Identifier: Apache-2.0
// Verification of steps: once before the timed runs, from the state the step finds; what it read
// and changed is put back afterwards, so that in-place kernels and `repeat` do not disturb each
// other.
#include <algorithm>
#include <optional>

#include "runtime/execution/planned_step.hpp"

namespace warpstep::execution {
namespace {

using workload::VerifyRule;

// Rules on what one run computes; the others look at what is there at the end.
bool needs_a_run(const VerifyRule& rule) {
    return !rule.same_on_all_ranks;
}

// On every device that the step ran on; a failure on any of them is the step's.
void check(PlannedStep& step, const VerifyRule& rule, const LaneSnapshots& before) {
    std::optional<VerifyResult> worst;
    for (std::size_t place = 0; place < step.work.size(); ++place) {
        const StepWork& work = step.work[place];
        std::string reference;
        for (const auto& check : work.references) {
            if (check.rule == &rule) reference = check.scratch;
        }
        VerifyResult result =
            verify(rule, *work.lane->storage, work.lane->scope,
                   place < before.size() ? before[place] : Snapshots{}, *work.stream, reference);
        if (step.work.size() > 1 && !result.passed) {
            result.detail += fmt::format(", on device {}", work.lane->device_index);
        }
        if (worst && worst->passed && result.passed && worst->hash != result.hash) {
            result.passed = false;
            result.detail = fmt::format("{} differs between devices {} and {}", rule.buffer,
                                        step.work[0].lane->device_index, work.lane->device_index);
        }
        if (!worst || (worst->passed && !result.passed)) worst = std::move(result);
    }
    step.result.verify.push_back(std::move(*worst));
}

}  // namespace

void keep(const Lane& lane, const std::vector<std::string>& buffers, Snapshots& before) {
    for (const auto& name : buffers) {
        if (before.count(name) > 0) continue;
        const std::int64_t count = lane.storage->at(name).plan.count;
        before.emplace(name, lane.storage->read(name, 0, count, lane.stream()));
    }
}

LaneSnapshots snapshots_for(const PlannedStep& step) {
    LaneSnapshots before(step.work.size());
    for (std::size_t place = 0; place < step.work.size(); ++place) {
        for (const auto& rule : step.spec->verify) {
            keep(*step.work[place].lane, snapshots_needed(rule), before[place]);
        }
    }
    return before;
}

void verify_before_timing(PlannedStep& step, const std::function<void()>& once) {
    const auto& rules = step.spec->verify;
    if (std::none_of(rules.begin(), rules.end(), needs_a_run)) return;
    for (StepWork& work : step.work) work.lane->machine->communicator.wait(*work.stream);
    LaneSnapshots before = snapshots_for(step);
    LaneSnapshots changed(step.work.size());
    for (std::size_t place = 0; place < step.work.size(); ++place) {
        StepWork& work = step.work[place];
        keep(*work.lane, updates_of(step, place), changed[place]);
        // The other kernel starts from the same content.
        for (const auto& reference : work.references) {
            const auto& storage = *work.lane->storage;
            const std::string& name = reference.rule->buffer;
            storage.write(reference.scratch,
                          storage.read(name, 0, storage.at(name).plan.count, *work.stream),
                          *work.stream);
            reference.operation->issue(*work.stream);
            work.lane->machine->communicator.wait(*work.stream);
        }
    }
    once();
    for (StepWork& work : step.work) work.lane->machine->communicator.wait(*work.stream);
    for (const auto& rule : rules) {
        if (needs_a_run(rule)) check(step, rule, before);
    }
    for (std::size_t place = 0; place < step.work.size(); ++place) {
        const StepWork& work = step.work[place];
        for (const auto& [name, bytes] : changed[place]) {
            work.lane->storage->write(name, bytes, *work.stream);
        }
    }
}

void verify_after(PlannedStep& step, const LaneSnapshots& before) {
    const bool ran_once = !step.spec->run.empty() || step.spec->graph.has_value();
    for (const auto& rule : step.spec->verify) {
        if (!(ran_once && needs_a_run(rule))) check(step, rule, before);
    }
}

}  // namespace warpstep::execution
