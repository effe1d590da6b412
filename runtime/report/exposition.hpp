// SPDX-License-Identifier: Apache-2.0
// The text format of Prometheus. Source: prometheus.io/docs/instrumenting/exposition_formats,
// "Text-based format". Private to this room.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace warpstep::report {

using Labels = std::vector<std::pair<std::string_view, std::string>>;

/// All samples of one name, which must stand together.
class Family {
  public:
    Family(std::string name, std::string help) : name_(std::move(name)), help_(std::move(help)) {}
    const std::string& name() const { return name_; }
    /// What was not measured (NaN, infinity) has no sample.
    void add(const Labels& labels, double value);
    /// With HELP and TYPE; "" without samples.
    std::string text() const;

  private:
    std::string name_, help_, samples_;
};

}  // namespace warpstep::report
