// SPDX-License-Identifier: Apache-2.0
// What would be refused before a run, found over all ranks in one process.
#include <algorithm>
#include <set>

#include "runtime/base/error.hpp"
#include "runtime/plan/capturable.hpp"
#include "runtime/plan/paper.hpp"

namespace warpstep::plan {
namespace {

class Problems {
  public:
    template <typename Check>
    void find(Check&& check) {
        try {
            check();
        } catch (const ConfigError& error) {
            add(error.what());
        }
    }
    void add(std::string text) {
        if (std::find(texts_.begin(), texts_.end(), text) == texts_.end()) {
            texts_.push_back(std::move(text));
        }
    }
    std::vector<std::string> texts() && { return std::move(texts_); }

  private:
    std::vector<std::string> texts_;
};

// Ranks that differ in neither are compared once.
std::string reach_and_devices(const RankProgram& program) {
    std::string key;
    for (const PaperStep& step : program.steps) {
        key += step.active ? "1" : "0";
        if (step.device) key += "d" + std::to_string(*step.device);
    }
    return key;
}

void check_hazards_once(const workload::Workload& workload,
                        const std::vector<RankProgram>& programs, Problems& problems) {
    std::set<std::string> checked;
    for (const auto& program : programs) {
        if (!checked.insert(reach_and_devices(program)).second) continue;
        problems.find([&] { check_hazards(workload, decided_facts(program)); });
    }
}

// Device memory is each device's own; on the host, the buffers of all devices of a task add up.
void check_rank_memory(const workload::Workload& workload, const step::Step& step,
                       const RankProgram& program, const PaperFacts& facts) {
    MemoryLimits limits{facts.device.kind, facts.device_free, facts.device_sharers, facts.host,
                        step.local_size};
    if (facts.devices == 1) return check_memory(program.buffers, limits, workload);
    std::vector<BufferPlan> all;
    limits.host.reset();
    for (int device = 0; device < facts.devices; ++device) {
        const auto here = buffers_of_device(program, workload, device);
        check_memory(here, limits, workload);
        all.insert(all.end(), here.begin(), here.end());
    }
    limits.host = facts.host;
    limits.device_free.reset();
    check_memory(all, limits, workload);
}

std::vector<std::vector<CollectiveNote>> notes_of(const std::vector<RankProgram>& programs) {
    std::vector<std::vector<CollectiveNote>> notes;
    for (const auto& program : programs) notes.push_back(program.notes);
    return notes;
}

}  // namespace

std::vector<std::string> problems_on_paper(const workload::Workload& workload,
                                           const std::vector<RankProgram>& programs) {
    Problems problems;
    problems.find([&] { check_graphs(workload); });
    check_hazards_once(workload, programs, problems);
    if (auto text = meeting_problem(notes_of(programs))) problems.add(std::move(*text));
    return std::move(problems).texts();
}

std::vector<std::string> memory_problems_on_paper(const workload::Workload& workload,
                                                  const std::vector<step::Step>& steps,
                                                  const std::vector<RankProgram>& programs,
                                                  const PaperFacts& facts) {
    Problems problems;
    for (std::size_t i = 0; i < programs.size(); ++i) {
        if (i > 0 && facts.devices == 1 && programs[i].buffers == programs[i - 1].buffers &&
            steps[i].local_size == steps[i - 1].local_size) {
            continue;
        }
        problems.find([&] { check_rank_memory(workload, steps[i], programs[i], facts); });
    }
    return std::move(problems).texts();
}

}  // namespace warpstep::plan
