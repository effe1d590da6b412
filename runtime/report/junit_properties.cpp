// SPDX-License-Identifier: Apache-2.0
#include "runtime/report/junit_properties.hpp"

#include <fmt/format.h>

#include "runtime/report/xml_text.hpp"

namespace warpstep::report {

std::string junit_properties(const std::vector<std::pair<std::string_view, std::string>>& all) {
    std::string text = "    <properties>\n";
    for (const auto& [name, value] : all) {
        if (value.empty()) continue;
        text +=
            fmt::format("      <property name=\"{}\" value=\"{}\"/>\n", name, xml_attribute(value));
    }
    return text + "    </properties>\n";
}

}  // namespace warpstep::report
