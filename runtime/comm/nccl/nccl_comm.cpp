// SPDX-License-Identifier: Apache-2.0
#include "runtime/comm/nccl/nccl_comm.hpp"

#include <algorithm>
#include <utility>

#include "runtime/base/error.hpp"
#include "runtime/comm/nccl/bounded_abort.hpp"
#include "runtime/comm/nccl/check.hpp"
#include "runtime/comm/nccl/pause.hpp"

namespace warpstep::comm::nccl {
namespace {

// For a communicator whose peers do not know yet that it is given up.
constexpr std::chrono::milliseconds short_patience{500};

bool accepted(ncclResult_t code) {
    return code == ncclSuccess || code == ncclInProgress;
}

}  // namespace

NcclComm::NcclComm(const NcclLibrary& library, std::string name)
    : library_(library), name_(std::move(name)) {}

NcclComm::NcclComm(const NcclLibrary& library, int rank, int size, std::vector<ncclUniqueId> ids,
                   std::string name)
    : NcclComm(library, std::move(name)) {
    ids_ = std::move(ids);
    ncclConfig_t wanted = config();
    const bool scalable = ids_.size() > 1 && library_.comm_init_rank_scalable != nullptr;
    // The return code comes first: a failed start can leave the asynchronous state at "in progress"
    // for ever.
    const ncclResult_t code =
        scalable ? library_.comm_init_rank_scalable(
                       &comm_, size, rank, static_cast<int>(ids_.size()), ids_.data(), &wanted)
                 : library_.comm_init_rank_config(&comm_, size, ids_.at(0), rank, &wanted);
    if (accepted(code)) return;
    const std::string reason = describe(library_, code, nullptr);
    abort(short_patience);
    fail<CommError>("nccl {} cannot start rank {} of {}: {}; NCCL_DEBUG=WARN tells more",
                    library_.version, rank, size, reason);
}

std::shared_ptr<NcclComm> NcclComm::split(NcclComm& parent, int color, int key) {
    const NcclLibrary& library = parent.library_;
    if (library.comm_split == nullptr) {
        fail<EnvironmentError>(
            "NCCL {} in {} cannot split a communicator (2.18 or newer can); load a newer NCCL or "
            "name it in WARPSTEP_NCCL_LIBRARY",
            library.version, library.path);
    }
    std::shared_ptr<NcclComm> child(new NcclComm(library, parent.name_));
    ncclConfig_t wanted = child->config();
    const int chosen = color < 0 ? NCCL_SPLIT_NOCOLOR : color;
    const ncclResult_t code = library.comm_split(parent.get(), chosen, key, &child->comm_, &wanted);
    if (!accepted(code)) {
        fail<CommError>("nccl {} cannot split the communicator: {}; NCCL_DEBUG=WARN tells more",
                        library.version, describe(library, code, parent.get()));
    }
    parent.children_.push_back(child);
    return child;
}

NcclComm::~NcclComm() {
    abort(short_patience);
}

ncclConfig_t NcclComm::config() const {
    ncclConfig_t config = NCCL_CONFIG_INITIALIZER;
    config.blocking = 0;
    if (!name_.empty()) config.commName = name_.c_str();
    return config;
}

ncclComm_t NcclComm::get() const {
    if (comm_ == nullptr)
        fail<CommError>("nccl: the communicator was aborted (an earlier failure)");
    return comm_;
}

ncclResult_t NcclComm::state() const {
    ncclResult_t asynchronous = ncclSuccess;
    const ncclResult_t code = library_.comm_get_async_error(comm_, &asynchronous);
    return code == ncclSuccess ? asynchronous : code;
}

bool NcclComm::settled() const {
    get();
    const ncclResult_t code = state();
    if (code == ncclInProgress) return false;
    if (code != ncclSuccess) {
        fail<CommError>("nccl {}: {}; NCCL_DEBUG=WARN tells more", library_.version,
                        describe(library_, code, comm_));
    }
    return true;
}

void NcclComm::check() const {
    settled();
    for (const auto& weak : children_) {
        if (const auto child = weak.lock(); child && child->alive()) child->check();
    }
}

bool NcclComm::finish(const std::vector<std::shared_ptr<NcclComm>>& comms,
                      Deadline deadline) noexcept {
    const auto all = [&](auto&& holds) { return std::all_of(comms.begin(), comms.end(), holds); };
    if (comms.empty()) return true;
    const NcclLibrary& library = comms.front()->library_;
    // Several of one task wait for each other.
    const bool together = comms.size() > 1;
    if (together) library.group_start();
    bool orderly = all([&](const auto& comm) {
        return comm->comm_ == nullptr || accepted(library.comm_finalize(comm->comm_));
    });
    if (together) orderly = accepted(library.group_end()) && orderly;
    const auto ended = [](const auto& comm) {
        return comm->comm_ == nullptr || comm->state() != ncclInProgress;
    };
    for (Pause pause; orderly && !all(ended) && !deadline.passed(); pause()) {
    }
    orderly = orderly && all([](const auto& comm) {
                  return comm->comm_ == nullptr || comm->state() == ncclSuccess;
              });
    for (const auto& comm : comms) {
        if (!orderly) comm->abort(short_patience);
        // After a complete finalize this frees memory of this process only.
        if (comm->comm_ != nullptr) library.comm_destroy(std::exchange(comm->comm_, nullptr));
    }
    return orderly;
}

void NcclComm::abort(std::chrono::milliseconds patience) noexcept {
    for (const auto& weak : children_) {
        if (const auto child = weak.lock()) child->abort(patience);
    }
    if (comm_ != nullptr) bounded_abort(library_, std::exchange(comm_, nullptr), patience);
}

}  // namespace warpstep::comm::nccl
