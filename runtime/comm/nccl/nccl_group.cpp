// SPDX-License-Identifier: Apache-2.0
#include "runtime/comm/nccl/nccl_group.hpp"

#include <algorithm>

#include "runtime/base/error.hpp"
#include "runtime/comm/nccl/check.hpp"

namespace warpstep::comm::nccl {
namespace {

thread_local NcclGroup* of_this_thread = nullptr;

}  // namespace

NcclGroup::NcclGroup(const NcclLibrary& library) : library_(library) {
    if (of_this_thread != nullptr) fail<LogicError>("groups of NCCL do not nest");
    WARPSTEP_NCCL_CHECK(library, nullptr, library.group_start());
    of_this_thread = this;
}

NcclGroup::~NcclGroup() {
    if (!ended_) end();
}

NcclGroup* NcclGroup::open() {
    return of_this_thread;
}

void NcclGroup::add(NcclCommunicator& member) {
    if (std::find(members_.begin(), members_.end(), &member) == members_.end()) {
        members_.push_back(&member);
    }
}

ncclResult_t NcclGroup::end() {
    ended_ = true;
    of_this_thread = nullptr;
    return library_.group_end();
}

}  // namespace warpstep::comm::nccl
