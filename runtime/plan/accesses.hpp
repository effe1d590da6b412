// SPDX-License-Identifier: Apache-2.0
// What a step touches, read from the file alone: no rank, no memory.
#pragma once

#include <set>
#include <string>

#include "runtime/workload/workload.hpp"

namespace warpstep::plan {

/// Names in alphabetical order. A buffer that is updated is in both lists.
struct Accesses {
    std::set<std::string> reads, writes;
    std::set<std::string> data;  ///< loop variables of batches, and whole datasets

    bool touches(const std::string& buffer) const {
        return reads.count(buffer) > 0 || writes.count(buffer) > 0;
    }
    void add(const Accesses& other);
    bool operator==(const Accesses&) const = default;
};

/// By the roles of the kernel's parameters, of `kernels.<id>.args` or of the operation's arguments;
/// what `verify` compares with counts as read. What only one rank of a rooted collective writes
/// counts as written on all. A container touches what is touched inside. Errors: LogicError for an
/// operation that nobody has.
Accesses accesses_of(const workload::Step& step, const workload::Workload& workload);

/// accesses_of() without the steps inside.
Accesses own_accesses_of(const workload::Step& step, const workload::Workload& workload);
/// What `run` touches, without `verify`; nothing for a container.
Accesses run_accesses_of(const workload::Step& step, const workload::Workload& workload);

}  // namespace warpstep::plan
