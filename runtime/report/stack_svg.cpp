// SPDX-License-Identifier: Apache-2.0
#include "runtime/report/stack_svg.hpp"

#include <algorithm>
#include <cstdio>

#include "runtime/base/error.hpp"

namespace warpstep::report {
namespace {

constexpr std::size_t most_pictures = 8;
constexpr double stack_line_height = 30;

struct Size {
    double width = 0, height = 0;
};

Size size_of(const std::string& picture) {
    constexpr std::string_view key = "viewBox=\"";
    const auto start = picture.find(key);
    Size size;
    double x = 0, y = 0;
    if (start == picture.npos ||
        std::sscanf(picture.c_str() + start + key.size(), "%lf %lf %lf %lf", &x, &y, &size.width,
                    &size.height) != 4)
        fail<LogicError>("a picture without a viewBox");
    return size;
}

/// The document's root element and all below it.
std::string_view root_of(const std::string& picture) {
    return std::string_view(picture).substr(picture.find("<svg"));
}

}  // namespace

std::string stack_svg(const std::vector<std::string>& pictures) {
    std::string body;
    Size whole;
    const std::size_t shown = std::min(pictures.size(), most_pictures);
    for (std::size_t i = 0; i < shown; ++i) {
        const Size size = size_of(pictures[i]);
        body += fmt::format("<svg x=\"0\" y=\"{}\" width=\"{}\" height=\"{}\">\n{}\n</svg>\n",
                            whole.height, size.width, size.height, root_of(pictures[i]));
        whole.width = std::max(whole.width, size.width);
        whole.height += size.height;
    }
    if (shown < pictures.size()) {
        body += fmt::format(
            "<text x=\"24\" y=\"{}\" font-family=\"sans-serif\" font-size=\"15\">"
            "and {} more nodes: see --format json</text>\n",
            whole.height + stack_line_height * 2 / 3, pictures.size() - shown);
        whole.height += stack_line_height;
    }
    return fmt::format(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<svg xmlns=\"http://www.w3.org/2000/svg\" "
        "viewBox=\"0 0 {} {}\" width=\"{}\" height=\"{}\">\n{}</svg>\n",
        whole.width, whole.height, whole.width, whole.height, body);
}

}  // namespace warpstep::report
