// SPDX-License-Identifier: Apache-2.0
// What operations refuse of their arguments, by sizes and types alone; private to this room.
#pragma once

#include "runtime/plan/fitting.hpp"

namespace warpstep::plan {

// All of these throw ConfigError.
void check_collective(const workload::Step& step, const Fitting& fitting);
void check_copy(const workload::Step& step, const Fitting& fitting);
void check_halo_exchange(const workload::Step& step, const Fitting& fitting);
void check_linear_evaluate(const workload::Step& step, const Fitting& fitting);
void check_peer_copy(const workload::Step& step, const Fitting& fitting);
void check_store(const workload::Step& step, const Fitting& fitting);
/// Of a step that runs a kernel of the catalog.
void check_kernel(const workload::Step& step, const Fitting& fitting);

}  // namespace warpstep::plan
