// SPDX-License-Identifier: Apache-2.0
// A libnccl that meets over TCP and executes on the stand-in libcudart's streams. With
// STAND_IN_NCCL_OLD it has what 2.17 had.
#include <arpa/inet.h>
#include <cuda_runtime_api.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstring>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>

#include "tests/support/stand_ins/failures.hpp"
#include "tests/support/stand_ins/nccl/server.hpp"

#define STAND_IN extern "C" __attribute__((visibility("default")))

namespace stand_ins::nccl {
namespace {

#ifdef STAND_IN_NCCL_OLD
constexpr int own_version = 21701;
#else
constexpr int own_version = NCCL_VERSION_CODE;
#endif

thread_local std::string last_error;

int version() {
    return static_cast<int>(setting("STAND_IN_NCCL_VERSION", own_version));
}

/// One connection of one rank to the meeting place.
class Line {
  public:
    bool open(const Address& address) {
        socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_in to{};
        to.sin_family = AF_INET;
        to.sin_addr.s_addr = address.ip;
        to.sin_port = htons(address.port);
        if (::connect(socket_, reinterpret_cast<sockaddr*>(&to), sizeof to) != 0) return false;
        const int on = 1;
        ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        reader_ = std::thread([this] { listen(); });
        return true;
    }
    ~Line() {
        shut();
        if (reader_.joinable()) reader_.join();
        if (socket_ >= 0) ::close(socket_);
    }

    std::int64_t ask(Request request, const void* payload) {
        const std::lock_guard lock(writing_);
        request.id = ++last_id_;
        write_all(socket_, &request, sizeof request);
        write_all(socket_, payload, request.bytes);
        return request.id;
    }

    /// Blocks until the answer is there or the line is shut.
    ncclResult_t wait(std::int64_t id, std::string& payload) {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return shut_ || broken_ || answers_.count(id) > 0; });
        const auto found = answers_.find(id);
        if (found == answers_.end()) return shut_ ? ncclInternalError : ncclRemoteError;
        payload = std::move(found->second.second);
        const int code = found->second.first;
        answers_.erase(found);
        return static_cast<ncclResult_t>(code);
    }

    void shut() {
        {
            const std::lock_guard lock(mutex_);
            shut_ = true;
        }
        changed_.notify_all();
        if (socket_ >= 0) ::shutdown(socket_, SHUT_RDWR);
    }
    bool is_shut() {
        const std::lock_guard lock(mutex_);
        return shut_;
    }
    void wait_until_shut() {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return shut_; });
    }

  private:
    void listen() {
        Reply reply;
        while (read_all(socket_, &reply, sizeof reply)) {
            std::string payload(reply.bytes, '\0');
            if (!read_all(socket_, payload.data(), payload.size())) break;
            const std::lock_guard lock(mutex_);
            answers_[reply.id] = {reply.code, std::move(payload)};
            changed_.notify_all();
        }
        const std::lock_guard lock(mutex_);
        broken_ = true;
        changed_.notify_all();
    }

    int socket_ = -1;
    std::int64_t last_id_ = 0;
    std::mutex writing_, mutex_;
    std::condition_variable changed_;
    std::map<std::int64_t, std::pair<int, std::string>> answers_;
    bool shut_ = false, broken_ = false;
    std::thread reader_;
};

/// What a unique id holds; it has 128 bytes.
struct Id {
    char magic[8];
    Address address;
    char name[48];
};
constexpr char magic[8] = "standin";

struct Comm {
    std::string name;
    Address address;
    int rank = 0, size = 0;
    std::atomic<int> state{ncclInProgress};
    std::shared_ptr<Line> line = std::make_shared<Line>();
    std::int64_t turn = 0, splits = 0;
    std::map<std::pair<int, bool>, std::int64_t> messages;  ///< by peer, sent or received
    std::thread starting;
    bool blocking = true;
    int gpu = 0;  ///< by its ordinal

    void settle(ncclResult_t code) { state = code; }
    Request request(Op op) const {
        Request made;
        made.op = op;
        made.rank = rank;
        made.size = size;
        made.version = version();
        std::strncpy(made.communicator, name.c_str(), sizeof made.communicator - 1);
        return made;
    }
};

Comm* of(ncclComm_t comm) {
    return reinterpret_cast<Comm*>(comm);
}

ncclResult_t refuse(ncclResult_t code, const std::string& why) {
    last_error = why;
    return code;
}

std::string gpu_of_this_thread() {
    int device = 0;
    char pci[64] = "?";
    cudaDeviceProp properties;
    if (cudaGetDevice(&device) == cudaSuccess &&
        cudaGetDeviceProperties(&properties, device) == cudaSuccess) {
        std::snprintf(pci, sizeof pci, "%x:%x", properties.pciDomainID, properties.pciBusID);
    }
    char host[40] = "";
    const char* id = std::getenv("NCCL_HOSTID");
    if (id == nullptr) ::gethostname(host, sizeof host - 1);
    return std::string(id != nullptr ? id : host).substr(0, 40) + "/" + pci;
}

void meet(Comm& comm, const std::string& gpu) {
    // Long enough for a caller to see the start going on.
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
    if (failure_of("start") == hang) {
        comm.line->wait_until_shut();
        comm.settle(ncclInternalError);
        return;
    }
    if (!comm.line->open(comm.address)) {
        comm.settle(ncclSystemError);
        return;
    }
    Request hello = comm.request(Op::hello);
    std::strncpy(hello.gpu, gpu.c_str(), sizeof hello.gpu - 1);
    std::string nothing;
    comm.settle(comm.line->wait(comm.line->ask(hello, nullptr), nothing));
}

ncclResult_t start(ncclComm_t* result, std::string name, Address address, int rank, int size,
                   const ncclConfig_t* config) {
    auto comm = std::make_unique<Comm>();
    comm->name = std::move(name);
    comm->address = address;
    comm->rank = rank;
    comm->size = size;
    // As in the real one, the environment counts for more than the caller.
    const int configured = config == nullptr || config->blocking != 0 ? 1 : 0;
    comm->blocking = setting("NCCL_COMM_BLOCKING", configured) != 0;
    cudaGetDevice(&comm->gpu);
    Comm& started = *comm;
    *result = reinterpret_cast<ncclComm_t>(comm.release());
    started.starting = std::thread([&started, gpu = gpu_of_this_thread()] { meet(started, gpu); });
    if (!started.blocking) return ncclInProgress;
    started.starting.join();
    return static_cast<ncclResult_t>(started.state.load());
}

/// A call that waits for others on the stream: first all requests of a group, then all answers.
struct Piece {
    Comm* comm;
    Request request;
    const void* from = nullptr;
    void* to = nullptr;
    bool hangs = false;
    int fails = 0;
};

struct Group {
    std::map<cudaStream_t, std::vector<Piece>> pieces;
    std::vector<std::function<void()>> starts;
    int depth = 0;
};
thread_local Group group;

void carry_out(std::vector<Piece>& pieces) {
    std::vector<std::int64_t> asked;
    for (Piece& piece : pieces) {
        Comm& comm = *piece.comm;
        if (piece.fails != 0) comm.settle(static_cast<ncclResult_t>(piece.fails));
        if (piece.hangs || piece.fails != 0) {
            comm.line->wait_until_shut();
            return;
        }
        asked.push_back(comm.line->ask(piece.request, piece.from));
    }
    for (std::size_t i = 0; i < pieces.size(); ++i) {
        Comm& comm = *pieces[i].comm;
        std::string payload;
        const ncclResult_t code = comm.line->wait(asked[i], payload);
        if (code == ncclSuccess) {
            if (!payload.empty() && pieces[i].to != nullptr) {
                std::memcpy(pieces[i].to, payload.data(), payload.size());
            }
            continue;
        }
        if (!comm.line->is_shut()) comm.settle(code);
        // The real kernel spins on until the communicator is aborted.
        comm.line->wait_until_shut();
    }
}

struct Enqueued {
    std::vector<Piece> pieces;
};

// Turns are counted when the work runs, so that a graph may run it again and again.
void run_enqueued(void* data) {
    auto* enqueued = static_cast<Enqueued*>(data);
    for (Piece& piece : enqueued->pieces) {
        Comm& comm = *piece.comm;
        if (piece.request.op == Op::send || piece.request.op == Op::recv) {
            piece.request.turn =
                ++comm.messages[{piece.request.peer, piece.request.op == Op::send}];
        } else {
            piece.request.turn = ++comm.turn;
        }
    }
    carry_out(enqueued->pieces);
}

ncclResult_t enqueue(std::vector<Piece> pieces, cudaStream_t stream) {
    // Kept for ever: a graph that captured it may run at any time.
    auto* enqueued = new Enqueued{std::move(pieces)};
    return cudaLaunchHostFunc(stream, run_enqueued, enqueued) == cudaSuccess
               ? ncclSuccess
               : ncclUnhandledCudaError;
}

ncclResult_t submit(const char* function, Piece piece, cudaStream_t stream) {
    const int injected = failure_of(function);
    if (injected > 0) return refuse(static_cast<ncclResult_t>(injected), "as it was told");
    Comm& comm = *piece.comm;
    if (comm.state != ncclSuccess) return refuse(ncclInvalidUsage, "the communicator is not ready");
    piece.hangs = injected == hang;
    piece.fails = failure_of("asyncError");
    if (group.depth > 0) {
        group.pieces[stream].push_back(piece);
        return ncclSuccess;
    }
    return enqueue({piece}, stream);
}

Piece piece_of(ncclComm_t comm, Op op, const void* from, void* to, std::size_t count,
               ncclDataType_t type, std::size_t parts_sent) {
    Piece piece{of(comm), of(comm)->request(op), from, to};
    piece.request.count = count;
    piece.request.dtype = type;
    piece.request.bytes = count * size_of(type) * parts_sent;
    return piece;
}

std::size_t all(ncclComm_t comm) {
    return static_cast<std::size_t>(of(comm)->size);
}

}  // namespace
}  // namespace stand_ins::nccl

using namespace stand_ins;
using namespace stand_ins::nccl;

STAND_IN ncclResult_t ncclGetVersion(int* code) {
    *code = version();
    return ncclSuccess;
}

STAND_IN ncclResult_t ncclGetUniqueId(ncclUniqueId* id) {
    if (const int code = failure_of("ncclGetUniqueId")) return static_cast<ncclResult_t>(code);
    static const Address server = start_server();
    static std::atomic<int> made{0};
    Id own{};
    std::memcpy(own.magic, magic, sizeof magic);
    own.address = server;
    std::snprintf(own.name, sizeof own.name, "%d.%d.%u", ::getpid(), ++made, server.port);
    std::memset(id, 0, sizeof *id);
    std::memcpy(id, &own, sizeof own);
    return ncclSuccess;
}

STAND_IN const char* ncclGetErrorString(ncclResult_t code) {
    static const char* const texts[] = {
        "no error",
        "unhandled cuda error (run with NCCL_DEBUG=INFO for details)",
        "unhandled system error (run with NCCL_DEBUG=INFO for details)",
        "internal error - please report this issue to the NCCL developers",
        "invalid argument (run with NCCL_DEBUG=WARN for details)",
        "invalid usage (run with NCCL_DEBUG=WARN for details)",
        "remote process exited or there was a network error",
        "NCCL operation in progress"};
    return code >= 0 && code <= 7 ? texts[code] : "unknown result code";
}
STAND_IN const char* ncclGetLastError(ncclComm_t) {
    return last_error.c_str();
}

STAND_IN ncclResult_t ncclCommInitRankConfig(ncclComm_t* comm, int size, ncclUniqueId id, int rank,
                                             ncclConfig_t* config) {
    if (const int code = failure_of("ncclCommInitRankConfig"); code > 0) {
        return refuse(static_cast<ncclResult_t>(code), "as it was told");
    }
    Id own{};
    std::memcpy(static_cast<void*>(&own), &id, sizeof own);
    if (std::memcmp(own.magic, magic, sizeof magic) != 0) {
        return refuse(ncclInvalidArgument, "not a unique id");
    }
    if (rank < 0 || rank >= size) return refuse(ncclInvalidArgument, "no such rank");
    return start(comm, own.name, own.address, rank, size, config);
}
STAND_IN ncclResult_t ncclCommInitRank(ncclComm_t* comm, int size, ncclUniqueId id, int rank) {
    return ncclCommInitRankConfig(comm, size, id, rank, nullptr);
}

STAND_IN ncclResult_t ncclCommGetAsyncError(ncclComm_t comm, ncclResult_t* state) {
    if (const int code = failure_of("ncclCommGetAsyncError"); code > 0) {
        return static_cast<ncclResult_t>(code);
    }
    *state = static_cast<ncclResult_t>(of(comm)->state.load());
    return ncclSuccess;
}

STAND_IN ncclResult_t ncclCommFinalize(ncclComm_t handle) {
    const int injected = failure_of("ncclCommFinalize");
    if (injected > 0) return static_cast<ncclResult_t>(injected);
    Comm* comm = of(handle);
    comm->settle(ncclInProgress);
    std::thread([comm, line = comm->line, stays = injected == hang] {
        if (stays) return line->wait_until_shut();
        Request request = comm->request(Op::finalize);
        request.turn = ++comm->turn;
        std::string nothing;
        const ncclResult_t code = line->wait(line->ask(request, nullptr), nothing);
        if (!line->is_shut()) comm->settle(code);
    }).detach();
    return ncclInProgress;
}

namespace {
void end(Comm* comm, bool orderly) {
    if (orderly) {
        std::string nothing;
        comm->line->wait(comm->line->ask(comm->request(Op::bye), nullptr), nothing);
    }
    comm->line->shut();
    if (comm->starting.joinable()) comm->starting.join();
    // Work that still runs on a stream may look at it: it stays.
}
}  // namespace

STAND_IN ncclResult_t ncclCommDestroy(ncclComm_t comm) {
    end(of(comm), true);
    return ncclSuccess;
}
namespace {
/// As in the real one: the thread is given back the device that was current before.
class OnGpu {
  public:
    explicit OnGpu(int gpu) {
        cudaGetDevice(&before_);
        cudaSetDevice(gpu);
    }
    ~OnGpu() { cudaSetDevice(before_); }
    OnGpu(const OnGpu&) = delete;
    OnGpu& operator=(const OnGpu&) = delete;

  private:
    int before_ = 0;
};
}  // namespace

STAND_IN ncclResult_t ncclCommAbort(ncclComm_t comm) {
    const OnGpu current(of(comm)->gpu);
    if (failure_of("ncclCommAbort") == hang) {
        // The real one ends the kernels first, and then waits for ranks that never abort.
        of(comm)->line->shut();
        for (;;) std::this_thread::sleep_for(std::chrono::seconds(1));
    }
    end(of(comm), false);
    return ncclSuccess;
}
STAND_IN ncclResult_t ncclCommCount(ncclComm_t comm, int* count) {
    *count = of(comm)->size;
    return ncclSuccess;
}
STAND_IN ncclResult_t ncclCommUserRank(ncclComm_t comm, int* rank) {
    *rank = of(comm)->rank;
    return ncclSuccess;
}

STAND_IN ncclResult_t ncclGroupStart() {
    ++group.depth;
    return ncclSuccess;
}
STAND_IN ncclResult_t ncclGroupEnd() {
    if (group.depth == 0) return refuse(ncclInvalidUsage, "no group to end");
    if (--group.depth > 0) return ncclSuccess;
    auto pieces = std::exchange(group.pieces, {});
    if (const int code = failure_of("ncclGroupEnd"); code > 0) {
        return refuse(static_cast<ncclResult_t>(code), "as it was told");
    }
    ncclResult_t worst = ncclSuccess;
    for (auto& [stream, of_stream] : pieces) {
        const ncclResult_t code = enqueue(std::move(of_stream), stream);
        if (code != ncclSuccess) worst = code;
    }
    return worst;
}

STAND_IN ncclResult_t ncclAllReduce(const void* from, void* to, std::size_t count,
                                    ncclDataType_t type, ncclRedOp_t op, ncclComm_t comm,
                                    cudaStream_t stream) {
    Piece piece = piece_of(comm, Op::all_reduce, from, to, count, type, 1);
    piece.request.reduction = op;
    return submit("ncclAllReduce", piece, stream);
}
STAND_IN ncclResult_t ncclBroadcast(const void* from, void* to, std::size_t count,
                                    ncclDataType_t type, int root, ncclComm_t comm,
                                    cudaStream_t stream) {
    const bool sends = of(comm)->rank == root;
    Piece piece = piece_of(comm, Op::broadcast, from, to, count, type, sends ? 1 : 0);
    piece.request.root = root;
    return submit("ncclBroadcast", piece, stream);
}
STAND_IN ncclResult_t ncclReduce(const void* from, void* to, std::size_t count, ncclDataType_t type,
                                 ncclRedOp_t op, int root, ncclComm_t comm, cudaStream_t stream) {
    Piece piece = piece_of(comm, Op::reduce, from, to, count, type, 1);
    piece.request.reduction = op;
    piece.request.root = root;
    return submit("ncclReduce", piece, stream);
}
STAND_IN ncclResult_t ncclAllGather(const void* from, void* to, std::size_t count,
                                    ncclDataType_t type, ncclComm_t comm, cudaStream_t stream) {
    return submit("ncclAllGather", piece_of(comm, Op::all_gather, from, to, count, type, 1),
                  stream);
}
STAND_IN ncclResult_t ncclReduceScatter(const void* from, void* to, std::size_t count,
                                        ncclDataType_t type, ncclRedOp_t op, ncclComm_t comm,
                                        cudaStream_t stream) {
    Piece piece = piece_of(comm, Op::reduce_scatter, from, to, count, type, all(comm));
    piece.request.reduction = op;
    return submit("ncclReduceScatter", piece, stream);
}
STAND_IN ncclResult_t ncclSend(const void* from, std::size_t count, ncclDataType_t type, int peer,
                               ncclComm_t comm, cudaStream_t stream) {
    Piece piece = piece_of(comm, Op::send, from, nullptr, count, type, 1);
    piece.request.peer = peer;
    return submit("ncclSend", piece, stream);
}
STAND_IN ncclResult_t ncclRecv(void* to, std::size_t count, ncclDataType_t type, int peer,
                               ncclComm_t comm, cudaStream_t stream) {
    Piece piece = piece_of(comm, Op::recv, nullptr, to, count, type, 0);
    piece.request.peer = peer;
    return submit("ncclRecv", piece, stream);
}

#ifndef STAND_IN_NCCL_OLD
STAND_IN ncclResult_t ncclCommInitRankScalable(ncclComm_t* comm, int size, int rank, int roots,
                                               ncclUniqueId* ids, ncclConfig_t* config) {
    if (roots < 1) return refuse(ncclInvalidArgument, "no unique id");
    return ncclCommInitRankConfig(comm, size, ids[0], rank, config);
}

STAND_IN ncclResult_t ncclCommSplit(ncclComm_t parent, int color, int key, ncclComm_t* result,
                                    ncclConfig_t* config) {
    if (const int code = failure_of("ncclCommSplit"); code > 0) {
        return refuse(static_cast<ncclResult_t>(code), "as it was told");
    }
    Comm& comm = *of(parent);
    const int mine[2] = {color, key};
    Request request = comm.request(Op::split);
    request.turn = ++comm.turn;
    request.bytes = sizeof mine;
    std::string told;
    const ncclResult_t code = comm.line->wait(comm.line->ask(request, mine), told);
    if (code != ncclSuccess) return refuse(code, "the split was not agreed");
    const std::int64_t number = ++comm.splits;
    *result = nullptr;
    if (color < 0) return ncclSuccess;
    std::vector<std::pair<int, int>> members;  // key, rank
    for (int rank = 0; rank < comm.size; ++rank) {
        int theirs[2];
        std::memcpy(theirs, told.data() + static_cast<std::size_t>(rank) * sizeof theirs,
                    sizeof theirs);
        if (theirs[0] == color) members.emplace_back(theirs[1], rank);
    }
    std::sort(members.begin(), members.end());
    int place = 0;
    while (members[static_cast<std::size_t>(place)].second != comm.rank) ++place;
    return start(result, comm.name + "/" + std::to_string(number) + "." + std::to_string(color),
                 comm.address, place, static_cast<int>(members.size()), config);
}

STAND_IN ncclResult_t ncclAlltoAll(const void* from, void* to, std::size_t count,
                                   ncclDataType_t type, ncclComm_t comm, cudaStream_t stream) {
    return submit("ncclAlltoAll", piece_of(comm, Op::all_to_all, from, to, count, type, all(comm)),
                  stream);
}
STAND_IN ncclResult_t ncclGather(const void* from, void* to, std::size_t count, ncclDataType_t type,
                                 int root, ncclComm_t comm, cudaStream_t stream) {
    Piece piece = piece_of(comm, Op::gather, from, to, count, type, 1);
    piece.request.root = root;
    return submit("ncclGather", piece, stream);
}
STAND_IN ncclResult_t ncclScatter(const void* from, void* to, std::size_t count,
                                  ncclDataType_t type, int root, ncclComm_t comm,
                                  cudaStream_t stream) {
    const bool sends = of(comm)->rank == root;
    Piece piece = piece_of(comm, Op::scatter, from, to, count, type, sends ? all(comm) : 0);
    piece.request.root = root;
    return submit("ncclScatter", piece, stream);
}

STAND_IN ncclResult_t ncclMemAlloc(void** data, std::size_t bytes) {
    if (const int code = failure_of("ncclMemAlloc"); code > 0)
        return static_cast<ncclResult_t>(code);
    return cudaMalloc(data, bytes) == cudaSuccess ? ncclSuccess : ncclUnhandledCudaError;
}
STAND_IN ncclResult_t ncclMemFree(void* data) {
    return cudaFree(data) == cudaSuccess ? ncclSuccess : ncclUnhandledCudaError;
}
STAND_IN ncclResult_t ncclCommRegister(ncclComm_t, void* data, std::size_t, void** handle) {
    if (const int code = failure_of("ncclCommRegister"); code > 0) {
        return static_cast<ncclResult_t>(code);
    }
    *handle = data;
    return ncclSuccess;
}
STAND_IN ncclResult_t ncclCommDeregister(ncclComm_t, void*) {
    return ncclSuccess;
}
STAND_IN ncclResult_t ncclCommWindowRegister(ncclComm_t, void* data, std::size_t,
                                             ncclWindow_t* window, int) {
    if (const int code = failure_of("ncclCommWindowRegister"); code > 0) {
        return static_cast<ncclResult_t>(code);
    }
    // Systems without symmetric memory give none.
    *window =
        setting("STAND_IN_NCCL_WINDOWS", 1) != 0 ? reinterpret_cast<ncclWindow_t>(data) : nullptr;
    return ncclSuccess;
}
STAND_IN ncclResult_t ncclCommWindowDeregister(ncclComm_t, ncclWindow_t) {
    return ncclSuccess;
}
STAND_IN ncclResult_t ncclCommRevoke(ncclComm_t comm, int) {
    of(comm)->line->shut();
    return ncclSuccess;
}
#endif
