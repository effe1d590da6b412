// SPDX-License-Identifier: Apache-2.0
#include "runtime/comm/nccl/nccl_library.hpp"

#include <dlfcn.h>

#include <cstdlib>

#include "runtime/base/error.hpp"

namespace warpstep::comm::nccl {
namespace {

constexpr const char* oldest_version = "2.14";

// Looks functions up in one opened library; knows the version for its complaints.
class Symbols {
  public:
    explicit Symbols(const char* file) : handle_(::dlopen(file, RTLD_NOW | RTLD_LOCAL)) {
        if (handle_ == nullptr) {
            fail<EnvironmentError>(
                "cannot open NCCL ({}); install it, load the site's NCCL module, or name the file "
                "in "
                "WARPSTEP_NCCL_LIBRARY",
                ::dlerror());
        }
        const auto get_version =
            reinterpret_cast<decltype(&ncclGetVersion)>(find("ncclGetVersion"));
        if (get_version == nullptr || get_version(&code_) != ncclSuccess) {
            fail<EnvironmentError>(
                "'{}' is not NCCL (it does not tell its version); correct WARPSTEP_NCCL_LIBRARY",
                file);
        }
        version_ = version_text(code_);
        Dl_info info{};
        if (::dladdr(reinterpret_cast<void*>(get_version), &info) != 0) path_ = info.dli_fname;
    }

    const std::string& version() const { return version_; }
    int version_code() const { return code_; }
    const std::string& path() const { return path_; }

    template <typename Function>
    void required(Function& function, const char* name) const {
        optional(function, name);
        if (function != nullptr) return;
        fail<EnvironmentError>(
            "NCCL {} in {} has no {} ({} or newer is needed); load a newer NCCL or name it in "
            "WARPSTEP_NCCL_LIBRARY",
            version_, path_, name, oldest_version);
    }

    template <typename Function>
    void optional(Function& function, const char* name) const {
        function = reinterpret_cast<Function>(find(name));
    }

  private:
    void* find(const char* name) const { return ::dlsym(handle_, name); }

    void* handle_;
    int code_ = 0;
    std::string version_, path_;
};

NcclLibrary open_library() {
    const char* file = std::getenv("WARPSTEP_NCCL_LIBRARY");
    const Symbols symbols(file != nullptr && *file != '\0' ? file : "libnccl.so.2");
    NcclLibrary library{};
    library.version = symbols.version();
    library.version_code = symbols.version_code();
    library.path = symbols.path();
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
