// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string>

#include "runtime/report/placement_canvas.hpp"

namespace warpstep::report {
namespace {

// Told apart with every common kind of colour blindness. Source: Okabe and Ito (2008); the eighth,
// in place of black, is the indigo of Tol's "muted" scheme.
constexpr std::array<std::string_view, 8> safe{"#0072b2", "#e69f00", "#009e73", "#cc79a7",
                                               "#56b4e9", "#d55e00", "#f0e442", "#332288"};

// Red, green, blue in 0..1 from hue in degrees, saturation and lightness in 0..1.
std::array<double, 3> rgb_of(double hue, double saturation, double lightness) {
    const double reach = saturation * std::min(lightness, 1 - lightness);
    const auto channel = [&](double shift) {
        const double k = std::fmod(shift + hue / 30, 12);
        return lightness - reach * std::max(-1.0, std::min({k - 3, 9 - k, 1.0}));
    };
    return {channel(0), channel(8), channel(4)};
}

double luminance(std::string_view colour) {
    const std::array<double, 3> weights{0.2126, 0.7152, 0.0722};
    double sum = 0;
    for (std::size_t i = 0; i < 3; ++i) {
        const double value =
            std::stoi(std::string(colour.substr(1 + 2 * i, 2)), nullptr, 16) / 255.0;
        sum += weights[i] *
               (value <= 0.04045 ? value / 12.92 : std::pow((value + 0.055) / 1.055, 2.4));
    }
    return sum;
}

}  // namespace

std::string colour_of(int rank, int tasks) {
    if (tasks <= static_cast<int>(safe.size()))
        return std::string(safe[static_cast<std::size_t>(rank)]);
    // Neighbours in rank differ in hue and in lightness.
    constexpr std::array<double, 3> lightness{0.34, 0.66, 0.48};
    const auto [red, green, blue] =
        rgb_of(360.0 * rank / tasks, 0.68, lightness[static_cast<std::size_t>(rank) % 3]);
    const auto byte = [](double value) { return static_cast<int>(std::lround(value * 255)); };
    return fmt::format("#{:02x}{:02x}{:02x}", byte(red), byte(green), byte(blue));
}

std::string ink_on(std::string_view colour) {
    // The contrast with white falls below that with black at this luminance (WCAG 2).
    return luminance(colour) > 0.179 ? "#000000" : "#ffffff";
}

}  // namespace warpstep::report
