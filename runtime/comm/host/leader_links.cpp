// SPDX-License-Identifier: Apache-2.0
#include "runtime/comm/host/leader_links.hpp"

#include <gloo/transport/pair.h>

#include <utility>

namespace warpstep::comm::host {

LeaderLinks::LeaderLinks(std::shared_ptr<gloo::Context> context, std::byte* area, std::size_t bytes)
    : context_(std::move(context)), area_(area), links_(static_cast<std::size_t>(size())) {
    const int offer_slot = context_->nextSlot();
    const int data_slot = context_->nextSlot();
    for (int peer = 0; peer < size(); ++peer) {
        if (peer == here()) continue;
        auto& pair = context_->getPair(peer);
        Link& link = links_[at(peer)];
        constexpr auto width = sizeof(std::uint64_t);
        link.offer_out = pair->createSendBuffer(offer_slot, &link.offered_by_us, width);
        link.offer_in = pair->createRecvBuffer(offer_slot, &link.offered_by_peer, width);
        link.data_out = pair->createSendBuffer(data_slot, area_, bytes);
        link.data_in = pair->createRecvBuffer(data_slot, area_, bytes);
    }
}

// One word per link is enough: a peer makes its next offer only after the message that answers this
// one.
void LeaderLinks::offer(int peer, const void* place) {
    Link& link = links_[at(peer)];
    link.offered_by_us = static_cast<std::uint64_t>(static_cast<const std::byte*>(place) - area_);
    link.offer_out->send();
}

void LeaderLinks::send(int peer, const void* from, std::size_t bytes) {
    Link& link = links_[at(peer)];
    link.offer_in->waitRecv();
    const auto offset = static_cast<std::size_t>(static_cast<const std::byte*>(from) - area_);
    link.data_out->send(offset, bytes, link.offered_by_peer);
}

void LeaderLinks::barrier() {
    for (int peer = 0; peer < size(); ++peer) {
        if (peer != here()) offer(peer, area_);
    }
    for (int peer = 0; peer < size(); ++peer) {
        if (peer != here()) links_[at(peer)].offer_in->waitRecv();
    }
}

}  // namespace warpstep::comm::host
