// SPDX-License-Identifier: Apache-2.0
#include "runtime/report/placement_legend.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "runtime/base/counted.hpp"
#include "runtime/base/text.hpp"

namespace warpstep::report {
namespace {

using placement::Task;

constexpr double line_height = 19;
constexpr std::size_t longest_cpu_list = 26;

std::size_t rows_of(const PlacedNodes& nodes) {
    return (nodes.placement.tasks.size() + 1) / 2;
}

std::string adapters(const PlacedNodes& nodes, const Task& task) {
    std::vector<std::string> names;
    for (const auto& nic : task.nics)
        names.push_back(show_name(nodes.node.nics[static_cast<std::size_t>(nic.nic)]));
    names.erase(std::unique(names.begin(), names.end()), names.end());
    return names.size() <= 2 ? join(names, ", ") : names.front() + ", …, " + names.back();
}

std::string words_on(const PlacedNodes& nodes, const Task& task) {
    std::vector<std::string> parts;
    if (!task.gpus.empty()) parts.push_back(show_gpus(nodes.node, task.gpus));
    std::string cpus = show(task.cpus);
    if (cpus.size() > longest_cpu_list)
        cpus = cpus.substr(0, cpus.rfind(',', longest_cpu_list - 2)) + ",…";
    parts.push_back(fmt::format("{}: CPUs {}", counted(task.cores, "core"), cpus));
    if (!task.numa.empty()) parts.push_back("memory " + show_list(task.numa));
    if (!task.nics.empty()) parts.push_back(adapters(nodes, task));
    return join(parts, " · ");
}

void draw_task(const PlacedNodes& nodes, const Task& task, const Point& corner, Canvas& canvas) {
    const std::string fill =
        colour_of(task.local_rank, static_cast<int>(nodes.placement.tasks.size()));
    canvas.rectangle({corner.x, corner.y, 22, 15}, "strip", fill);
    canvas.text({corner.x + 11, corner.y + 11}, "chip", std::to_string(task.local_rank),
                ink_on(fill));
    canvas.text({corner.x + 30, corner.y + 12}, "item", words_on(nodes, task));
    if (task.remote) canvas.text({corner.x + 502, corner.y + 12}, "warn", "remote");
}

void draw_signs(const PlacedNodes& nodes, const Point& corner, Canvas& canvas) {
    const auto [x, y] = corner;
    canvas.rectangle({x, y, 14, 14}, "idle");
    canvas.text({x + 20, y + 11}, "item", "idle");
    canvas.rectangle({x + 70, y, 14, 14}, "barred");
    canvas.text({x + 90, y + 11}, "item", "not allowed or not granted");
    canvas.text({x + 280, y + 11}, "item",
                "numbers: local ranks; slices of a core: hardware threads");
    const auto& tasks = nodes.placement.tasks;
    if (std::none_of(tasks.begin(), tasks.end(), [](const Task& task) { return task.remote; }))
        return;
    canvas.path(fmt::format("M{:.1f} {:.1f}h34", x + 660, y + 7), "remote");
    canvas.text({x + 702, y + 11}, "item", "remote: cores away from the GPU");
}

}  // namespace

double legend_height(const PlacedNodes& nodes) {
    return static_cast<double>(rows_of(nodes)) * line_height + 26;
}

void draw_legend(const PlacedNodes& nodes, const Box& area, Canvas& canvas) {
    const std::size_t rows = rows_of(nodes);
    const auto& tasks = nodes.placement.tasks;
    for (std::size_t i = 0; i < tasks.size(); ++i)
        draw_task(nodes, tasks[i],
                  {area.x + (i < rows ? 0 : area.width / 2),
                   area.y + static_cast<double>(i % rows) * line_height},
                  canvas);
    draw_signs(nodes, {area.x, area.y + static_cast<double>(rows) * line_height + 8}, canvas);
}

}  // namespace warpstep::report
