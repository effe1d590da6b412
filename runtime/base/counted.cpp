// SPDX-License-Identifier: Apache-2.0
#include "runtime/base/counted.hpp"

#include <fmt/format.h>

namespace warpstep {

std::string counted(std::int64_t count, std::string_view noun) {
    const char* const ending = count == 1 ? "" : noun.ends_with('s') ? "es" : "s";
    return fmt::format("{} {}{}", count, noun, ending);
}

}  // namespace warpstep
