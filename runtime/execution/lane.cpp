// SPDX-License-Identifier: Apache-2.0
#include "runtime/execution/lane.hpp"

namespace warpstep::execution {

void wait_all(const std::vector<Lane>& lanes) {
    for (const Lane& lane : lanes) lane.machine->communicator.wait(lane.stream());
}

void follow(device::Stream& waiting, device::Stream& leading, device::Event& mark) {
    mark.record(leading);
    waiting.wait(mark);
}

StreamJoin::StreamJoin(const Lane& lane, const std::vector<std::string>& names)
    : main_(lane.stream()) {
    if (names.empty()) return;
    start_ = lane.machine->device.make_event();
    for (const auto& name : names) {
        sides_.push_back({&lane.stream(name), lane.machine->device.make_event()});
    }
}

void StreamJoin::fork() {
    if (sides_.empty()) return;
    start_->record(main_);
    for (const Side& side : sides_) side.stream->wait(*start_);
}

void StreamJoin::join() {
    for (const Side& side : sides_) follow(main_, *side.stream, *side.end);
}

std::string group_key(const workload::Group& group) {
    return (group.kind == workload::Group::Kind::by ? "by " : "") + group.value.text();
}

}  // namespace warpstep::execution
