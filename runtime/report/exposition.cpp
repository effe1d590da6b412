// SPDX-License-Identifier: Apache-2.0
#include "runtime/report/exposition.hpp"

#include <fmt/format.h>

#include <cmath>

#include "runtime/base/text.hpp"
#include "runtime/report/format_texts.hpp"

namespace warpstep::report {
namespace {

std::string label_value(const std::string& text) {
    std::string result;
    for (const char c : valid_utf8(text)) {
        if (c == '\n') {
            result += "\\n";
        } else {
            if (c == '\\' || c == '"') result += '\\';
            result += c;
        }
    }
    return result;
}

}  // namespace

void Family::add(const Labels& labels, double value) {
    if (!std::isfinite(value)) return;
    std::vector<std::string> pairs;
    for (const auto& [name, text] : labels) {
        pairs.push_back(fmt::format("{}=\"{}\"", name, label_value(text)));
    }
    samples_ += fmt::format("{}{{{}}} {}\n", name_, join(pairs, ","), value);
}

std::string Family::text() const {
    if (samples_.empty()) return "";
    return fmt::format("# HELP {} {}\n# TYPE {} gauge\n{}", name_, help_, name_, samples_);
}

}  // namespace warpstep::report
