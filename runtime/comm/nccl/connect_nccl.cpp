// SPDX-License-Identifier: Apache-2.0
#include "runtime/comm/nccl/connect_nccl.hpp"

#include <cstdlib>
#include <cstring>
#include <optional>
#include <string>

#include "runtime/base/error.hpp"
#include "runtime/base/log.hpp"
#include "runtime/comm/nccl/nccl_communicator.hpp"
#include "runtime/comm/nccl/nccl_group.hpp"
#include "runtime/device/cuda/current_device.hpp"

namespace warpstep::comm::nccl {
namespace {

using Communicators = std::vector<std::unique_ptr<NcclCommunicator>>;

constexpr int first_that_shares_gpus = 23000;

ncclUniqueId id_of(const std::string& bytes) {
    ncclUniqueId id{};
    if (bytes.size() != sizeof id) fail<LogicError>("an NCCL unique id has {} bytes", bytes.size());
    std::memcpy(&id, bytes.data(), sizeof id);
    return id;
}

// NCCL refuses two ranks on one GPU of one host. New versions can be told that it is meant; for
// older ones the ranks must look like different hosts. What the user has set stays.
void allow_sharing(const NcclLibrary& library, const std::string& host_id) {
    if (host_id.empty()) return;
    if (library.version_code >= first_that_shares_gpus) {
        ::setenv("NCCL_MULTI_RANK_GPU_ENABLE", "1", 0);
    } else {
        ::setenv("NCCL_HOSTID", host_id.c_str(), 0);
    }
}

// To NCCL this variable counts for more than what a communicator is configured to be, and then its
// calls wait for the peers where no deadline is looked at. An empty value is none, and unlike a
// missing one it is not replaced by what a configuration file of NCCL says.
void keep_from_blocking(const NcclStart& start) {
    constexpr const char* name = "NCCL_COMM_BLOCKING";
    const char* set = std::getenv(name);
    const std::string value = set == nullptr ? "" : set;
    ::setenv(name, "", 1);
    const bool blocks = !value.empty() && value != "0";
    // A launch gives all ranks one environment: the first speaks for them.
    if (!blocks || start.members.front().rank != 0) return;
    log::warn(
        fmt::format("{}={} is ignored (a blocking start has no deadline); unset it", name, value));
}

// The members of one task wait for each other, so all of them have to begin before one can end.
void begin(const NcclStart& start, Communicators& communicators) {
    const NcclLibrary& library = nccl_library();
    std::vector<ncclUniqueId> ids;
    for (const auto& bytes : start.unique_ids) ids.push_back(id_of(bytes));
    std::optional<NcclGroup> group;
    if (start.members.size() > 1) group.emplace(library);
    for (const auto& member : start.members) {
        auto& gpu = static_cast<device::cuda::CudaDevice&>(*member.device);
        const device::cuda::CurrentDevice current(gpu.ordinal());
        auto comm = std::make_shared<NcclComm>(library, member.rank, start.size, ids, start.name);
        communicators.push_back(std::make_unique<NcclCommunicator>(
            gpu, std::move(comm), member.rank, start.size, start.channel, start.operation_timeout));
    }
    if (!group) return;
    const ncclResult_t code = group->end();
    if (code == ncclSuccess || code == ncclInProgress) return;
    fail<CommError>("nccl {} cannot start {} devices of one task: {}; NCCL_DEBUG=WARN tells more",
                    library.version, start.members.size(), library.get_error_string(code));
}

}  // namespace

std::vector<std::unique_ptr<Communicator>> connect_nccl(const NcclStart& start) {
    allow_sharing(nccl_library(), start.host_id);
    keep_from_blocking(start);
    Communicators communicators;
    begin(start, communicators);
    std::vector<std::shared_ptr<NcclComm>> task;
    for (const auto& communicator : communicators) task.push_back(communicator->comm());
    std::vector<std::unique_ptr<Communicator>> connected;
    for (auto& communicator : communicators) {
        communicator->complete_start(start.deadline);
        communicator->belong_to(task);
    }
    for (auto& communicator : communicators) connected.push_back(std::move(communicator));
    return connected;
}

}  // namespace warpstep::comm::nccl
