// SPDX-License-Identifier: Apache-2.0
// What an expression comes to before its names have values: a number of some unit, a truth value
// or a word.
#pragma once

#include <optional>
#include <string>

#include "runtime/workload/expression.hpp"

namespace warpstep::workload {

struct Type {
    enum class Kind { number, truth, word };
    Kind kind = Kind::number;
    Unit unit = {};  ///< of a number
    friend bool operator==(const Type&, const Type&) = default;
};
/// "bytes/s", "a plain number", "true or false", "a word".
std::string show(const Type& type);
/// Of a value.
Type type_of(const Value& value);

/// What names and functions over names are where an expression stands.
class TypeScope {
  public:
    virtual ~TypeScope() = default;
    /// Of a name, or of a call of a function that is not builtin. Nothing: it cannot be told.
    virtual std::optional<Type> find(const Node& node) const = 0;
};

/// Nothing where it depends on what cannot be told. Errors: ConfigError with the place where no
/// values could make sense: bytes and seconds added, a number taken as a truth value.
std::optional<Type> type_of(const Expression& expression, const TypeScope& scope);
/// Errors: as above; ConfigError when it is certainly no truth value.
void need_truth(const Expression& expression, const TypeScope& scope);

}  // namespace warpstep::workload
