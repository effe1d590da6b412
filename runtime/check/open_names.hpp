// SPDX-License-Identifier: Apache-2.0
// A text without what is a subject's own, so that two subjects of whom the same is said compare
// equal.
#pragma once

#include <string>

#include "runtime/check/finding.hpp"

namespace warpstep::check {

/// `text` with marks in place of the subject's UUID, serial number, PCI address and node.
/// What is left is what must be the same for commands to be put together.
std::string with_own_names_open(std::string text, const Subject& subject);
/// The same, with marks also for every number, list of numbers and UUID: what must be the same for
/// evidence to be put together.
std::string with_open_names(std::string text, const Subject& subject);

/// The mark that stands for each.
inline constexpr char uuid_mark = '\x01', serial_mark = '\x02', pci_mark = '\x03',
                      node_mark = '\x05', number_mark = '\x06';

}  // namespace warpstep::check
