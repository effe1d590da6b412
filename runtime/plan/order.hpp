// SPDX-License-Identifier: Apache-2.0
// Which steps of one list come before which others: by streams and by `needs`.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "runtime/workload/workload.hpp"

namespace warpstep::plan {

/// The stream that a step stands on: "" is the default stream, which containers always use.
const std::string& stream_of(const workload::Step& step);

/// The order of one list. Steps of one stream run in file order; between streams a path through
/// `needs` and stream order decides. A step that is not active on this rank keeps its place: what
/// needs it waits for what it needs.
class Order {
  public:
    /// Errors: ConfigError with the place of the name and of the other step, for `needs` that name
    /// no step of the list, the step itself or one that stands below; a cycle is shown as such.
    explicit Order(const std::vector<workload::Step>& steps);

    /// Whether step `first` has ended when step `second` begins; both by index.
    bool before(std::size_t first, std::size_t second) const {
        return clocks_[second * streams_ + stream_[first]] > position_[first];
    }
    /// The steps that must have ended: the one before it on its stream, and those it needs.
    const std::vector<std::size_t>& predecessors(std::size_t step) const {
        return predecessors_[step];
    }
    /// The stream of a step, numbered by first use in the list.
    std::size_t stream(std::size_t step) const { return stream_[step]; }
    std::size_t streams() const { return streams_; }

  private:
    std::size_t streams_ = 0;
    std::vector<std::size_t> stream_, position_;  ///< position among the steps of its stream
    std::vector<std::vector<std::size_t>> predecessors_;
    /// For each step and stream: how many of the stream's steps have ended when it begins.
    std::vector<std::size_t> clocks_;
};

/// The longest chain: seconds from the first step's begin to the last one's end where steps wait
/// for their predecessors only. Precondition: one number for each step, 0 for what does not run.
double critical_path(const std::vector<workload::Step>& steps, const std::vector<double>& seconds);

/// `needs` and `streams` of every list of the workload. Errors: as Order's constructor.
void check_order(const workload::Workload& workload);

}  // namespace warpstep::plan
