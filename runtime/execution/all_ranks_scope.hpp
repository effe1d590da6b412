// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "runtime/execution/result.hpp"

namespace warpstep::execution {

/// The names of one rank, seen with the results of all: spread(x), worst(x).
class AllRanksScope final : public workload::Scope {
  public:
    /// Inside `step` (unless empty), "bandwidth.median" means "steps.<step>.bandwidth.median".
    AllRanksScope(const std::vector<RankResult>& ranks, std::size_t rank, const std::string& step);

    std::optional<workload::Value> find(std::string_view name) const override;
    std::optional<workload::Value> call(std::string_view function,
                                        const std::vector<std::string>& arguments) const override;
    std::optional<workload::Value> measured(const workload::Node& call) const override;
    std::vector<std::string> names() const override;

  private:
    std::optional<workload::Value> find_on(const RankResult& rank, std::string_view name) const;
    /// Why a number that its step should have has no value here; "" where it is no such number.
    std::string why_missing(std::string_view name) const;
    std::optional<workload::Value> equal_everywhere(const std::string& key) const;
    std::optional<workload::Value> spread(const std::string& name) const;
    std::optional<workload::Value> worst(const std::string& name) const;

    const std::vector<RankResult>& ranks_;
    std::size_t rank_;
    std::string prefix_;
};

}  // namespace warpstep::execution
