// SPDX-License-Identifier: Apache-2.0
#include "runtime/comm/host/messenger.hpp"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <thread>
#include <utility>

#include "runtime/base/error.hpp"
#include "runtime/comm/rank_names.hpp"

namespace warpstep::comm::host {
namespace {

using std::chrono::milliseconds;

constexpr std::chrono::microseconds message_spin{30};
constexpr milliseconds message_slice{50};   // how long a failure elsewhere may stay unnoticed
constexpr milliseconds mixed_slice{1};      // poll() does not hear the bell of the node
constexpr milliseconds time_to_tell{1000};  // a broken connection is often seen before its cause
constexpr std::size_t header_bytes = sizeof(std::uint64_t);
constexpr std::size_t short_bytes = 1024;  // a message that is copied rather than sent in two parts

}  // namespace

/// All transfers with one peer in one direction; only the first that is not done moves.
struct Messenger::Queue {
    Transfer::Way way;
    int peer;
    std::vector<Transfer> transfers;
    std::size_t next = 0;
    bool done() const { return next == transfers.size(); }
};

Messenger::Messenger(const step::Step& step, const ControlChannel& channel, NodeArea& area,
                     std::optional<RemoteLanes> remote)
    : step_(step),
      channel_(channel),
      local_(area, step.local_rank),
      remote_(std::move(remote)),
      local_of_(static_cast<std::size_t>(step.size), -1),
      has_core_(step.local_size <= ::sysconf(_SC_NPROCESSORS_ONLN)) {
    const auto& here = step.node_ranks[static_cast<std::size_t>(step.node)];
    for (std::size_t local = 0; local < here.size(); ++local) {
        local_of_[static_cast<std::size_t>(here[local])] = static_cast<int>(local);
    }
}

void Messenger::run(const std::vector<Transfer>& transfers, Deadline deadline) {
    std::vector<Queue> queues;
    for (const Transfer& transfer : transfers) {
        const auto same = [&](const Queue& queue) {
            return queue.peer == transfer.peer && queue.way == transfer.way;
        };
        auto queue = std::find_if(queues.begin(), queues.end(), same);
        if (queue == queues.end()) {
            queue = queues.insert(queues.end(), {transfer.way, transfer.peer, {}});
        }
        queue->transfers.push_back(transfer);
        if (transfer.way == Transfer::Way::send) queue->transfers.back().length = transfer.bytes;
    }
    copy_own(queues);
    try {
        advance_all(queues, deadline);
    } catch (const CommError&) {
        const auto told = Deadline::in(time_to_tell);
        while (!channel_.failure() && !told.passed() && !deadline.passed()) {
            std::this_thread::sleep_for(milliseconds(5));
        }
        channel_.check();
        throw;
    }
}

void Messenger::advance_all(std::vector<Queue>& queues, Deadline deadline) {
    auto idle_since = Deadline::Clock::now();
    while (true) {
        const std::uint32_t seen = local_.bell();
        bool moved = false;
        for (Queue& queue : queues) moved = advance(queue, deadline) || moved;
        queues.erase(std::remove_if(queues.begin(), queues.end(),
                                    [](const Queue& queue) { return queue.done(); }),
                     queues.end());
        if (queues.empty()) return;
        const auto now = Deadline::Clock::now();
        if (moved) idle_since = now;
        if (moved) continue;
        if (has_core_ && now < idle_since + message_spin) {
            std::this_thread::yield();
            continue;
        }
        channel_.check();
        if (deadline.passed()) fail_for_missing(queues.front());
        pause(queues, seen);
    }
}

bool Messenger::advance(Queue& queue, Deadline deadline) {
    bool moved = false;
    while (!queue.done()) {
        Transfer& transfer = queue.transfers[queue.next];
        std::size_t count = 0;
        if (transfer.done == 0 && transfer.bytes <= short_bytes) {
            count = move_at_once(transfer, deadline);
        } else if (transfer.done < header_bytes) {
            auto* header = reinterpret_cast<std::byte*>(&transfer.length);
            count = move(transfer, header + transfer.done, header_bytes - transfer.done, deadline);
            transfer.done += count;
            if (transfer.done == header_bytes) check_length(transfer);
        } else {
            const std::size_t at = transfer.done - header_bytes;
            count = move(transfer, transfer.data + at, transfer.bytes - at, deadline);
            transfer.done += count;
        }
        if (transfer.done == header_bytes + transfer.bytes) ++queue.next;
        moved = moved || count > 0;
        if (count == 0) return moved;
    }
    return moved;
}

// Header and data of a short message, or as much of both as the way takes: one call of the system
// for both, and one packet.
std::size_t Messenger::move_at_once(Transfer& transfer, Deadline deadline) {
    std::array<std::byte, header_bytes + short_bytes> both;
    const bool sends = transfer.way == Transfer::Way::send;
    if (sends) {
        std::memcpy(both.data(), &transfer.length, header_bytes);
        std::memcpy(both.data() + header_bytes, transfer.data, transfer.bytes);
    }
    transfer.done = move(transfer, both.data(), header_bytes + transfer.bytes, deadline);
    if (sends) return transfer.done;
    std::memcpy(&transfer.length, both.data(), std::min(transfer.done, header_bytes));
    if (transfer.done < header_bytes) return transfer.done;
    check_length(transfer);
    std::memcpy(transfer.data, both.data() + header_bytes, transfer.done - header_bytes);
    return transfer.done;
}

std::size_t Messenger::move(Transfer& transfer, std::byte* data, std::size_t bytes,
                            Deadline deadline) {
    const int local = local_of_[static_cast<std::size_t>(transfer.peer)];
    if (transfer.way == Transfer::Way::send) {
        return local >= 0 ? local_.write(local, data, bytes)
                          : remote_->write(transfer.peer, data, bytes, deadline);
    }
    return local >= 0 ? local_.read(local, data, bytes) : remote_->read(transfer.peer, data, bytes);
}

void Messenger::check_length(const Transfer& transfer) const {
    if (transfer.length == transfer.bytes) return;
    fail<CommError>(
        "{} sends {} bytes where {} receives {}; give both sides the same count and type, in the "
        "same order",
        show_ranks({transfer.peer}, step_), transfer.length, show_ranks({step_.rank}, step_),
        transfer.bytes);
}

void Messenger::copy_own(std::vector<Queue>& queues) const {
    const auto find = [&](Transfer::Way way) {
        return std::find_if(queues.begin(), queues.end(), [&](const Queue& queue) {
            return queue.peer == step_.rank && queue.way == way;
        });
    };
    const auto sends = find(Transfer::Way::send);
    const auto receives = find(Transfer::Way::receive);
    if (sends == queues.end() && receives == queues.end()) return;
    const std::size_t sent = sends == queues.end() ? 0 : sends->transfers.size();
    const std::size_t received = receives == queues.end() ? 0 : receives->transfers.size();
    if (sent != received) {
        fail<LogicError>(
            "a rank sends itself {} messages and receives {} from itself in one group (a message "
            "to oneself needs both sides in the same group)",
            sent, received);
    }
    for (std::size_t i = 0; i < sent; ++i) {
        Transfer& receive = receives->transfers[i];
        receive.length = sends->transfers[i].bytes;
        check_length(receive);
        if (receive.data != sends->transfers[i].data) {
            std::memmove(receive.data, sends->transfers[i].data, receive.bytes);
        }
    }
    sends->next = receives->next = sent;
}

void Messenger::pause(const std::vector<Queue>& queues, std::uint32_t seen) {
    std::vector<pollfd> wanted;
    bool local = false;
    for (const Queue& queue : queues) {
        if (is_local(queue.peer)) {
            local = true;
        } else {
            remote_->add_to(wanted, queue.peer, queue.way == Transfer::Way::send);
        }
    }
    if (wanted.empty()) return local_.sleep(seen, message_slice);
    const auto span = local ? mixed_slice : message_slice;
    ::poll(wanted.data(), wanted.size(), static_cast<int>(span.count()));
}

void Messenger::fail_for_missing(const Queue& queue) const {
    const Transfer& transfer = queue.transfers[queue.next];
    const bool sends = queue.way == Transfer::Way::send;
    fail<CommError>(
        "{} did not come to a {} in time ({} waits to {} {} bytes); see its own messages, or give "
        "it more time with --operation-timeout",
        show_ranks({queue.peer}, step_), sends ? "receive" : "send",
        show_ranks({step_.rank}, step_), sends ? "send" : "receive", transfer.bytes);
}

}  // namespace warpstep::comm::host
