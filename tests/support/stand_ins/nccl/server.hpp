// SPDX-License-Identifier: Apache-2.0
// Where the ranks of the stand-in meet: a thread of the process that made the unique id, reached
// over TCP, so that ranks may be processes of one machine or of several network namespaces.
#pragma once

#include <nccl.h>

#include <cstdint>
#include <string>
#include <vector>

namespace stand_ins::nccl {

enum class Op : std::int32_t {
    hello,
    all_reduce,
    broadcast,
    reduce,
    all_gather,
    reduce_scatter,
    all_to_all,
    gather,
    scatter,
    send,
    recv,
    split,
    finalize,
    bye
};

/// The head of what a rank sends; `bytes` of payload follow.
struct Request {
    Op op = Op::hello;
    std::int32_t rank = 0, size = 0, dtype = 0, reduction = 0, root = 0, peer = 0, version = 0;
    std::int64_t id = 0;    ///< tells replies apart
    std::int64_t turn = 0;  ///< of the collectives of a communicator, or of the messages of a pair
    std::uint64_t count = 0, bytes = 0;
    char communicator[112] = {};
    char gpu[64] = {};  ///< host and PCI address, for hello
};

/// The head of what it gets.
struct Reply {
    std::int64_t id = 0;
    std::int32_t code = ncclSuccess;
    std::uint64_t bytes = 0;
};

struct Address {
    std::uint32_t ip = 0;
    std::uint16_t port = 0;
};

/// Starts the server's thread; it ends with the process.
Address start_server();

/// Reads or writes all of it; false when the connection ends.
bool read_all(int socket, void* data, std::size_t bytes);
bool write_all(int socket, const void* data, std::size_t bytes);

/// out[i] <- the reduction of in[rank][i], in rank order.
void reduce(ncclDataType_t type, ncclRedOp_t op, const std::vector<std::string>& in,
            std::size_t count, std::string& out);
std::size_t size_of(ncclDataType_t type);

}  // namespace stand_ins::nccl
