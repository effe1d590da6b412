// SPDX-License-Identifier: Apache-2.0
// What a file has declared so far, so that a name nobody declared is found before anything runs.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/workload/expression.hpp"

namespace warpstep::workload {

class DeclaredNames {
  public:
    enum class Kind { param, buffer, dataset, counter, batch };

    /// Errors: ConfigError when it is no identifier, reserved or already taken.
    void declare(Kind kind, const std::string& name, const Mark& mark);
    /// Forgets a loop variable at the end of its loop.
    void forget(const std::string& name);

    bool is(Kind kind, std::string_view name) const;
    std::vector<std::string> all_of(Kind kind) const;
    /// A counter, a batch or a field of a batch: `epoch`, `batch`, `batch.size`.
    bool is_loop_name(std::string_view name) const;

    /// Each refuses the first name or function that has no meaning there.
    void check_fixed(
        const Expression& expression) const;  ///< decided once: params and reserved names
    void check_argument(
        const Expression& expression) const;  ///< of `with:`: also loops; alone: buffers, datasets
    void check_elements(
        const Expression& expression) const;  ///< of `equals:`: also buffers, index, before(buffer)
    /// The same for a part of an expression; also <dataset>.true_weights.
    void check_elements(const Node& node, const Expression& expression) const;

  private:
    std::map<std::string, Kind, std::less<>> kinds_;
    std::vector<std::string> order_;
};

}  // namespace warpstep::workload
