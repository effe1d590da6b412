// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/device/device.hpp"
#include "runtime/step/step.hpp"
#include "runtime/workload/expression.hpp"
#include "runtime/workload/workload.hpp"

namespace warpstep::plan {

using Names = std::map<std::string, workload::Value, std::less<>>;

/// The names that a scope was asked for, in the order of the first question.
class Asked {
  public:
    void add(std::string_view name) {
        if (known_.emplace(name).second) names_.emplace_back(name);
    }
    const std::vector<std::string>& names() const { return names_; }

  private:
    std::vector<std::string> names_;
    std::set<std::string, std::less<>> known_;
};

/// What names mean on one rank: identity, device facts, params, loop variables.
class RankScope final : public workload::Scope {
  public:
    /// Evaluates the params in order. Errors: ConfigError of an expression.
    RankScope(const workload::Workload& workload, const step::Step& step,
              const device::Facts& device, int device_index = 0, int devices = 1);

    void set(std::string_view name, workload::Value value);
    /// A name that changes while the program runs, such as epoch or batch.size.
    void set_loop(std::string_view name, workload::Value value);
    bool is_loop_name(std::string_view name) const { return loop_names_.count(name) > 0; }
    std::optional<workload::Value> find(std::string_view name) const override;
    std::vector<std::string> names() const override;
    /// A whole number that every rank has: "rank". Errors: LogicError.
    std::int64_t count(std::string_view name) const;
    /// From here on names that do not change while the program runs are noted when they are asked
    /// for; nullptr: no more.
    void record(Asked* asked) { asked_ = asked; }
    const Names& all() const { return names_; }

  private:
    void set_facts(const std::string& prefix, const device::Facts& device);

    Names names_;
    std::set<std::string, std::less<>> loop_names_;
    Asked* asked_ = nullptr;
};

workload::Value count_value(std::int64_t count);
workload::Value number_value(double number, workload::Unit unit = workload::no_unit);
workload::Value text_value(std::string text);

}  // namespace warpstep::plan
