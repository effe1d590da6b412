// SPDX-License-Identifier: Apache-2.0
#include "runtime/probes/seats.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <numeric>
#include <set>

#include "runtime/base/error.hpp"
#include "runtime/base/text.hpp"
#include "runtime/placement/placement.hpp"
#include "runtime/topology/shared_names.hpp"

namespace warpstep::check::probes {
namespace {

using topology::CpuSet;
using topology::Gpu;
using topology::Node;

/// What all tasks of the node see, in terms of this task's own view of it.
struct United {
    Node node;
    std::vector<std::vector<int>> gpus;  ///< by local rank
};

United unite(Node node, const std::vector<std::string>& views) {
    United united;
    CpuSet cpus;
    std::set<int> all;
    for (const auto& view : views) {
        const auto words = split(view, ' ');
        auto& gpus = united.gpus.emplace_back();
        for (std::size_t i = 0; i < words.size(); ++i) {
            if (i == 0 && words[0] != "-") cpus = cpus | CpuSet::parse(words[0]);
            if (i > 0) gpus.push_back(topology::find_or_add_gpu(node, words[i]));
        }
        std::sort(gpus.begin(), gpus.end());
        all.insert(gpus.begin(), gpus.end());
    }
    if (!node.simulated && !cpus.empty()) node.allowed = cpus & node.cpus;
    node.step_gpus.assign(all.begin(), all.end());
    united.node = std::move(node);
    return united;
}

/// By local rank. Lists of GPUs that overlap without being alike are left to one seat each.
std::vector<int> seat_counts(const United& united) {
    const auto tasks = united.gpus.size();
    const auto gpus = united.node.step_gpus.size();
    std::vector<int> counts(tasks, 1);
    std::size_t sum = 0;
    bool alike = true;
    for (const auto& own : united.gpus) {
        sum += own.size();
        alike = alike && own == united.node.step_gpus;
    }
    if (alike && gpus > tasks) {
        for (std::size_t i = 0; i < tasks; ++i)
            counts[i] = static_cast<int>(gpus / tasks + (i < gpus % tasks ? 1 : 0));
    } else if (!alike && sum == gpus) {
        for (std::size_t i = 0; i < tasks; ++i)
            counts[i] = std::max(1, static_cast<int>(united.gpus[i].size()));
    }
    return counts;
}

Seat seat_from(const step::Step& step, const Node& node, const placement::Task& task) {
    Seat seat;
    seat.node = step.node;
    seat.place.node = step.node_name();
    seat.rank = step.rank;
    seat.place.rank =
        step.known_as.empty() ? step.rank : step.known_as.at(static_cast<std::size_t>(step.rank));
    seat.seat.cpus = show(task.cpus);
    if (task.gpus.empty()) return seat;
    const Gpu& gpu = node.gpus[static_cast<std::size_t>(task.gpus.front())];
    seat.gpu = true;
    seat.place.gpu_uuid = gpu.visible_name();
    seat.place.serial = gpu.serial;
    seat.place.pci = show(gpu.pci);
    seat.seat.gpu = topology::shared_name(gpu);
    return seat;
}

}  // namespace

std::string view_of(const Node& node, std::string_view cpus) {
    std::string view(cpus.empty() ? "-" : cpus);
    for (const int gpu : node.step_gpus)
        view += " " + topology::shared_name(node.gpus.at(static_cast<std::size_t>(gpu)));
    return view;
}

std::vector<Seat> seats_of(const step::Step& step, const Node& node,
                           const std::vector<std::string>& views, bool wants_gpus) {
    United united = unite(node, views);
    const bool gpus = wants_gpus && !united.node.step_gpus.empty();
    std::vector<int> counts(united.gpus.size(), 1);
    if (gpus) counts = seat_counts(united);
    placement::Request request;
    request.tasks = std::accumulate(counts.begin(), counts.end(), 0);
    request.wants_gpus = gpus;
    if (gpus) request.gpus_per_task = 1;
    const bool alike = std::all_of(united.gpus.begin(), united.gpus.end(),
                                   [&](const auto& own) { return own == united.node.step_gpus; });
    for (std::size_t i = 0; gpus && !alike && i < counts.size(); ++i)
        for (int n = 0; n < counts[i]; ++n) request.visible.push_back(united.gpus[i]);
    const auto placed = placement::plan(united.node, request);
    const auto local = static_cast<std::size_t>(step.local_rank);
    const auto mine = counts.begin() + static_cast<std::ptrdiff_t>(local);
    const int first = std::accumulate(counts.begin(), mine, 0);
    std::vector<Seat> seats;
    for (int task = first; task < first + *mine; ++task) {
        seats.push_back(
            seat_from(step, united.node, placed.tasks.at(static_cast<std::size_t>(task))));
    }
    return seats;
}

std::string encode(const std::vector<Seat>& seats) {
    nlohmann::json all = nlohmann::json::array();
    for (const Seat& seat : seats) {
        all.push_back({seat.place.node, seat.place.rank, seat.place.gpu_uuid, seat.place.serial,
                       seat.place.pci, seat.rank, seat.node, seat.gpu, seat.seat.gpu,
                       seat.seat.cpus});
    }
    return all.dump(-1, ' ', true, nlohmann::json::error_handler_t::replace);
}

std::vector<Seat> decode_seats(std::string_view bytes) {
    try {
        std::vector<Seat> seats;
        for (const auto& one : nlohmann::json::parse(bytes)) {
            Seat seat;
            seat.place = {one.at(0), one.at(1), one.at(2), one.at(3), one.at(4)};
            seat.rank = one.at(5);
            seat.node = one.at(6);
            seat.gpu = one.at(7);
            seat.seat = {one.at(8), one.at(9)};
            seats.push_back(std::move(seat));
        }
        return seats;
    } catch (const nlohmann::json::exception& error) {
        fail<CommError>("cannot read a rank's seats ({}); run the same warpstep on every node",
                        error.what());
    }
}

}  // namespace warpstep::check::probes
