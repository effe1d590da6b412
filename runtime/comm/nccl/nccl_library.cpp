// SPDX-License-Identifier: Apache-2.0
#include "runtime/comm/nccl/nccl_library.hpp"

#include <fmt/format.h>

#include "runtime/base/shared_library.hpp"

namespace warpstep::comm::nccl {
namespace {

NcclLibrary open_library() {
    SharedLibrary symbols = SharedLibrary::open({"NCCL",
                                                 "WARPSTEP_NCCL_LIBRARY",
                                                 {"libnccl.so.2"},
                                                 "",
                                                 "install it, load the site's NCCL module",
                                                 "ncclGetVersion",
                                                 "does not tell its version",
                                                 "2.14 or newer is needed",
                                                 "load a newer NCCL"});
    NcclLibrary library{};
    decltype(&ncclGetVersion) get_version = nullptr;
    symbols.required(get_version, "ncclGetVersion");
    if (get_version(&library.version_code) != ncclSuccess) library.version_code = 0;
    library.version = version_text(library.version_code);
    library.path = symbols.path();
    symbols.set_version(library.version);
    symbols.required(library.get_unique_id, "ncclGetUniqueId");
    symbols.required(library.get_error_string, "ncclGetErrorString");
    symbols.required(library.get_last_error, "ncclGetLastError");
    symbols.required(library.comm_init_rank_config, "ncclCommInitRankConfig");
    symbols.required(library.comm_get_async_error, "ncclCommGetAsyncError");
    symbols.required(library.comm_finalize, "ncclCommFinalize");
    symbols.required(library.comm_destroy, "ncclCommDestroy");
    symbols.required(library.comm_abort, "ncclCommAbort");
    symbols.required(library.all_reduce, "ncclAllReduce");
    symbols.required(library.broadcast, "ncclBroadcast");
    symbols.required(library.comm_count, "ncclCommCount");
    symbols.required(library.comm_user_rank, "ncclCommUserRank");
    symbols.required(library.group_start, "ncclGroupStart");
    symbols.required(library.group_end, "ncclGroupEnd");
    symbols.required(library.all_gather, "ncclAllGather");
    symbols.required(library.reduce, "ncclReduce");
    symbols.required(library.reduce_scatter, "ncclReduceScatter");
    symbols.required(library.send, "ncclSend");
    symbols.required(library.recv, "ncclRecv");
    symbols.optional(library.comm_split, "ncclCommSplit");
    symbols.optional(library.mem_alloc, "ncclMemAlloc");
    symbols.optional(library.mem_free, "ncclMemFree");
    symbols.optional(library.comm_register, "ncclCommRegister");
    symbols.optional(library.comm_deregister, "ncclCommDeregister");
    symbols.optional(library.comm_init_rank_scalable, "ncclCommInitRankScalable");
    symbols.optional(library.comm_window_register, "ncclCommWindowRegister");
    symbols.optional(library.comm_window_deregister, "ncclCommWindowDeregister");
    symbols.optional(library.all_to_all, "ncclAlltoAll");
    symbols.optional(library.gather, "ncclGather");
    symbols.optional(library.scatter, "ncclScatter");
    return library;
}

}  // namespace

const NcclLibrary& nccl_library() {
    static const NcclLibrary library = open_library();
    return library;
}

// NCCL changed its scheme with 2.9.
std::string version_text(int code) {
    const int scale = code >= 10000 ? 10000 : 1000;
    return fmt::format("{}.{}.{}", code / scale, code % scale / 100, code % 100);
}

}  // namespace warpstep::comm::nccl
