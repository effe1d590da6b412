// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nccl.h>

#include <string>

namespace warpstep::comm::nccl {

/// NCCL as it was found at run time: one pointer for each function we call. Sites bring their own
/// NCCL, often an older one than the header; functions that 2.14 does not have yet may be nullptr.
struct NcclLibrary {
    std::string version;  ///< "2.28.9"
    int version_code;     ///< 22809
    std::string path;

    decltype(&ncclGetUniqueId) get_unique_id;
    decltype(&ncclGetErrorString) get_error_string;
    decltype(&ncclGetLastError) get_last_error;
    decltype(&ncclCommInitRankConfig) comm_init_rank_config;
    decltype(&ncclCommGetAsyncError) comm_get_async_error;
    decltype(&ncclCommFinalize) comm_finalize;
    decltype(&ncclCommDestroy) comm_destroy;
    decltype(&ncclCommAbort) comm_abort;
    decltype(&ncclCommCount) comm_count;
    decltype(&ncclCommUserRank) comm_user_rank;
    decltype(&ncclGroupStart) group_start;
    decltype(&ncclGroupEnd) group_end;
    decltype(&ncclAllReduce) all_reduce;
    decltype(&ncclBroadcast) broadcast;
    decltype(&ncclAllGather) all_gather;
    decltype(&ncclReduce) reduce;
    decltype(&ncclReduceScatter) reduce_scatter;
    decltype(&ncclSend) send;
    decltype(&ncclRecv) recv;

    decltype(&ncclCommSplit) comm_split;                          ///< nullptr before 2.18
    decltype(&ncclMemAlloc) mem_alloc;                            ///< nullptr before 2.19
    decltype(&ncclMemFree) mem_free;                              ///< nullptr before 2.19
    decltype(&ncclCommRegister) comm_register;                    ///< nullptr before 2.19
    decltype(&ncclCommDeregister) comm_deregister;                ///< nullptr before 2.19
    decltype(&ncclCommInitRankScalable) comm_init_rank_scalable;  ///< nullptr before 2.23
    decltype(&ncclCommWindowRegister) comm_window_register;       ///< nullptr before 2.27
    decltype(&ncclCommWindowDeregister) comm_window_deregister;   ///< nullptr before 2.27
    decltype(&ncclAlltoAll) all_to_all;                           ///< nullptr before 2.28
    decltype(&ncclGather) gather;                                 ///< nullptr before 2.28
    decltype(&ncclScatter) scatter;                               ///< nullptr before 2.28
};

/// Opened at first use and kept until the process ends, because NCCL's threads live as long: the
/// file named by WARPSTEP_NCCL_LIBRARY, else libnccl.so.2 as the loader finds it (LD_LIBRARY_PATH,
/// then beside the CUDA toolkit of the build, then the system). Errors: EnvironmentError that names
/// what is missing and the version found.
const NcclLibrary& nccl_library();

/// "2.28.9" from NCCL's 22809, "2.8.4" from 2804.
std::string version_text(int code);

}  // namespace warpstep::comm::nccl
