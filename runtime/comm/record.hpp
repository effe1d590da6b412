// SPDX-License-Identifier: Apache-2.0
// The one record that every rank publishes during the bootstrap, and the checks that all ranks run
// on all records.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace warpstep::comm {

struct Record {
    std::uint32_t version = 1;
    std::string
        boot_id;  ///< tells two machines apart when host names do not; "": not known, not checked
    std::string host;  ///< node name
    std::int64_t pid = 0;
    std::string device;  ///< "host" or "cuda"
    std::string gpu_uuid, gpu_pci;
    int numa = -1;
    int devices = 1;                              ///< that the rank opens
    std::string cuda_driver, cuda_runtime, nccl;  ///< versions, "" without CUDA
    std::string address;                          ///< control address of this rank, "10.77.0.2"
    int port = 0;                                 ///< rank 0 listens there; 0 on other ranks
    std::string config_hash;                      ///< of workload, overrides and binary version
    std::string nccl_id;                          ///< root ranks only: raw bytes
    std::string shared_memory;  ///< local rank 0 only: token for the names of the node's segments
    std::string
        refusal;  ///< a rank that cannot go on says why here, instead of leaving the others waiting
    int refusal_code = 0;  ///< exit code that belongs to `refusal`
};

std::string encode(const Record& record);
/// Errors: CommError for bytes that are no record of this version.
Record decode(std::string_view bytes);

/// Why the step cannot go on, the same on every rank because all look at the same records: a
/// refusal, another workload or binary, mixed devices, mixed CUDA or NCCL versions, more ranks on a
/// GPU than `share`, one boot id under two host names. Each line names ranks and nodes. Empty: all
/// is well.
std::vector<std::string> problems(const std::vector<Record>& records, int share);
/// The code to end with when there are problems: the largest of the refusals' codes; without
/// refusals 2 for what the user must change (workload, sharing of GPUs) and 3 as soon as the site
/// must (versions, devices, host names); 0 without problems.
int exit_code_of(const std::vector<Record>& records, int share);

}  // namespace warpstep::comm
