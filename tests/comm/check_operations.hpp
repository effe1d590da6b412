// SPDX-License-Identifier: Apache-2.0
// What every communicator must do, whatever it is made of: each operation against a reference that
// looks at one element at a time. Runs inside a rank; throws what is wrong.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "runtime/comm/communicator.hpp"

namespace warpstep::test {

/// A communicator and what its operations need. The memory can be read and written by the CPU.
struct Subject {
    comm::Communicator& communicator;
    device::Stream& stream;
    std::function<std::unique_ptr<device::Buffer>(std::size_t bytes)> memory;
    /// Runs what issues operations on `stream` and returns when they are done: at once, or captured
    /// into a graph and launched.
    std::function<void(const std::function<void()>&)> run;
};

/// All operations with `count` elements of `dtype`, every reduction, the first and the last root,
/// in place and not. Collective.
void check_operations(const Subject& subject, DType dtype, std::size_t count);
/// Messages: around the ring, several in a row, to oneself, from all to all, in groups with and
/// without collectives. Collective.
void check_messages(const Subject& subject, std::size_t count);

}  // namespace warpstep::test
