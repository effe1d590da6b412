// SPDX-License-Identifier: Apache-2.0
// How many tasks can be near their GPUs at all (rule I8).
#include <algorithm>
#include <functional>
#include <set>

#include "runtime/placement/inspect_facts.hpp"

namespace warpstep::placement::inspection {

namespace {

using topology::CpuSet;

/// Cores that are near the same of some sets.
struct Kind {
    std::vector<bool> near;
    int cores = 0, pus = 0;
};

std::vector<Kind> kinds_of(const Facts& facts, const std::vector<CpuSet>& sets) {
    std::vector<Kind> kinds;
    for (const CpuSet& core : facts.cores) {
        std::vector<bool> near;
        for (const CpuSet& set : sets) near.push_back(set.contains(core));
        auto found = std::find_if(kinds.begin(), kinds.end(),
                                  [&](const Kind& kind) { return kind.near == near; });
        if (found == kinds.end()) found = kinds.insert(found, {near, 0, 0});
        ++found->cores;
        found->pus += core.size();
    }
    return kinds;
}

/// Distinct near sets of the step's GPUs, and how many GPUs have each.
struct Places {
    std::vector<CpuSet> sets;
    std::vector<int> gpus;
};

Places places_of(const Facts& facts) {
    Places places;
    for (const int gpu : facts.gpus) {
        const CpuSet near = facts.near_gpu(gpu);
        const auto found = std::find(places.sets.begin(), places.sets.end(), near);
        if (found == places.sets.end()) {
            places.sets.push_back(near);
            places.gpus.push_back(1);
        } else {
            ++places.gpus[static_cast<std::size_t>(found - places.sets.begin())];
        }
    }
    return places;
}

/// Tasks that each GPU may carry at least, and how many carry one more.
struct Load {
    int base = 0, further = 0;
};

Load load_of(const Facts& facts) {
    if (!facts.one_gpu_each()) return {0, facts.tasks()};
    return {facts.tasks() / facts.gpu_count(), facts.tasks() % facts.gpu_count()};
}

/// One place for each task. Every near task needs a GPU of its own whose near set has its place,
/// and any choice of such GPUs can be completed to a right deal.
int most_local_with_one(const Facts& facts) {
    const Places places = places_of(facts);
    const std::vector<Kind> kinds = kinds_of(facts, places.sets);
    const Load load = load_of(facts);
    const int first_kind = 4 + static_cast<int>(places.sets.size());
    enum { source, sink, further_tasks, further_places };
    Flow flow(first_kind + static_cast<int>(kinds.size()));
    flow.connect(source, further_tasks, load.further);
    const int n = facts.tasks(), all = facts.pus;
    flow.connect(further_places, sink,
                 facts.oversubscribed() ? n % all : std::max(0, n - facts.core_count()));
    for (std::size_t place = 0; place < places.sets.size(); ++place) {
        const int at = 4 + static_cast<int>(place);
        flow.connect(source, at, load.base * places.gpus[place]);
        flow.connect(further_tasks, at, places.gpus[place]);
        for (std::size_t kind = 0; kind < kinds.size(); ++kind)
            if (kinds[kind].near[place]) flow.connect(at, first_kind + static_cast<int>(kind), n);
    }
    for (std::size_t i = 0; i < kinds.size(); ++i) {
        const int at = first_kind + static_cast<int>(i);
        const int cores = kinds[i].cores, pus = kinds[i].pus;
        flow.connect(at, sink, facts.oversubscribed() ? n / all * pus : cores);
        if (facts.whole_cores()) continue;
        flow.connect(at, further_places, facts.oversubscribed() ? pus : pus - cores);
    }
    return flow.run(source, sink);
}

/// Near sets inside near sets: the inner ones serve their own tasks first.
int served_in_tree(const Facts& facts, const Places& places, const std::vector<int>& tasks) {
    std::vector<std::size_t> order(places.sets.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        return places.sets[a].size() < places.sets[b].size();
    });
    std::vector<int> served(tasks);
    std::vector<bool> inside(tasks.size());
    int total = 0;
    for (std::size_t i = 0; i < order.size(); ++i) {
        const std::size_t outer = order[i];
        for (std::size_t j = 0; j < i; ++j) {
            const std::size_t inner = order[j];
            if (inside[inner] || !places.sets[outer].contains(places.sets[inner])) continue;
            served[outer] += served[inner];
            inside[inner] = true;
        }
        const auto cores =
            std::count_if(facts.cores.begin(), facts.cores.end(),
                          [&](const CpuSet& core) { return places.sets[outer].contains(core); });
        served[outer] = std::min(served[outer], static_cast<int>(cores) / facts.cores_each());
    }
    for (std::size_t i = 0; i < served.size(); ++i)
        if (!inside[i]) total += served[i];
    return total;
}

int most_local_of_one_gpu(const Facts& facts) {
    const Places places = places_of(facts);
    const Load load = load_of(facts);
    std::vector<int> base, all;
    for (const int gpus : places.gpus) {
        base.push_back(load.base * gpus);
        all.push_back((load.base + 1) * gpus);
    }
    return std::min(served_in_tree(facts, places, base) + load.further,
                    served_in_tree(facts, places, all));
}

bool can_serve(const Facts& facts, const std::vector<CpuSet>& near) {
    const std::vector<Kind> kinds = kinds_of(facts, near);
    const int first_kind = 2 + static_cast<int>(near.size());
    Flow flow(first_kind + static_cast<int>(kinds.size()));
    for (std::size_t task = 0; task < near.size(); ++task) {
        flow.connect(0, 2 + static_cast<int>(task), facts.cores_each());
        for (std::size_t kind = 0; kind < kinds.size(); ++kind)
            if (kinds[kind].near[task])
                flow.connect(2 + static_cast<int>(task), first_kind + static_cast<int>(kind),
                             facts.cores_each());
    }
    for (std::size_t kind = 0; kind < kinds.size(); ++kind)
        flow.connect(first_kind + static_cast<int>(kind), 1, kinds[kind].cores);
    return flow.run(0, 1) == facts.cores_each() * static_cast<int>(near.size());
}

/// All ways of dividing GPUs among tasks, each once up to the order of the tasks.
class Divisions {
  public:
    explicit Divisions(const Facts& facts) : facts_(facts), blocks_(size(facts.tasks())) {
        const int n = facts.tasks(), all = facts.gpu_count();
        const int each = facts.request.gpus_per_task.value_or(all / n);
        larger_ = facts.request.gpus_per_task ? 0 : all % n;
        room_.assign(blocks_.size(), each);
        for (int i = 0; i < larger_; ++i) ++room_[size(i)];
        idle_ = all - each * n - larger_;
    }

    int best() {
        place(0);
        return best_;
    }

  private:
    static std::size_t size(int i) { return static_cast<std::size_t>(i); }

    void place(std::size_t gpu) {
        if (best_ == facts_.tasks()) return;
        if (gpu == facts_.gpus.size()) return look();
        std::set<int> empty_tried;
        for (std::size_t i = 0; i < blocks_.size(); ++i) {
            if (room_[i] == 0) continue;
            if (blocks_[i].empty() && !empty_tried.insert(room_[i]).second) continue;
            blocks_[i].push_back(facts_.gpus[gpu]);
            --room_[i];
            place(gpu + 1);
            ++room_[i];
            blocks_[i].pop_back();
        }
        if (idle_ == 0) return;
        --idle_;
        place(gpu + 1);
        ++idle_;
    }

    void look() {
        std::vector<CpuSet> near;
        std::vector<std::string> key;
        for (const auto& block : blocks_) {
            near.push_back(facts_.near(block));
            key.push_back(show(near.back()));
        }
        std::sort(key.begin(), key.end());
        if (!seen_.insert(key).second) return;
        best_ = std::max(best_, most_served(facts_, near));
    }

    const Facts& facts_;
    std::vector<std::vector<int>> blocks_;
    std::vector<int> room_;
    int larger_ = 0, idle_ = 0, best_ = 0;
    std::set<std::vector<std::string>> seen_;
};

int cores_near_any(const Facts& facts) {
    const CpuSet near = facts.near(facts.gpus);
    return static_cast<int>(std::count_if(facts.cores.begin(), facts.cores.end(),
                                          [&](const CpuSet& core) { return near.contains(core); }));
}

}  // namespace

int most_served(const Facts& facts, const std::vector<CpuSet>& near) {
    int best = 0;
    std::vector<CpuSet> chosen;
    const std::function<void(std::size_t)> look = [&](std::size_t task) {
        if (static_cast<int>(chosen.size() + near.size() - task) <= best) return;
        if (task == near.size()) {
            best = static_cast<int>(chosen.size());
            return;
        }
        chosen.push_back(near[task]);
        if (can_serve(facts, chosen)) look(task + 1);
        chosen.pop_back();
        look(task + 1);
    };
    look(0);
    return best;
}

int most_local(const Facts& facts) {
    if (facts.gpu_count() == 0) return facts.tasks();
    if (facts.cores_each() == 1) return most_local_with_one(facts);
    if (facts.one_gpu_each()) return most_local_of_one_gpu(facts);
    const int bound = std::min(facts.tasks(), cores_near_any(facts) / facts.cores_each());
    return facts.gpu_count() <= 8 ? std::min(bound, Divisions(facts).best()) : bound;
}

}  // namespace warpstep::placement::inspection
