// SPDX-License-Identifier: Apache-2.0
// Walks an expression and refuses names and functions that have no meaning where it stands.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "runtime/workload/expression.hpp"
#include "runtime/workload/place.hpp"

namespace warpstep::workload {

class NameCheck {
  public:
    explicit NameCheck(const Expression& expression) : expression_(expression) {}
    virtual ~NameCheck() = default;
    NameCheck(const NameCheck&) = delete;
    NameCheck& operator=(const NameCheck&) = delete;

    /// Errors: ConfigError at the first name or function that is not known.
    void walk(const Node& node) const;

  protected:
    /// May itself refuse the node, where it has more to say than "unknown name".
    virtual bool knows(const Node& name) const = 0;
    virtual bool knows_function(std::string_view name) const = 0;
    /// Whether a name compared with this one may be a word: device.kind == cuda.
    virtual bool is_text(std::string_view name) const = 0;
    /// All that is known, for "did you mean".
    virtual std::vector<std::string> names() const = 0;
    virtual std::vector<std::string> functions() const = 0;
    /// True when the call was looked at as a whole, so that its arguments are not walked.
    virtual bool check_call(const Node& call) const;

    template <typename... Args>
    [[noreturn]] void refuse(const Node& node, fmt::format_string<Args...> format,
                             Args&&... args) const {
        fail_at(shifted(expression_.mark(), node.column), "{}",
                fmt::format(format, std::forward<Args>(args)...));
    }
    const Expression& expression() const { return expression_; }

  private:
    bool may_be_beside_word(const Node& node) const;

    const Expression& expression_;
};

}  // namespace warpstep::workload
