// SPDX-License-Identifier: Apache-2.0
// The leaders' mesh: met in one exchange of all ranks, whatever Gloo's own rendezvous would do, and
// interrupted from another thread.
#include "runtime/comm/host/mesh.hpp"

#include <doctest/doctest.h>

#include <array>
#include <thread>

#include "runtime/comm/channel/wire.hpp"
#include "runtime/comm/host/leader_links.hpp"
#include "tests/support/fork_ranks.hpp"

using namespace warpstep;
using comm::host::LeaderLinks;
using std::chrono::milliseconds;
using test::expect;
using test::fork_ranks;
using test::Rank;

namespace {

/// Counts what goes through the channel.
class Counted final : public comm::Exchange {
  public:
    explicit Counted(comm::Exchange& exchange) : exchange_(exchange) {}
    std::vector<std::string> all_gather(std::string_view mine, Deadline deadline) override {
        ++rounds;
        return exchange_.all_gather(mine, deadline);
    }
    int rounds = 0;

  private:
    comm::Exchange& exchange_;
};

Deadline soon() {
    return Deadline::in(milliseconds(20'000));
}

std::shared_ptr<comm::host::Mesh> mesh_of(Rank& rank, comm::Exchange& exchange) {
    return comm::host::connect_mesh(rank.step, exchange, rank.channel, "127.0.0.1", soon(),
                                    milliseconds(600'000));
}

void send_around(const std::shared_ptr<comm::host::Mesh>& mesh) {
    std::array<std::byte, 64> area{};
    LeaderLinks links(mesh, area.data(), area.size());
    links.barrier();
    area[0] = static_cast<std::byte>(links.here() + 1);
    const int next = (links.here() + 1) % links.size();
    const int before = (links.here() + links.size() - 1) % links.size();
    links.offer(before, area.data() + 1);
    links.send(next, area.data(), 1);
    links.finish_receive(before);
    links.finish_send(next);
    expect(area[1] == static_cast<std::byte>(before + 1), "another leader's byte arrived");
    links.barrier();
}

}  // namespace

TEST_CASE("comm: leaders meet in one exchange of all ranks, and reach each other") {
    for (const std::vector<int>& layout :
         {std::vector<int>{2, 2}, std::vector<int>{1, 3, 2}, std::vector<int>{1, 1, 1, 1, 1}}) {
        CAPTURE(layout.size());
        const auto outcome = fork_ranks(layout, [](Rank& rank) {
            Counted exchange(rank.channel);
            const auto mesh = mesh_of(rank, exchange);
            expect(exchange.rounds == 1, "every rank takes part once");
            expect((mesh != nullptr) == (rank.step.local_rank == 0), "leaders have a mesh");
            if (mesh) send_around(mesh);
        });
        for (const int status : outcome.status) CHECK(status == 0);
    }
}

TEST_CASE("comm: a leader that never connects ends the others when the set-up's time is over") {
    const auto outcome = fork_ranks({1, 2}, [](Rank& rank) {
        if (rank.step.rank == 1) {  // takes part in the exchange, and is gone when others connect
            const auto words = comm::host::Mesh(1, 2, milliseconds(600'000)).listen("127.0.0.1");
            rank.channel.all_gather(comm::channel::pack(words), soon());
            while (!rank.channel.failure()) std::this_thread::sleep_for(milliseconds(10));
            rank.channel.check();
        }
        Counted exchange(rank.channel);
        const auto setup = Deadline::in(milliseconds(500));
        comm::host::connect_mesh(rank.step, exchange, rank.channel, "127.0.0.1", setup,
                                 milliseconds(600'000));
        if (rank.step.rank == 2) {
            while (!rank.channel.failure()) std::this_thread::sleep_for(milliseconds(10));
            rank.channel.check();
        }
    });
    CHECK(outcome.status == std::vector<int>{3, 3, 3});
}

TEST_CASE("comm: an interrupt ends a wait in another thread") {
    const auto outcome = fork_ranks({1, 1}, [](Rank& rank) {
        const auto mesh = mesh_of(rank, rank.channel);
        std::array<std::byte, 64> area{};
        LeaderLinks links(mesh, area.data(), area.size());
        links.barrier();
        if (rank.step.rank == 1) {
            rank.channel.agree(0, soon());
            return;
        }
        std::thread other([&] {
            std::this_thread::sleep_for(milliseconds(50));
            mesh->interrupt();
        });
        bool ended = false;
        try {
            links.barrier();  // the other leader does not come
        } catch (const std::exception&) {
            ended = true;
        }
        other.join();
        expect(ended, "the wait ends with an error");
        rank.channel.agree(0, soon());
    });
    CHECK(outcome.status == std::vector<int>{0, 0});
}
