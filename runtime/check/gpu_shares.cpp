// SPDX-License-Identifier: Apache-2.0
#include "runtime/check/gpu_shares.hpp"

#include <set>
#include <utility>
#include <vector>

#include "runtime/check/gpu_view.hpp"

namespace warpstep::check {
namespace {

using Names = std::vector<std::string>;

/// Gives `rank` one of the GPUs it sees, moving others to another of theirs where that helps.
/// Source: augmenting paths (Kuhn) on the graph of ranks and GPUs.
class Sharing {
  public:
    void add(int rank, Names visible) { visible_[rank] = std::move(visible); }

    std::map<int, std::string> shared() {
        for (const auto& [rank, visible] : visible_) {
            tried_.clear();
            if (visible.size() == 1)
                owned_[rank] = visible.front();
            else
                place(rank);
        }
        return owned_;
    }

  private:
    bool place(int rank) {
        for (const std::string& gpu : visible_.at(rank)) {
            if (owner_of(gpu) >= 0) continue;
            owned_[rank] = gpu;
            return true;
        }
        for (const std::string& gpu : visible_.at(rank)) {
            if (!tried_.insert(gpu).second) continue;
            const int other = owner_of(gpu);
            // Who sees one GPU only cannot move.
            if (other >= 0 && (visible_.at(other).size() == 1 || !place(other))) continue;
            owned_[rank] = gpu;
            return true;
        }
        return false;
    }
    int owner_of(const std::string& gpu) const {
        for (const auto& [rank, visible] : visible_) {
            if (visible.size() == 1 && visible.front() == gpu) return rank;
        }
        for (const auto& [rank, owned] : owned_) {
            if (owned == gpu) return rank;
        }
        return -1;
    }

    std::map<int, Names> visible_;
    std::map<int, std::string> owned_;
    std::set<std::string> tried_;
};

}  // namespace

std::map<int, std::string> own_gpus(const Facts& facts) {
    std::map<std::string, Sharing> nodes;
    for (const RankFacts& rank : facts.ranks) {
        const GpuView view = view_of(facts, rank);
        if (view.visible) nodes[rank.node].add(rank.rank, *view.visible);
    }
    std::map<int, std::string> owned;
    for (auto& [node, sharing] : nodes) owned.merge(sharing.shared());
    return owned;
}

}  // namespace warpstep::check
