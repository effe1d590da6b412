// SPDX-License-Identifier: Apache-2.0
// The buffers of a workload: how large they are and what they hold first.
#pragma once

#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "runtime/data/buffer_file.hpp"
#include "runtime/plan/rank_scope.hpp"
#include "runtime/workload/workload.hpp"

namespace warpstep::plan {

/// A buffer's size and initial content, evaluated for this rank.
struct BufferPlan {
    std::string name;
    DType dtype = DType::f32;
    std::int64_t count = 0;           ///< product of the shape
    std::vector<std::int64_t> shape;  ///< as written: one extent for `count`
    workload::MemoryKind memory = workload::MemoryKind::device;
    workload::BufferInit::Kind init = workload::BufferInit::Kind::zero;
    double number = 0;
    std::uint64_t seed = 0;
    std::shared_ptr<const data::BufferFile> file = {};  ///< of `init: { file }`, opened and checked
    bool collective =
        false;  ///< takes part in a collective: allocated where the communicator reaches it fastest

    std::size_t bytes() const { return static_cast<std::size_t>(count) * size_of(dtype); }
    bool operator==(const BufferPlan&) const = default;
};

/// Errors: ConfigError with the buffer's place for a negative count, one beyond 2^62 bytes, first
/// values that do not fit the type, or a file that has not what the buffer needs.
std::vector<BufferPlan> plan_buffers(const workload::Workload& workload, const RankScope& scope,
                                     const std::set<std::string>& collective);

}  // namespace warpstep::plan
