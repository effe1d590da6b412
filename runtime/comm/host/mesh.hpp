// SPDX-License-Identifier: Apache-2.0
// Private to comm/host: how the leaders find each other. Names a Gloo type, so it stays out of the
// room's headers.
#pragma once

#include <gloo/context.h>

#include <chrono>
#include <memory>
#include <string>

#include "runtime/base/deadline.hpp"
#include "runtime/comm/control_channel.hpp"
#include "runtime/step/step.hpp"

namespace warpstep::comm::host {

/// Collective over all ranks of `exchange`; the context of all leaders by node index, nullptr on
/// the others. Errors: PeerFailure; CommError when the mesh does not stand by the deadline.
std::shared_ptr<gloo::Context> connect_mesh(const step::Step& step, Exchange& exchange,
                                            const ControlChannel& channel,
                                            const std::string& my_address, Deadline setup,
                                            std::chrono::milliseconds operation_timeout);
/// The part of a rank that has no mesh to connect while others of the exchange have.
void skip_mesh(Exchange& exchange, Deadline setup);

}  // namespace warpstep::comm::host
