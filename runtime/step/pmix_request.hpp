// SPDX-License-Identifier: Apache-2.0
// What the callbacks of PMIx's thread leave for the thread that waits. A request outlives its wait:
// the answer may come after the deadline, so the session keeps it until PMIx is finalized. Private
// to this room.
#pragma once

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "runtime/base/deadline.hpp"
#include "runtime/step/pmix_handles.hpp"

namespace warpstep::step::pmix {

/// Counts answers that are still to come.
class Pending {
  public:
    explicit Pending(std::size_t answers) : left_(answers) {}

    /// Runs `store` under the lock, then counts one answer.
    template <typename Store>
    void answer(Store&& store) {
        {
            const std::lock_guard lock(mutex_);
            store();
            --left_;
        }
        changed_.notify_all();
    }

    /// True when all answers have come; false at the deadline or when cancelled.
    bool wait(Deadline deadline, const std::function<bool()>& cancelled) {
        constexpr std::chrono::milliseconds poll_interval{50};
        std::unique_lock lock(mutex_);
        while (left_ > 0) {
            if (deadline.passed() || (cancelled && cancelled())) return false;
            const auto next = std::min(deadline.at(), Deadline::Clock::now() + poll_interval);
            changed_.wait_until(lock, next);
        }
        return true;
    }

    /// Reads what the callbacks stored.
    template <typename Read>
    auto read(Read&& body) {
        const std::lock_guard lock(mutex_);
        return body();
    }

  private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::size_t left_;
};

struct FenceRequest {
    Pending pending{1};
    pmix_status_t status = PMIX_SUCCESS;
    Directives directives;

    static void on_end(pmix_status_t status, void* self) {
        auto* request = static_cast<FenceRequest*>(self);
        request->pending.answer([&] { request->status = status; });
    }
};

struct CollectRequest {
    struct Place {
        CollectRequest* request;
        std::size_t index;
    };

    CollectRequest(std::size_t count, const std::string& wanted)
        : pending(count), values(count), key(wanted) {
        for (std::size_t index = 0; index < count; ++index) places.push_back({this, index});
    }
    CollectRequest(const CollectRequest&) = delete;
    CollectRequest& operator=(const CollectRequest&) = delete;

    Pending pending;
    std::vector<std::optional<std::string>> values;
    std::vector<Place> places;
    // PMIx borrows these until it answers, which may be long after the wait for it was given up.
    std::string key;
    Directives directives;

    static void on_value(pmix_status_t status, pmix_value_t* value, void* place) {
        const auto* here = static_cast<const Place*>(place);
        here->request->pending.answer([&] {
            if (status == PMIX_SUCCESS && value != nullptr) {
                here->request->values[here->index] = bytes_in(*value);
            }
        });
    }
};

}  // namespace warpstep::step::pmix
