// SPDX-License-Identifier: Apache-2.0
#include "runtime/step/join.hpp"

namespace warpstep::step {

Identity join_step(std::optional<PmixSession>& session) {
    const Environment environment = read_environment();
    refuse_stale_variables(environment);
    session = PmixSession::open();
    if (!session) return identify(environment, std::nullopt);
    return identify(environment, session->facts());
}

}  // namespace warpstep::step
