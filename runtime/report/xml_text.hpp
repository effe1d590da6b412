// SPDX-License-Identifier: Apache-2.0
// Text inside XML 1.0. Private to this room.
#pragma once

#include <string>
#include <string_view>

namespace warpstep::report {

/// Fit for content: markup characters as references; what XML 1.0 cannot hold (control characters,
/// bytes that are no UTF-8) as U+FFFD.
std::string xml_text(std::string_view text);
/// Fit for an attribute in double quotes: the same with tabs and line ends as references, which
/// would else be read as blanks.
std::string xml_attribute(std::string_view text);

}  // namespace warpstep::report
