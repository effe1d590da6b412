// SPDX-License-Identifier: Apache-2.0
// The expression language of workload files: closed, total, typed, unit-aware; no loops, no
// assignment.
//
//   expression := or;  or := and {"or" and};  and := not {"and" not};  not := "not" not |
//   comparison comparison := sum [("=="|"!="|"<"|"<="|">"|">=") sum];  sum := product {("+"|"-")
//   product} product := unary {("*"|"/"|"%") unary};  unary := "-" unary | primary primary :=
//   number[unit] | "true" | "false" | dotted.name | name "(" [expression {"," expression}] ")" |
//   "(" expression ")"
//
// Numbers: exact 64-bit integers where they have no point or exponent. Suffixes: counts Ki Mi Gi
// Ti; bytes B KiB MiB GiB TiB KB MB GB TB; durations ns us ms s m h; rates kB/s … TB/s, GiB/s,
// GFLOP/s, TFLOP/s …; "%" directly behind a number divides by 100 (a remainder is written with
// spaces: `a % b`, and has the sign of b).
//
// A name that the scope does not know is a word where it is compared by == or != with a text:
// `device.kind == cuda`. Names below `steps.` may hold dashes in the step's name:
// `steps.copy-up.time.median`.
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/workload/value.hpp"

namespace warpstep::workload {

/// A place in a file, 1-based; shown as file:line:column, or "file: column N" where there are no
/// lines (line 0).
struct Mark {
    std::string file;
    int line = 0;
    int column = 0;
    bool exact = true;  ///< false: the text behind it was folded or unescaped, so offsets into it
                        ///< are not columns
};
std::string show(const Mark& mark);

/// One node of the syntax tree; public so that element expressions (verify: equals) can be walked
/// over buffers.
struct Node {
    enum class Kind { number, name, call, unary, binary };
    Kind kind = Kind::number;
    Value value;                 ///< of a number, also true/false
    std::string text;            ///< name, function or operator ("-", "not", "+", "and", "<=", …)
    std::vector<Node> operands;  ///< arguments of a call, operands of an operator
    int column = 0;              ///< offset in the expression's text, 0-based
};

/// What names mean where an expression is evaluated.
class Scope {
  public:
    virtual ~Scope() = default;
    /// The value of a (dotted) name, or nothing when it is unknown here.
    virtual std::optional<Value> find(std::string_view name) const = 0;
    /// A function whose arguments are names rather than values, such as spread(bandwidth.median).
    /// Nothing when this scope has no such function.
    virtual std::optional<Value> call(std::string_view function,
                                      const std::vector<std::string>& argument_names) const {
        (void)function, (void)argument_names;
        return std::nullopt;
    }
    /// What a call of a function over names or elements came to, where it was measured before:
    /// max_abs(w - train.true_weights).
    virtual std::optional<Value> measured(const Node& call) const {
        (void)call;
        return std::nullopt;
    }
    /// All names (and functions over names) known here, for "did you mean".
    virtual std::vector<std::string> names() const { return {}; }
};

/// The node as text, the same for the same tree: "max_abs(w - train.true_weights)".
std::string show(const Node& node);

/// A parsed expression: text, syntax tree and where it stands.
class Expression {
  public:
    /// Errors: ConfigError with file:line:column of the offending character.
    static Expression parse(std::string text, Mark mark = {});
    /// A constant.
    static Expression constant(Value value);

    /// Errors: ConfigError (unknown name, units that do not match, division by zero, integer
    /// overflow), with the place.
    Value evaluate(const Scope& scope) const;
    /// evaluate() and a check of the type. Errors: ConfigError as above or "expected a whole number
    /// (…)".
    std::int64_t evaluate_count(const Scope& scope) const;
    double evaluate_number(const Scope& scope) const;
    bool evaluate_truth(const Scope& scope) const;

    const Node& root() const { return *root_; }
    const std::string& text() const { return text_; }
    const Mark& mark() const { return mark_; }
    /// Every name that is read (also inside functions over names).
    std::set<std::string> names() const;
    /// Whether any name is read; without one, the value is the same everywhere.
    bool has_names() const;

  private:
    std::string text_;
    Mark mark_;
    std::shared_ptr<const Node> root_;
};

}  // namespace warpstep::workload
