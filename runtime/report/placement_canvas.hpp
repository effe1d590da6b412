// SPDX-License-Identifier: Apache-2.0
// Private to the room: writing SVG, one element after the other.
#pragma once

#include <string>
#include <string_view>

namespace warpstep::report {

struct Point {
    double x = 0, y = 0;
};

struct Box {
    double x = 0, y = 0, width = 0, height = 0;
    double right() const { return x + width; }
    double bottom() const { return y + height; }
    Point centre() const { return {x + width / 2, y + height / 2}; }
};

/// `kind` is a class of the style sheet, `fill` a colour that overrides its own, "" for none.
class Canvas {
  public:
    void rectangle(const Box& box, std::string_view kind, std::string_view fill = "");
    void text(const Point& baseline, std::string_view kind, std::string_view text,
              std::string_view fill = "");
    void path(std::string_view data, std::string_view kind, std::string_view stroke = "");
    void circle(const Point& centre, double radius, std::string_view kind);
    /// Everything until close_group() shows this text when pointed at.
    void open_group(std::string_view title);
    void close_group() { body_ += "</g>\n"; }

    /// The whole file. `label` is what a screen reader says.
    std::string document(double width, double height, std::string_view label) const;

  private:
    std::string body_;
};

/// For text and attributes; bytes that XML does not allow become "?".
std::string escaped(std::string_view text);

/// The task's colour, distinct among `tasks`; safe for colour-blind people up to eight.
std::string colour_of(int rank, int tasks);
/// Black or white, whichever is read better on the colour ("#rrggbb").
std::string ink_on(std::string_view colour);

}  // namespace warpstep::report
