// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/deadline.hpp"

namespace warpstep::comm {

/// How ranks learn small things about each other before (PMIx, shared mapping) and after (control
/// channel) the channel stands. Collective: every rank of the step must call, in the same order.
/// Blocking.
class Exchange {
  public:
    virtual ~Exchange() = default;
    /// Everybody's blob in rank order. Errors: CommError that names the ranks and nodes that did
    /// not arrive by then.
    virtual std::vector<std::string> all_gather(std::string_view mine, Deadline deadline) = 0;
};

}  // namespace warpstep::comm
