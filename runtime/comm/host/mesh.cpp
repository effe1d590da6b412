// SPDX-License-Identifier: Apache-2.0
#include "runtime/comm/host/mesh.hpp"

#include <gloo/rendezvous/context.h>
#include <gloo/rendezvous/store.h>
#include <gloo/transport/tcp/device.h>
#include <pthread.h>
#include <signal.h>

#include <atomic>
#include <chrono>
#include <exception>
#include <future>
#include <map>
#include <thread>
#include <utility>
#include <vector>

namespace warpstep::comm::host {
namespace {

using std::chrono::milliseconds;

// connectFullMesh calls set() twice per leader and always in the same order, so each call is one
// exchange.
constexpr int exchanges = 2;

/// Gloo's key-value store, made of an exchange: what one leader sets, all have.
class ExchangeStore final : public gloo::rendezvous::Store {
  public:
    ExchangeStore(Exchange& exchange, Deadline setup) : exchange_(exchange), setup_(setup) {}

    /// True once the exchange is not used any more.
    bool done() const { return exchanged_ >= exchanges; }

    void set(const std::string& key, const std::vector<char>& data) override {
        const std::string mine = key + '\n' + std::string(data.begin(), data.end());
        for (const auto& theirs : exchange_.all_gather(mine, setup_)) {
            const auto end = theirs.find('\n');
            if (end == std::string::npos) continue;  // not a leader
            values_[theirs.substr(0, end)] = {theirs.begin() + static_cast<long>(end) + 1,
                                              theirs.end()};
        }
        ++exchanged_;
    }
    std::vector<char> get(const std::string& key) override {
        const auto found = values_.find(key);
        if (found == values_.end()) {
            throw LogicError("Gloo asks for '" + key + "', which no leader has set");
        }
        return found->second;
    }
    void wait(const std::vector<std::string>&) override {}
    void wait(const std::vector<std::string>&, const milliseconds&) override {}

  private:
    Exchange& exchange_;
    Deadline setup_;
    std::atomic<int> exchanged_{0};
    std::map<std::string, std::vector<char>> values_;
};

// Gloo's thread inherits the mask: signals are for the thread that runs the workload.
class WithoutSignals {
  public:
    WithoutSignals() {
        sigset_t all;
        sigfillset(&all);
        pthread_sigmask(SIG_SETMASK, &all, &before_);
    }
    ~WithoutSignals() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
    WithoutSignals(const WithoutSignals&) = delete;
    WithoutSignals& operator=(const WithoutSignals&) = delete;

  private:
    sigset_t before_{};
};

/// All that the connecting thread touches, so that it can be left behind.
struct Attempt {
    Attempt(const step::Step& step, Exchange& exchange, Deadline setup)
        : context(std::make_shared<gloo::rendezvous::Context>(step.node, step.nodes())),
          store(exchange, setup) {}
    std::shared_ptr<gloo::rendezvous::Context> context;
    ExchangeStore store;
    std::promise<void> end;

    void run(const std::string& address) {
        try {
            gloo::transport::tcp::attr where(address.c_str());
            auto device = gloo::transport::tcp::CreateDevice(where);
            context->connectFullMesh(store, device);
            end.set_value();
        } catch (...) {
            end.set_exception(std::current_exception());
        }
    }
};

// Gloo waits for five times its timeout, deaf to failures, when a peer died while the mesh was
// built. So it connects in a thread of its own, which is left behind when there is nothing to wait
// for any more.
void run_watched(const std::shared_ptr<Attempt>& attempt, const std::string& address,
                 const ControlChannel& channel, Deadline setup) {
    auto end = attempt->end.get_future();
    {
        const WithoutSignals scope;
        std::thread([attempt, address] { attempt->run(address); }).detach();
    }
    while (end.wait_for(milliseconds(10)) != std::future_status::ready) {
        if (!attempt->store.done()) continue;  // its exchanges end by themselves
        channel.check();
        if (setup.passed()) {
            fail<CommError>(
                "some nodes' leaders did not answer in time (the set-up's deadline has "
                "passed)");
        }
    }
    end.get();
}

}  // namespace

void skip_mesh(Exchange& exchange, Deadline setup) {
    for (int i = 0; i < exchanges; ++i) exchange.all_gather("", setup);
}

std::shared_ptr<gloo::Context> connect_mesh(const step::Step& step, Exchange& exchange,
                                            const ControlChannel& channel,
                                            const std::string& my_address, Deadline setup,
                                            milliseconds operation_timeout) {
    if (step.local_rank != 0) {
        skip_mesh(exchange, setup);
        return nullptr;
    }
    const auto attempt = std::make_shared<Attempt>(step, exchange, setup);
    attempt->context->setTimeout(operation_timeout);
    try {
        run_watched(attempt, my_address, channel, setup);
    } catch (const PeerFailure&) {
        throw;
    } catch (const std::exception& error) {
        channel.check();
        fail<CommError>(
            "{} cannot connect to the other nodes' leaders from {} ({}); set "
            "WARPSTEP_CONTROL_ADDRESS to the interface that connects the nodes",
            step.node_name(), my_address, error.what());
    }
    return attempt->context;
}

}  // namespace warpstep::comm::host
