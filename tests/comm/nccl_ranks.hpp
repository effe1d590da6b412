// SPDX-License-Identifier: Apache-2.0
// Ranks of the stand-in NCCL: what a forked rank needs to take part.
#pragma once

#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "runtime/cuda/backend.hpp"
#include "tests/comm/check_operations.hpp"
#include "tests/emulated/flush_coverage.hpp"
#include "tests/support/fork_ranks.hpp"

namespace warpstep::test {

struct NcclOptions {
    int devices = 1;  ///< of each task
    int roots = 1;
    std::string host_id;
    bool one_gpu = false;  ///< all ranks take the first
    std::chrono::milliseconds start{10'000}, operation{10'000};
};

/// A rank with its devices, a stream on each, and its NCCL communicators.
class NcclRank {
  public:
    /// Collective. Ranks take the stand-in GPUs in order, as if all were on one machine.
    explicit NcclRank(Rank& rank, const NcclOptions& options = {}) {
        ::setenv("STAND_IN_DEVICES", "8", 1);
        auto& cuda = comm::cuda_backend();
        comm::NcclStart start{{},
                              rank.step.size * options.devices,
                              unique_ids(rank, options.roots),
                              "test",
                              options.host_id,
                              rank.channel,
                              Deadline::in(options.start),
                              options.operation};
        for (int i = 0; i < options.devices; ++i) {
            const int number = rank.step.rank * options.devices + i;
            devices_.push_back(cuda.open(options.one_gpu ? 0 : number));
            start.members.push_back({devices_.back().get(), number});
            streams_.push_back(devices_.back()->make_stream(false));
        }
        communicators_ = cuda.connect(start);
    }

    comm::Communicator& communicator(std::size_t i = 0) { return *communicators_[i]; }
    device::Device& device(std::size_t i = 0) { return *devices_[i]; }
    device::Stream& stream(std::size_t i = 0) { return *streams_[i]; }

    /// For check_operations() of `communicator` on the first device.
    Subject subject(comm::Communicator& communicator, bool captured) {
        const auto now = [this, &communicator](const std::function<void()>& work) {
            work();
            communicator.wait(stream());
        };
        const auto later = [this, &communicator](const std::function<void()>& work) {
            const auto graph = device().capture(stream(), work);
            graph->launch(stream());
            communicator.wait(stream());
        };
        const auto memory = [&communicator](std::size_t bytes) {
            return communicator.allocate(bytes);
        };
        if (captured) return {communicator, stream(), memory, later};
        return {communicator, stream(), memory, now};
    }

  private:
    struct Flush {
        ~Flush() { flush_coverage(); }
    };

    static std::vector<std::string> unique_ids(Rank& rank, int roots) {
        const bool makes = rank.step.rank < roots;
        const auto mine = makes ? comm::cuda_backend().nccl_unique_id() : std::string();
        auto all = rank.channel.all_gather(mine, Deadline::in(std::chrono::seconds(10)));
        all.resize(static_cast<std::size_t>(roots));
        return all;
    }

    Flush flush_;  ///< the last to go
    std::vector<std::unique_ptr<device::Device>> devices_;
    std::vector<std::unique_ptr<device::Stream>> streams_;
    std::vector<std::unique_ptr<comm::Communicator>> communicators_;
};

}  // namespace warpstep::test
