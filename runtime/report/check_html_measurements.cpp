// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "runtime/report/check_html_parts.hpp"
#include "runtime/report/check_strips.hpp"
#include "runtime/report/check_text_parts.hpp"
#include "runtime/report/xml_text.hpp"

namespace warpstep::report {
namespace {

constexpr std::size_t most_lanes = 7, most_labels = 8, most_unmeasured = 8;
constexpr double lane_height = 15, top = 12, nearest = 1.6;  // the last in % of the width
// A floor further away than this share of the values' own reach would press all dots together.
constexpr double furthest_floor = 0.8, least_reach = 0.02, axis_margin = 0.08;

/// From values to per cent of the width.
struct Axis {
    double low = 0, high = 1;
    double at(double value) const { return 100 * (value - low) / (high - low); }
    bool holds(double value) const { return value >= low && value <= high; }
};

Axis axis_of(const Strip& strip) {
    double low = strip.median, high = strip.median;
    const auto take_in = [&](double value) {
        low = std::min(low, value);
        high = std::max(high, value);
    };
    for (const Dot& dot : strip.dots) take_in(dot.sample->value);
    if (strip.line) take_in(strip.line->line);
    if (strip.floor && *strip.floor > furthest_floor * low) take_in(*strip.floor);
    const double reach = std::max({high - low, std::abs(strip.median) * least_reach, 1e-12});
    const double middle = (low + high) / 2;
    return {middle - reach * (0.5 + axis_margin), middle + reach * (0.5 + axis_margin)};
}

/// Dots that would cover each other, in lanes: x in per cent, ascending.
struct Placed {
    const Dot* dot = nullptr;
    double x = 0;
    std::size_t lane = 0;
};

std::vector<Placed> placed(const Strip& strip, const Axis& axis) {
    std::vector<Placed> all;
    for (const Dot& dot : strip.dots) all.push_back({&dot, axis.at(dot.sample->value)});
    std::stable_sort(all.begin(), all.end(),
                     [](const Placed& a, const Placed& b) { return a.x < b.x; });
    std::array<double, most_lanes> ends;
    ends.fill(-nearest);
    std::size_t turn = 0;
    for (Placed& one : all) {
        const auto free = std::find_if(ends.begin(), ends.end(),
                                       [&](double end) { return one.x - end >= nearest; });
        one.lane = free == ends.end() ? turn++ % most_lanes
                                      : static_cast<std::size_t>(free - ends.begin());
        ends[one.lane] = one.x;
    }
    return all;
}

std::string line_svg(double x, double height, const char* style, const std::string& title) {
    return fmt::format(
        "<line class=\"{}\" x1=\"{:.2f}%\" x2=\"{:.2f}%\" y1=\"2\" y2=\"{:.0f}\"><title>{}</title>"
        "</line>\n",
        style, x, x, height, xml_text(title));
}

class StripHtml {
  public:
    StripHtml(const check::Facts& facts, const Strip& strip)
        : facts_(facts), strip_(strip), axis_(axis_of(strip)), dots_(placed(strip, axis_)) {
        std::size_t lanes = 1;
        for (const Placed& one : dots_) lanes = std::max(lanes, one.lane + 1);
        height_ = top + lane_height * static_cast<double>(lanes);
    }

    std::string operator()() const {
        std::string text = fmt::format(
            "<div class=\"strip\" data-probe=\"{}\">\n<div class=\"what\">"
            "<b>{}</b>{}</div>\n<div class=\"plot\">\n",
            xml_attribute(strip_.probe), xml_text(strip_.title()), figures());
        if (!dots_.empty()) text += svg();
        return text + unmeasured() + "</div>\n</div>\n";
    }

  private:
    std::string shown(double value) const { return show_measured(value, strip_.unit); }

    std::string figures() const {
        if (dots_.empty()) return "";
        std::string text;
        const auto add = [&](const char* style, const std::string& what) {
            text += fmt::format("<span class=\"{}\">{}</span>", style, xml_text(what));
        };
        add("k-median", dots_.size() == 1
                            ? shown(strip_.median)
                            : fmt::format("median {} of {}", shown(strip_.median), dots_.size()));
        if (strip_.line) add("k-line", "outlier line " + shown(strip_.line->line));
        if (strip_.floor)
            add("k-floor", "floor " + shown(*strip_.floor) +
                               (axis_.holds(*strip_.floor) ? "" : " (off the picture)"));
        return text;
    }

    std::string svg() const {
        std::string text = fmt::format(
            "<svg width=\"100%\" height=\"{:.0f}\" role=\"img\" aria-label=\"{}\">\n", height_ + 18,
            xml_attribute(fmt::format("{}: {} measurements around {}", strip_.title(), dots_.size(),
                                      shown(strip_.median))));
        text += fmt::format(
            "<line class=\"axis\" x1=\"0\" x2=\"100%\" y1=\"{0:.0f}\" "
            "y2=\"{0:.0f}\"/>\n",
            height_);
        if (strip_.floor && axis_.holds(*strip_.floor))
            text += line_svg(axis_.at(*strip_.floor), height_, "floor",
                             "floor " + shown(*strip_.floor) + ": " + strip_.floor_source);
        if (strip_.line)
            text += line_svg(axis_.at(strip_.line->line), height_, "outlier",
                             "outlier line " + shown(strip_.line->line));
        if (dots_.size() > 1)
            text += line_svg(axis_.at(strip_.median), height_, "median",
                             "median " + shown(strip_.median));
        return text + dots() + ends() + "</svg>\n";
    }

    std::string dots() const {
        std::string text, labels;
        std::size_t labelled = 0;
        for (const Placed& one : dots_) {
            const bool marked = one.dot->outlier || one.dot->below_floor;
            const double y = height_ - lane_height * (static_cast<double>(one.lane) + 0.5);
            const std::string name = show_places(facts_, one.dot->sample->places);
            text += fmt::format(
                "<circle class=\"dot{}\" cx=\"{:.2f}%\" cy=\"{:.1f}\" r=\"5\"><title>{}</title>"
                "</circle>\n",
                marked ? " marked" : "", one.x, y,
                xml_text(name + ": " + shown(one.dot->sample->value)));
            if (!marked || ++labelled > most_labels) continue;
            const bool left = one.x > 55;
            labels += fmt::format(
                "<text class=\"label\" x=\"{:.2f}%\" dx=\"{}\" y=\"{:.1f}\" text-anchor=\"{}\">{}"
                "</text>\n",
                one.x, left ? -9 : 9, y + 4, left ? "end" : "start",
                xml_text(name + ", " + shown(one.dot->sample->value)));
        }
        return text + labels;
    }

    std::string ends() const {
        return fmt::format(
            "<text class=\"tick\" x=\"0\" y=\"{0:.0f}\">{1}</text><text class=\"tick\" x=\"100%\" "
            "y=\"{0:.0f}\" text-anchor=\"end\">{2}</text>\n",
            height_ + 14, xml_text(shown(axis_.low)), xml_text(shown(axis_.high)));
    }

    std::string unmeasured() const {
        std::string text;
        for (std::size_t i = 0; i < std::min(strip_.unmeasured.size(), most_unmeasured); ++i) {
            const Unmeasured& one = strip_.unmeasured[i];
            text +=
                fmt::format("<p class=\"unmeasured\">{}: not measured ({})</p>\n",
                            xml_text(show_places(facts_, one.sample->places)), xml_text(one.why));
        }
        if (strip_.unmeasured.size() > most_unmeasured)
            text += fmt::format("<p class=\"unmeasured\">and {} more</p>\n",
                                strip_.unmeasured.size() - most_unmeasured);
        return text;
    }

    const check::Facts& facts_;
    const Strip& strip_;
    Axis axis_;
    std::vector<Placed> dots_;
    double height_ = 0;
};

}  // namespace

std::string check_html_measurements(const check::Facts& facts) {
    const auto strips = strips_of(facts);
    if (strips.empty()) return "";
    std::string text =
        "<section id=\"measurements\">\n<h2>Measurements</h2>\n<p class=\"legend\"><span "
        "class=\"k-median\">median</span><span class=\"k-line\">outlier line: median × (1 − max(3 "
        "%, 5 × 1.4826 × MAD / median)), mirrored for times</span><span class=\"k-floor\">floor of "
        "the model</span><span class=\"k-marked\">beyond a line</span></p>\n";
    for (const Strip& strip : strips) text += StripHtml(facts, strip)();
    return text + "<details><summary>as a table</summary><div class=\"scroll\"><pre>" +
           xml_text(check_text_measurements(facts, {false, true})) +
           "</pre></div></details>\n</section>\n";
}

}  // namespace warpstep::report
