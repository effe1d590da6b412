// SPDX-License-Identifier: Apache-2.0
// A communicator over some ranks of another. What the ranks must know of each other goes through
// the parent's own collectives, because the control channel would need the whole step.
#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <system_error>
#include <utility>

#include "runtime/base/error.hpp"
#include "runtime/comm/host/host_communicator.hpp"
#include "runtime/comm/host/mesh.hpp"

namespace warpstep::comm::host {
namespace {

/// What every rank of the parent tells.
struct Wish {
    std::int32_t color, key, port;
    std::uint64_t lane_key;
    char address[64];
};

/// The stream of collectives that have none.
class NoStream final : public device::Stream {
  public:
    void synchronize() override {}
    bool done() override { return true; }
    void wait(const device::Event&) override {}
    void* native() const override { return nullptr; }
};

template <typename T>
std::vector<T> gather_all(Communicator& parent, const T* mine, std::size_t count) {
    std::vector<T> all(count * static_cast<std::size_t>(parent.size()));
    NoStream stream;
    parent.all_gather(mine, all.data(), count * sizeof(T), DType::u8, stream);
    return all;
}

/// Everybody's blob through the parent; those of ranks that are no members stay empty.
class MembersExchange final : public Exchange {
  public:
    MembersExchange(Communicator& parent, std::vector<int> members)
        : parent_(parent), members_(std::move(members)) {}

    std::vector<std::string> all_gather(std::string_view mine, Deadline) override {
        const std::uint64_t bytes = mine.size();
        const auto sizes = gather_all(parent_, &bytes, 1);
        const auto longest =
            static_cast<std::size_t>(*std::max_element(sizes.begin(), sizes.end()));
        std::string padded(mine);
        padded.resize(longest);
        const auto all = gather_all(parent_, padded.data(), longest);
        std::vector<std::string> blobs;
        for (const int rank : members_) {
            const auto r = static_cast<std::size_t>(rank);
            blobs.emplace_back(all.data() + r * longest, static_cast<std::size_t>(sizes[r]));
        }
        return blobs;
    }

  private:
    Communicator& parent_;
    std::vector<int> members_;
};

std::vector<int> members_of(const std::vector<Wish>& wishes, int color) {
    std::vector<int> members;
    for (std::size_t rank = 0; rank < wishes.size(); ++rank) {
        if (wishes[rank].color == color) members.push_back(static_cast<int>(rank));
    }
    std::stable_sort(members.begin(), members.end(), [&](int a, int b) {
        return wishes[static_cast<std::size_t>(a)].key < wishes[static_cast<std::size_t>(b)].key;
    });
    return members;
}

std::vector<RemoteLanes::Place> places_of(const std::vector<Wish>& wishes,
                                          const std::vector<int>& members) {
    std::vector<RemoteLanes::Place> places;
    for (const int member : members) {
        const Wish& wish = wishes[static_cast<std::size_t>(member)];
        places.push_back({wish.address, wish.port, wish.lane_key});
    }
    return places;
}

// The nodes keep their order, and those without a member are left out.
step::Step step_of(const step::Step& parent, const std::vector<int>& members) {
    step::Step step = parent;
    step.size = static_cast<int>(members.size());
    step.node_names.clear();
    step.node_ranks.clear();
    step.known_as.clear();
    for (int node = 0; node < parent.nodes(); ++node) {
        std::vector<int> ranks;
        for (int rank = 0; rank < step.size; ++rank) {
            const int in_parent = members[static_cast<std::size_t>(rank)];
            if (parent.node_of(in_parent) != node) continue;
            if (in_parent == parent.rank) {
                step.rank = rank;
                step.node = step.nodes();
                step.local_rank = static_cast<int>(ranks.size());
            }
            ranks.push_back(rank);
        }
        if (ranks.empty()) continue;
        step.node_names.push_back(parent.node_names[static_cast<std::size_t>(node)]);
        step.node_ranks.push_back(std::move(ranks));
    }
    step.local_size = static_cast<int>(step.node_ranks[static_cast<std::size_t>(step.node)].size());
    for (const int member : members) {
        const auto m = static_cast<std::size_t>(member);
        step.known_as.push_back(parent.known_as.empty() ? member : parent.known_as[m]);
    }
    return step;
}

// Every rank of the parent learns of a leader that could not create its segment.
SharedSegment open_area(Communicator& parent, const step::Step& step, const std::string& name,
                        bool member) {
    const std::size_t bytes = NodeArea::bytes_for(step.local_size);
    SharedSegment segment;
    std::int32_t error = 0;
    try {
        if (member && step.local_size == 1) segment = SharedSegment::anonymous(bytes);
        if (member && step.local_size > 1 && step.local_rank == 0) {
            segment = SharedSegment::create(name, bytes);
        }
    } catch (const std::system_error& refused) {
        error = refused.code().value();
    }
    for (const std::int32_t theirs : gather_all(parent, &error, 1)) {
        if (theirs != 0) throw std::system_error(theirs, std::generic_category());
    }
    const bool attaches = member && step.local_size > 1 && step.local_rank > 0;
    return attaches ? SharedSegment::attach(name, bytes) : std::move(segment);
}

}  // namespace

std::unique_ptr<Communicator> HostCommunicator::split(int color, int key) {
    if (group_) fail<LogicError>("a communicator cannot be split inside a group");
    const auto setup = deadline();
    const bool member = color >= 0;
    std::optional<RemoteLanes> remote;
    Wish wish{color, key, 0, 0, ""};
    // The listener needs the new step only for its messages.
    if (member && !one_node()) {
        remote.emplace(step_, my_address_);
        wish.port = remote->place().port;
        wish.lane_key = remote->place().key;
        std::strncpy(wish.address, my_address_.c_str(), sizeof wish.address - 1);
    }
    const auto wishes = gather_all(*this, &wish, 1);
    const auto members = member ? members_of(wishes, color) : std::vector<int>{};
    const auto step = member ? step_of(step_, members) : step::Step{};
    const auto token = fmt::format("{}-{}.{}", token_, ++splits_, color);
    std::unique_ptr<HostCommunicator> child;
    try {
        NodeArea area(open_area(*this, step, "/warpstep-" + token, member), step.local_size);
        if (member) {
            if (step.nodes() == 1) remote.reset();
            if (remote) remote->join(step, places_of(wishes, members));
            area.commit(step.local_rank);
            child = std::make_unique<HostCommunicator>(
                step, channel_, std::move(area), std::move(remote), token, operation_timeout_);
            child->meet(setup);
        }
    } catch (const std::system_error& error) {
        fail<EnvironmentError>(
            "a node has no shared memory for a part of the step ({}); free /dev/shm or make it "
            "larger",
            error.what());
    }
    if (one_node()) return child;
    MembersExchange exchange(*this, members);
    if (child && step.nodes() > 1) {
        child->join_leaders(exchange, my_address_, setup);
    } else {
        if (child) child->my_address_ = my_address_;
        skip_mesh(exchange, setup);
    }
    return child;
}

}  // namespace warpstep::comm::host
