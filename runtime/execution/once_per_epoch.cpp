// SPDX-License-Identifier: Apache-2.0
#include "runtime/execution/once_per_epoch.hpp"

namespace warpstep::execution {
namespace {

using Words = std::vector<std::int64_t>;

// All members' sum, element by element, on the host. The devices of this task join together.
Words summed(const std::vector<Words>& mine, const std::vector<SeenBy>& devices) {
    const std::size_t bytes = mine.front().size() * sizeof(std::int64_t);
    std::vector<std::unique_ptr<device::Buffer>> buffers;
    for (std::size_t i = 0; i < devices.size(); ++i) {
        device::Device& device = devices[i].machine->device;
        buffers.push_back(device.allocate(bytes, device::Memory::device));
        device.copy(buffers[i]->data(), mine[i].data(), bytes, *devices[i].stream);
    }
    const auto add_up = [&] {
        for (std::size_t i = 0; i < devices.size(); ++i) {
            devices[i].machine->communicator.all_reduce(buffers[i]->data(), buffers[i]->data(),
                                                        mine[i].size(), DType::i64,
                                                        comm::ReduceOp::sum, *devices[i].stream);
        }
    };
    if (devices.size() == 1) {
        add_up();
    } else {
        devices.front().machine->communicator.group(add_up);
    }
    Words all(mine.front().size());
    devices.front().machine->device.copy(all.data(), buffers.front()->data(), bytes,
                                         *devices.front().stream);
    for (const SeenBy& each : devices) each.machine->communicator.wait(*each.stream);
    return all;
}

}  // namespace

bool once_per_epoch(const std::vector<SeenBy>& devices, std::int64_t expected_repeats) {
    const data::SeenRows& first = *devices.front().seen;
    const int members = devices.front().machine->members();
    std::vector<Words> totals, marks;
    for (const SeenBy& each : devices) {
        totals.push_back(each.seen->totals(each.machine->member(), members));
        marks.push_back(each.seen->marks());
    }
    // Judged from sums, so that all members go on or all return.
    if (!first.totals_are_full(summed(totals, devices), members, expected_repeats)) return false;
    return first.marks().empty() || first.marks_are_full(summed(marks, devices));
}

}  // namespace warpstep::execution
