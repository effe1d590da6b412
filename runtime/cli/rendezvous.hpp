// SPDX-License-Identifier: Apache-2.0
// Where the processes of the user's program meet: an address and ports of rank 0's node.
#pragma once

#include <string>
#include <vector>

namespace warpstep::cli {

/// A port that is bound, but not listening: a program that sets SO_REUSEADDR may already take it,
/// others once this is gone. Move-only; closes on exec.
class ReservedPort {
  public:
    /// The first free port from 61000 up that the system does not give out by itself, beginning
    /// where `seed` says, so that steps on one node begin at different places. Errors:
    /// EnvironmentError when none is free.
    explicit ReservedPort(unsigned seed);
    ReservedPort(ReservedPort&& other) noexcept;
    ReservedPort& operator=(ReservedPort&& other) noexcept;
    ~ReservedPort();
    int number() const { return number_; }

  private:
    int fd_ = -1, number_ = 0;
};

/// The ports of 61000 to 65535 that lie outside the range from which the system gives out ports.
/// `range` is the content of /proc/sys/net/ipv4/ip_local_port_range.
std::vector<int> reservable_ports(const std::string& range);

/// The name of the interface that has this address, "" when none has.
std::string interface_of(const std::string& address);

}  // namespace warpstep::cli
