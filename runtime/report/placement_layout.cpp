// SPDX-License-Identifier: Apache-2.0
#include "runtime/report/placement_layout.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "runtime/report/placement_regions.hpp"

namespace warpstep::report {
namespace {

constexpr double gap = 8, pad = 10, title_height = 20, core_height = 18, core_gap = 3;
constexpr double card_width = 118, gpu_height = 54, nic_height = 46, wire_length = 8;
constexpr double side_width = 190, side_height = 26;

// How many per row, when at most `fit` fit: a divisor of the count if one is near, so that rows are
// full.
int per_row(int count, int fit) {
    fit = std::clamp(fit, 1, std::max(count, 1));
    for (int n = fit; n > fit / 2; --n)
        if (count % n == 0) return n;
    return fit;
}

// As even a grid as fits.
int grid_columns(int count, int fit) {
    fit = std::max(fit, 1);
    const int rows = (count + fit - 1) / fit;
    return rows == 0 ? 1 : (count + rows - 1) / rows;
}

int fitting(double width, double item, double between) {
    return std::max(1, static_cast<int>((width + between) / (item + between)));
}

class Layouter {
  public:
    Layouter(const PlacedNodes& nodes, const Owners& owners)
        : node_(nodes.node), regions_(regions_of(nodes, owners)) {
        std::size_t threads = 1;
        for (const auto& core : node_.cores)
            threads = std::max(threads, static_cast<std::size_t>(core.cpus.size()));
        narrowest_ = std::max(18.0, 6.0 * static_cast<double>(threads));
    }

    Layout lay_out(const Box& area) {
        layout_.bottom = area.y;
        packages(area);
        if (!regions_.elsewhere.empty())
            strip(area, "place unknown, or near several packages", regions_.elsewhere);
        cpuless(area);
        return std::move(layout_);
    }

  private:
    void packages(const Box& area) {
        const int count = static_cast<int>(regions_.of_packages.size());
        const int columns = std::clamp(count, 1, 2);
        const double width = (area.width - gap * (columns - 1)) / columns;
        for (int first = 0; first < count; first += columns) {
            const double top = layout_.bottom + gap;
            const std::size_t frames = layout_.frames.size();
            double lowest = top;
            for (int p = first; p < std::min(count, first + columns); ++p) {
                layout_.bottom = top;
                package(p, {area.x + (p - first) * (width + gap), top, width, 0});
                lowest = std::max(lowest, layout_.bottom);
            }
            stretch(frames, "package", lowest);
            layout_.bottom = lowest;
        }
    }

    void package(int index, Box box) {
        layout_.frames.push_back({"package", fmt::format("package {}", index), box});
        const std::size_t frame = layout_.frames.size() - 1;
        std::vector<const Region*> inside;
        for (const auto& region : regions_.numa)
            if (region.package == index) inside.push_back(&region);
        const Box inner{box.x + pad, box.y + title_height + 4, box.width - 2 * pad, 0};
        const int count = static_cast<int>(inside.size());
        const int columns = grid_columns(count, fitting(inner.width, card_width + 2 * pad, gap));
        const double width = (inner.width - gap * (columns - 1)) / std::max(columns, 1);
        layout_.bottom = inner.y - gap;
        for (int first = 0; first < count; first += columns) {
            const double top = layout_.bottom + gap;
            const std::size_t frames = layout_.frames.size();
            double lowest = top;
            for (int i = first; i < std::min(count, first + columns); ++i) {
                region(*inside[static_cast<std::size_t>(i)],
                       {inner.x + (i - first) * (width + gap), top, width, 0});
                lowest = std::max(lowest, layout_.bottom);
            }
            stretch(frames, "numa", lowest);
            layout_.bottom = lowest;
        }
        const auto& own = regions_.of_packages[static_cast<std::size_t>(index)];
        if (!own.empty()) devices(own, {inner.x, layout_.bottom + gap, inner.width, 0});
        layout_.bottom += pad;
        layout_.frames[frame].box.height = layout_.bottom - box.y;
    }

    // The frames of this kind from `first` on reach down to the same line.
    void stretch(std::size_t first, std::string_view kind, double lowest) {
        for (std::size_t i = first; i < layout_.frames.size(); ++i)
            if (layout_.frames[i].kind == kind)
                layout_.frames[i].box.height = lowest - layout_.frames[i].box.y;
    }

    void region(const Region& region, const Box& box) {
        layout_.frames.push_back({"numa", region.title, box});
        const Box inner{box.x + pad, box.y + title_height + 4, box.width - 2 * pad, 0};
        const int count = static_cast<int>(region.cores.size());
        const int columns = per_row(count, fitting(inner.width, narrowest_, core_gap));
        const double step = std::min((inner.width + core_gap) / columns, 2 * narrowest_);
        for (int i = 0; i < count; ++i) {
            const int row = i / columns;
            layout_.cores.push_back(
                {region.cores[static_cast<std::size_t>(i)],
                 {inner.x + (i % columns) * step, inner.y + row * (core_height + core_gap),
                  step - core_gap, core_height}});
        }
        const int rows = (count + columns - 1) / columns;
        layout_.bottom = inner.y + rows * (core_height + core_gap) - core_gap;
        if (!region.devices.empty())
            devices(region.devices, {inner.x, layout_.bottom + pad, inner.width, 0});
        layout_.bottom += pad;
    }

    void devices(const std::vector<DeviceColumn>& columns, const Box& area) {
        const int count = static_cast<int>(columns.size());
        const int in_row = grid_columns(count, fitting(area.width, card_width, gap));
        double top = area.y, lowest = area.y;
        for (int i = 0; i < count; ++i) {
            if (i > 0 && i % in_row == 0) top = lowest + gap;
            const double x = area.x + (i % in_row) * (card_width + gap);
            lowest = std::max(lowest, column(columns[static_cast<std::size_t>(i)], x, top));
        }
        layout_.bottom = lowest;
    }

    double column(const DeviceColumn& column, double x, double y) {
        if (column.gpu >= 0) {
            layout_.gpus.push_back({column.gpu, {x, y, card_width, gpu_height}});
            y += gpu_height + wire_length;
        }
        for (const int nic : column.nics) {
            layout_.nics.push_back({nic, {x, y, card_width, nic_height}});
            y += nic_height + wire_length;
        }
        return y - wire_length;
    }

    void strip(const Box& area, const std::string& title,
               const std::vector<DeviceColumn>& columns) {
        const double top = layout_.bottom + gap;
        layout_.frames.push_back({"side", title, {area.x, top, area.width, 0}});
        const std::size_t frame = layout_.frames.size() - 1;
        devices(columns, {area.x + pad, top + title_height + 4, area.width - 2 * pad, 0});
        layout_.bottom += pad;
        layout_.frames[frame].box.height = layout_.bottom - top;
    }

    void cpuless(const Box& area) {
        const int count = static_cast<int>(regions_.cpuless.size());
        if (count == 0) return;
        const double top = layout_.bottom + gap;
        layout_.frames.push_back(
            {"package", "memory without CPUs of its own", {area.x, top, area.width, 0}});
        const std::size_t frame = layout_.frames.size() - 1;
        const int columns = grid_columns(count, fitting(area.width - 2 * pad, side_width, gap));
        for (int i = 0; i < count; ++i) {
            const int row = i / columns;
            layout_.frames.push_back(
                {"side",
                 regions_.cpuless[static_cast<std::size_t>(i)],
                 {area.x + pad + (i % columns) * (side_width + gap),
                  top + title_height + 4 + row * (side_height + gap), side_width, side_height}});
        }
        layout_.bottom = layout_.frames.back().box.bottom() + pad;
        layout_.frames[frame].box.height = layout_.bottom - top;
    }

    const topology::Node& node_;
    Regions regions_;
    Layout layout_;
    double narrowest_ = 18;  ///< width of a core with room for all its hardware threads
};

}  // namespace

Layout lay_out(const PlacedNodes& nodes, const Owners& owners, const Box& area) {
    return Layouter(nodes, owners).lay_out(area);
}

}  // namespace warpstep::report
