// SPDX-License-Identifier: Apache-2.0
#include "runtime/report/placement_canvas.hpp"

#include <fmt/format.h>

namespace warpstep::report {
namespace {

constexpr std::string_view style = R"css(<style>
text{font-family:"DejaVu Sans",Verdana,Helvetica,Arial,sans-serif;fill:#1f2933}
.title{font-size:17px;font-weight:bold}
.sub{font-size:11.5px;fill:#52606d}
.head{font-size:11.5px;font-weight:bold;fill:#3e4c59}
.item{font-size:11px}
.small{font-size:9.5px;fill:#52606d}
.name{font-size:11px;font-weight:bold}
.chip{font-size:9.5px;font-weight:bold;text-anchor:middle}
.cell{font-size:8.5px;text-anchor:middle}
.ringed{stroke:#ffffff;stroke-width:2.5px;paint-order:stroke}
.warn{font-size:11px;font-weight:bold;fill:#b42318}
.machine{fill:#f7f9fb;stroke:#9aa5b1;stroke-width:1.2}
.package{fill:#ffffff;stroke:#7b8794;stroke-width:1.2}
.numa{fill:#f3f6f9;stroke:#cbd2d9}
.side{fill:#fdf8ef;stroke:#d9c9a3}
.card{fill:#ffffff;stroke:#7b8794}
.strip,.pu{stroke:none}
.core{fill:none;stroke:#ffffff;stroke-width:.8}
.idle{fill:#d5dbe1;stroke:none}
.barred{fill:url(#bars);stroke:#d5dbe1;stroke-width:.6}
.wire{fill:none;stroke-width:2.5}
.halo{fill:none;stroke:#ffffff;stroke-width:4;stroke-opacity:.75}
.remote{fill:none;stroke:#d11507;stroke-width:2;stroke-dasharray:6 4}
.end{fill:#d11507;stroke:#ffffff;stroke-width:1.2}
</style>
<defs><pattern id="bars" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
<rect width="5" height="5" fill="#fafbfc"/><rect width="1.4" height="5" fill="#dde3e8"/></pattern></defs>
)css";

std::string attribute(std::string_view name, std::string_view value) {
    return value.empty() ? "" : fmt::format(" {}=\"{}\"", name, value);
}

// The style sheet's colours would win over a plain attribute.
std::string colour_style(std::string_view property, std::string_view colour) {
    return colour.empty() ? "" : fmt::format(" style=\"{}:{}\"", property, colour);
}

}  // namespace

void Canvas::rectangle(const Box& box, std::string_view kind, std::string_view fill) {
    const bool is_frame = kind == "machine" || kind == "package" || kind == "numa" ||
                          kind == "side" || kind == "card";
    body_ += fmt::format(
        "<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.2f}\" height=\"{:.1f}\"{} class=\"{}\"{}/>\n",
        box.x, box.y, box.width, box.height, attribute("rx", is_frame ? "4" : ""), kind,
        colour_style("fill", fill));
}

void Canvas::text(const Point& baseline, std::string_view kind, std::string_view text,
                  std::string_view fill) {
    body_ += fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" class=\"{}\"{}>{}</text>\n", baseline.x,
                         baseline.y, kind, colour_style("fill", fill), escaped(text));
}

void Canvas::path(std::string_view data, std::string_view kind, std::string_view stroke) {
    body_ += fmt::format("<path d=\"{}\" class=\"{}\"{}/>\n", data, kind,
                         colour_style("stroke", stroke));
}

void Canvas::circle(const Point& centre, double radius, std::string_view kind) {
    body_ += fmt::format("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"{:.1f}\" class=\"{}\"/>\n",
                         centre.x, centre.y, radius, kind);
}

void Canvas::open_group(std::string_view title) {
    body_ += fmt::format("<g><title>{}</title>\n", escaped(title));
}

std::string Canvas::document(double width, double height, std::string_view label) const {
    return fmt::format(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0:.0f} {1:.0f}\" "
        "width=\"{0:.0f}\" height=\"{1:.0f}\" role=\"img\" aria-label=\"{2}\">\n{3}"
        "<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n{4}</svg>\n",
        width, height, escaped(label), style, body_);
}

std::string escaped(std::string_view text) {
    std::string result;
    for (const char c : text) {
        switch (c) {
            case '&':
                result += "&amp;";
                break;
            case '<':
                result += "&lt;";
                break;
            case '>':
                result += "&gt;";
                break;
            case '"':
                result += "&quot;";
                break;
            default:
                result += static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t' ? '?' : c;
        }
    }
    return result;
}

}  // namespace warpstep::report
