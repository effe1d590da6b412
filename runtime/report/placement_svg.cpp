// SPDX-License-Identifier: Apache-2.0
#include "runtime/report/placement_svg.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "runtime/base/counted.hpp"
#include "runtime/base/text.hpp"
#include "runtime/report/placement_layout.hpp"
#include "runtime/report/placement_legend.hpp"

namespace warpstep::report {
namespace {

constexpr double page_width = 1200, page_margin = 20, inset = 14, strip_height = 15;

std::string show_ranks(const std::vector<int>& ranks) {
    return fmt::format("rank{} {}", ranks.size() == 1 ? "" : "s", show(topology::CpuSet(ranks)));
}

// One node of the picture.
class Drawing {
  public:
    Drawing(const PlacedNodes& nodes, Canvas& canvas)
        : nodes_(nodes), node_(nodes.node), owners_(owners_of(nodes)), canvas_(canvas) {}

    /// Returns where it ends.
    double draw(double top) {
        const Box area{page_margin + inset, top + 46, page_width - 2 * (page_margin + inset), 0};
        const Layout layout = lay_out(nodes_, owners_, area);
        const double legend_top = layout.bottom + 16;
        const double bottom = legend_top + legend_height(nodes_) + inset;
        canvas_.rectangle({page_margin, top, page_width - 2 * page_margin, bottom - top},
                          "machine");
        heading(top);
        for (const auto& frame : layout.frames) draw(frame);
        for (const auto& core : layout.cores) draw_core(core);
        wires(layout);
        for (const auto& gpu : layout.gpus) draw_gpu(gpu);
        for (const auto& nic : layout.nics) draw_nic(nic);
        for (const auto& task : nodes_.placement.tasks)
            if (task.remote) remote_link(task, layout);
        draw_legend(nodes_, {area.x, legend_top, area.width, 0}, canvas_);
        return bottom;
    }

  private:
    std::string colour(int rank) const {
        return colour_of(rank, static_cast<int>(nodes_.placement.tasks.size()));
    }

    void heading(double top) {
        std::string title = show_names(nodes_.names);
        if (nodes_.names.size() > 1) title += fmt::format(" ({} alike)", nodes_.names.size());
        canvas_.text({page_margin + inset, top + 25}, "title", title);
        std::vector<std::string> facts{
            counted(nodes_.placement.tasks.size(), "task"),
            counted(node_.packages, "package"),
            counted(node_.numa_nodes.size(), "NUMA node"),
            counted(node_.cores.size(), "core"),
            counted(node_.cpus.size(), "thread"),
            node_.gpus.empty() || node_.gpus.front().name.empty()
                ? count_gpus(node_)
                : fmt::format("{} ({})", count_gpus(node_), node_.gpus.front().name),
            node_.source};
        canvas_.text({page_margin + inset, top + 42}, "sub", join(facts, " · "));
    }

    void draw(const Frame& frame) {
        canvas_.rectangle(frame.box, frame.kind);
        canvas_.text({frame.box.x + 10, frame.box.y + 17}, "head", frame.title);
    }

    // One upright slice for each hardware thread, with one level for each task on it.
    void draw_core(const Placed& placed) {
        const auto& core = node_.cores[at(placed.index)];
        const auto cpus = core.cpus.cpus();
        std::vector<int> owners;
        for (const int cpu : cpus)
            for (const int rank : owners_.of_cpu[at(cpu)])
                if (std::count(owners.begin(), owners.end(), rank) == 0) owners.push_back(rank);
        std::sort(owners.begin(), owners.end());
        canvas_.open_group(fmt::format("core {} · CPUs {} · {}", core.logical, show(core.cpus),
                                       owners.empty() ? "idle" : show_ranks(owners)));
        const double slice = placed.box.width / static_cast<double>(cpus.size());
        for (std::size_t i = 0; i < cpus.size(); ++i)
            draw_pu(cpus[i], {placed.box.x + static_cast<double>(i) * slice, placed.box.y, slice,
                              placed.box.height});
        if (cpus.size() > 1) separators(placed.box, cpus.size());
        if (owners.size() == 1) label_core(placed.box, cpus, owners.front());
        canvas_.close_group();
    }

    // On the slices that the rank owns; where these are too narrow, over the whole core.
    void label_core(const Box& box, const std::vector<int>& cpus, int rank) {
        const std::string number = std::to_string(rank);
        double first = -1, last = 0;
        for (std::size_t i = 0; i < cpus.size(); ++i) {
            if (owners_.of_cpu[at(cpus[i])].empty()) continue;
            if (first < 0) first = static_cast<double>(i);
            last = static_cast<double>(i) + 1;
        }
        const double slice = box.width / static_cast<double>(cpus.size());
        const bool fits = (last - first) * slice >= 6.5 * static_cast<double>(number.size());
        const double x = fits ? box.x + (first + last) / 2 * slice : box.centre().x;
        canvas_.text({x, box.centre().y + 3.2}, fits ? "cell" : "cell ringed", number,
                     fits ? ink_on(colour(rank)) : "");
    }

    void draw_pu(int cpu, const Box& box) {
        const auto& owners = owners_.of_cpu[at(cpu)];
        if (owners.empty()) {
            canvas_.rectangle(box, node_.allowed.contains(cpu) ? "idle" : "barred");
            return;
        }
        const double level = box.height / static_cast<double>(owners.size());
        for (std::size_t i = 0; i < owners.size(); ++i)
            canvas_.rectangle({box.x, box.y + static_cast<double>(i) * level, box.width, level},
                              "pu", colour(owners[i]));
    }

    void separators(const Box& box, std::size_t threads) {
        std::string data;
        for (std::size_t i = 1; i < threads; ++i) {
            const double x =
                box.x + box.width * static_cast<double>(i) / static_cast<double>(threads);
            data += fmt::format("M{0:.1f} {1:.1f}v3M{0:.1f} {2:.1f}v-3", x, box.y, box.bottom());
        }
        canvas_.path(data, "core");
    }

    // The head of a card, divided among the ranks; `beside` is where they are listed when the parts
    // are too narrow for their numbers.
    void strip(const Box& card, const std::vector<int>& ranks, const Point& beside) {
        const double width = card.width / static_cast<double>(ranks.size());
        const bool fits = width >= 7.0 * static_cast<double>(std::to_string(ranks.back()).size());
        for (std::size_t i = 0; i < ranks.size(); ++i) {
            const Box part{card.x + static_cast<double>(i) * width, card.y, width, strip_height};
            canvas_.rectangle(part, "strip", colour(ranks[i]));
            if (!fits) continue;
            const std::string number = std::to_string(ranks[i]);
            canvas_.text({part.centre().x, part.y + 11}, "chip",
                         width >= 44 ? "rank " + number : number, ink_on(colour(ranks[i])));
        }
        if (!fits) canvas_.text(beside, "small", show_ranks(ranks));
    }

    void plain_strip(const Box& card, std::string_view kind, std::string_view text) {
        canvas_.rectangle({card.x + .5, card.y + .5, card.width - 1, strip_height}, kind);
        canvas_.text({card.centre().x, card.y + 11}, "chip", text, "#52606d");
    }

    void draw_gpu(const Placed& placed) {
        const auto& gpu = node_.gpus[at(placed.index)];
        const auto& ranks = owners_.of_gpu[at(placed.index)];
        const auto& granted = node_.step_gpus;
        canvas_.open_group(fmt::format("GPU {} · {} · {}", gpu.index, gpu.visible_name(),
                                       ranks.empty() ? "no task" : show_ranks(ranks)));
        canvas_.rectangle(placed.box, "card");
        if (!ranks.empty())
            strip(placed.box, ranks, {placed.box.x + 54, placed.box.y + 30});
        else if (std::count(granted.begin(), granted.end(), placed.index) == 0)
            plain_strip(placed.box, "barred",
                        !gpu.visible  ? "hidden"
                        : !gpu.usable ? "no MIG instance"
                                      : "not granted");
        else
            plain_strip(placed.box, "idle", "idle");
        canvas_.text({placed.box.x + 8, placed.box.y + 30}, "name", "GPU " + show_index(gpu));
        canvas_.text({placed.box.x + 8, placed.box.y + 45}, "small", show(gpu.pci));
        canvas_.close_group();
    }

    void draw_nic(const Placed& placed) {
        const auto& nic = node_.nics[at(placed.index)];
        const auto& ranks = owners_.of_nic[at(placed.index)];
        canvas_.open_group(fmt::format("NIC {} · {}", show_name(nic),
                                       ranks.empty() ? "no task" : show_ranks(ranks)));
        canvas_.rectangle(placed.box, "card");
        if (ranks.empty())
            plain_strip(placed.box, "idle", "unused");
        else
            strip(placed.box, ranks, {placed.box.x + 54, placed.box.y + 28});
        canvas_.text({placed.box.x + 8, placed.box.y + 28}, "name", show_name(nic));
        canvas_.text({placed.box.x + 8, placed.box.y + 40}, "small", show(nic.pci));
        canvas_.close_group();
    }

    // From a GPU to the adapter below it. Adapters elsewhere carry the ranks in their heads.
    void wires(const Layout& layout) {
        for (const auto& nic : layout.nics) {
            const auto& ranks = owners_.of_nic[at(nic.index)];
            for (const auto& gpu : layout.gpus) {
                const bool below = gpu.box.x == nic.box.x && gpu.box.bottom() < nic.box.y &&
                                   nic.box.y - gpu.box.bottom() < 12;
                if (!below || ranks.empty()) continue;
                canvas_.path(fmt::format("M{:.1f} {:.1f}V{:.1f}", gpu.box.centre().x,
                                         gpu.box.bottom(), nic.box.y),
                             "wire", colour(ranks.front()));
            }
        }
    }

    // From the first core that is near none of the task's GPUs to the first of its GPUs.
    void remote_link(const placement::Task& task, const Layout& layout) {
        topology::CpuSet near;
        for (const int gpu : task.gpus) near = near | node_.gpus[at(gpu)].near_cpus;
        const auto core =
            std::find_if(layout.cores.begin(), layout.cores.end(), [&](const Placed& placed) {
                const auto& cpus = node_.cores[at(placed.index)].cpus;
                return cpus.intersects(task.cpus) && !near.contains(cpus & task.cpus);
            });
        const auto gpu =
            std::find_if(layout.gpus.begin(), layout.gpus.end(), [&](const Placed& placed) {
                return std::count(task.gpus.begin(), task.gpus.end(), placed.index) != 0;
            });
        if (core == layout.cores.end() || gpu == layout.gpus.end()) return;
        const Point from{core->box.centre().x, core->box.bottom()};
        const auto& ranks = owners_.of_gpu[at(gpu->index)];
        const auto part = std::find(ranks.begin(), ranks.end(), task.local_rank) - ranks.begin();
        const double share = gpu->box.width / static_cast<double>(ranks.size());
        const Point to{gpu->box.x + (static_cast<double>(part) + .5) * share, gpu->box.y};
        // Downwards at both ends, as far as there is room.
        const double bend = to.y < from.y ? 34 : std::clamp((to.y - from.y) / 2, 6.0, 34.0);
        const std::string curve =
            fmt::format("M{0:.1f} {1:.1f}C{0:.1f} {2:.1f} {3:.1f} {4:.1f} {3:.1f} {5:.1f}", from.x,
                        from.y, from.y + bend, to.x, to.y - bend, to.y);
        canvas_.open_group(fmt::format("rank {} is remote", task.local_rank));
        canvas_.path(curve, "halo");
        canvas_.path(curve, "remote");
        canvas_.circle(from, 3, "end");
        canvas_.circle(to, 3, "end");
        canvas_.close_group();
    }

    const PlacedNodes& nodes_;
    const topology::Node& node_;
    const Owners owners_;
    Canvas& canvas_;
};

}  // namespace

std::string placement_svg(const std::vector<PlacedNodes>& groups) {
    Canvas canvas;
    double bottom = 0;
    for (const auto& group : groups) bottom = Drawing(group, canvas).draw(bottom + page_margin);
    std::vector<std::string> names;
    for (const auto& group : groups) names.push_back(show_names(group.names));
    return canvas.document(page_width, bottom + page_margin, "placement of " + join(names, ", "));
}

}  // namespace warpstep::report
