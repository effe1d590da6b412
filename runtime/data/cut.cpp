// SPDX-License-Identifier: Apache-2.0
#include "runtime/data/cut.hpp"

#include <algorithm>

#include "runtime/base/error.hpp"

namespace warpstep::data {

// Of a sharded table.
std::int64_t Cut::rows_per_member(int members) const {
    return *shard == workload::Uneven::wrap ? (rows + members - 1) / members : rows / members;
}

// Of all members for a batch that is split, else of one.
std::int64_t Cut::rows_per_turn(int members) const {
    const std::int64_t most = std::min(rows, batch_rows);
    if (shard || global_batch) return most;
    return most > rows / members ? rows : most * members;
}

std::int64_t Cut::turns(int members) const {
    const std::int64_t all = shard ? rows_per_member(members) : rows;
    const std::int64_t each = rows_per_turn(members);
    return (all + each - 1) / each;
}

std::int64_t Cut::some_turns(int members, const std::string& dataset) const {
    const std::int64_t found = turns(members);
    if (found == 0) {
        fail<ConfigError>(
            "dataset '{}' has {} rows for {} members ('uneven: drop' leaves none); use fewer "
            "ranks "
            "or 'uneven: wrap'",
            dataset, rows, members);
    }
    return found;
}

Places Cut::places(std::int64_t turn, int member, int members) const {
    const std::int64_t each = rows_per_turn(members);
    const std::int64_t all = shard ? rows_per_member(members) : rows;
    const std::int64_t begin = std::min(all, turn * each);
    const std::int64_t count = std::min(each, all - begin);
    if (shard) return {begin * members + member, members, count, count * members};
    // Not count * member / members, which would overflow for a huge table.
    const auto at = [&](int m) {
        return begin + count / members * m + count % members * m / members;
    };
    return {at(member), 1, at(member + 1) - at(member), count};
}

std::int64_t Cut::largest_share(int members) const {
    const std::int64_t each = rows_per_turn(members);
    return shard ? std::min(each, rows_per_member(members)) : (each + members - 1) / members;
}

std::int64_t Cut::repeats(int members) const {
    return shard ? std::max<std::int64_t>(0, rows_per_member(members) * members - rows) : 0;
}

}  // namespace warpstep::data
