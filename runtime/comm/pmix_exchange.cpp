// SPDX-License-Identifier: Apache-2.0
#include "runtime/comm/pmix_exchange.hpp"

#include <algorithm>
#include <thread>
#include <utility>

#include "runtime/base/error.hpp"
#include "runtime/comm/rank_names.hpp"
#include "runtime/step/stop_signal.hpp"

namespace warpstep::comm {
namespace {

using How = step::FenceEnd::How;
using std::chrono::milliseconds;

// Answers of living ranks come within milliseconds; those of missing ones never.
constexpr milliseconds probe_limit{1500};

std::vector<int> empty_places(const std::vector<std::optional<std::string>>& values) {
    std::vector<int> empty;
    for (std::size_t rank = 0; rank < values.size(); ++rank) {
        if (!values[rank]) empty.push_back(static_cast<int>(rank));
    }
    return empty;
}

// Every rank asking every other would be a storm of size^2 questions, so one asks first. When it is
// itself the missing one, nobody ends the step, and then one rank per node asks, then the rest.
milliseconds turn_of(const step::Step& step) {
    if (step.rank == 0) return milliseconds{0};
    return step.local_rank == 0 ? 2 * probe_limit : 4 * probe_limit;
}

std::string why(const step::FenceEnd& end, double waited_s) {
    switch (end.how) {
        case How::cancelled:
            return fmt::format("stopped by signal {} after {:.1f} s", step::stop_signal(),
                               waited_s);
        case How::failed:
            return fmt::format("PMIx says {} after {:.1f} s", end.reason, waited_s);
        case How::overdue:
        case How::done:
            break;
    }
    return fmt::format("waited {:.1f} s", waited_s);
}

}  // namespace

std::vector<std::string> PmixExchange::all_gather(std::string_view mine, Deadline deadline) {
    const auto start = Deadline::Clock::now();
    const std::string key = fmt::format("warpstep.{}", calls_++);
    session_.put(key, mine);
    session_.commit();
    const step::FenceEnd end = session_.fence(deadline, step::stop_requested);
    const double waited_s = std::chrono::duration<double>(Deadline::Clock::now() - start).count();
    if (end.how != How::done) {
        std::this_thread::sleep_for(turn_of(step_));
        refuse_missing(empty_places(values_of(key, {}, step::Reach::peers, probe_limit)), end,
                       waited_s);
    }
    // A fence that ended is no proof that all came: a rank that died before it counts as arrived.
    // What this node does not hold is asked for once, for servers that do not spread the data of a
    // fence.
    const auto limit = std::max(deadline.left(), probe_limit);
    auto values = values_of(key, {}, step::Reach::known, limit);
    if (!empty_places(values).empty()) {
        values = values_of(key, std::move(values), step::Reach::peers, probe_limit);
    }
    const auto missing = empty_places(values);
    if (!missing.empty()) refuse_missing(missing, end, waited_s);

    std::vector<std::string> blobs;
    for (auto& value : values) blobs.push_back(std::move(*value));
    return blobs;
}

PmixExchange::Values PmixExchange::values_of(const std::string& key, Values known,
                                             step::Reach reach, milliseconds limit) {
    known.resize(static_cast<std::size_t>(step_.size));
    const auto wanted = empty_places(known);
    auto found = session_.collect(key, wanted, reach, Deadline::in(limit));
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        known[static_cast<std::size_t>(wanted[i])] = std::move(found[i]);
    }
    return known;
}

void PmixExchange::refuse_missing(const std::vector<int>& missing, const step::FenceEnd& end,
                                  double waited_s) const {
    if (missing.empty()) {
        fail<CommError>(
            "the ranks did not meet although each one had arrived ({}; one may have died since); "
            "see "
            "the first error above, or raise the deadline",
            why(end, waited_s));
    }
    const bool one = missing.size() == 1;
    fail<CommError>(
        "{} never arrived ({}); see what {} printed, and whether {} this command at all",
        show_ranks(missing, step_), why(end, waited_s), one ? "it" : "they",
        one ? "it runs" : "they run");
}

}  // namespace warpstep::comm
