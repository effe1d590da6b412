// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "runtime/workload/expression.hpp"

namespace warpstep::workload {

struct Token {
    enum class Kind { number, name, symbol, end };
    Kind kind = Kind::end;
    std::string text;
    Value value;     ///< Kind::number
    int column = 0;  ///< offset in the text
};

/// The tokens of an expression, the last one Kind::end. Errors: ConfigError with the place of the
/// character.
std::vector<Token> tokenize(const std::string& text, const Mark& mark);

}  // namespace warpstep::workload
