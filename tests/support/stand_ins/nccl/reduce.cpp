// SPDX-License-Identifier: Apache-2.0
#include <cstring>
#include <type_traits>

#include "runtime/base/narrow_float.hpp"
#include "tests/support/stand_ins/nccl/server.hpp"

namespace stand_ins::nccl {
namespace {

template <typename T>
T combine(ncclRedOp_t op, T a, T b) {
    using Wide = std::conditional_t<std::is_class_v<T>, float, T>;
    const auto x = static_cast<Wide>(a);
    const auto y = static_cast<Wide>(b);
    switch (op) {
        case ncclProd:
            return static_cast<T>(x * y);
        case ncclMin:
            return static_cast<T>(x < y ? x : y);
        case ncclMax:
            return static_cast<T>(x > y ? x : y);
        default:
            return static_cast<T>(x + y);
    }
}

template <typename T>
void reduce_as(ncclRedOp_t op, const std::vector<std::string>& in, std::size_t count,
               std::string& out) {
    out.resize(count * sizeof(T));
    for (std::size_t i = 0; i < count; ++i) {
        T value;
        std::memcpy(&value, in[0].data() + i * sizeof(T), sizeof(T));
        for (std::size_t rank = 1; rank < in.size(); ++rank) {
            T other;
            std::memcpy(&other, in[rank].data() + i * sizeof(T), sizeof(T));
            value = combine(op, value, other);
        }
        if (op == ncclAvg) {
            using Wide = std::conditional_t<std::is_class_v<T>, float, T>;
            value = static_cast<T>(static_cast<Wide>(value) / static_cast<Wide>(in.size()));
        }
        std::memcpy(out.data() + i * sizeof(T), &value, sizeof(T));
    }
}

}  // namespace

std::size_t size_of(ncclDataType_t type) {
    switch (type) {
        case ncclInt8:
        case ncclUint8:
        case ncclFloat8e4m3:
        case ncclFloat8e5m2:
            return 1;
        case ncclFloat16:
        case ncclBfloat16:
            return 2;
        case ncclInt32:
        case ncclUint32:
        case ncclFloat32:
            return 4;
        default:
            return 8;
    }
}

void reduce(ncclDataType_t type, ncclRedOp_t op, const std::vector<std::string>& in,
            std::size_t count, std::string& out) {
    switch (type) {
        case ncclUint8:
            return reduce_as<std::uint8_t>(op, in, count, out);
        case ncclInt32:
            return reduce_as<std::int32_t>(op, in, count, out);
        case ncclInt64:
            return reduce_as<std::int64_t>(op, in, count, out);
        case ncclFloat16:
            return reduce_as<warpstep::Float16>(op, in, count, out);
        case ncclBfloat16:
            return reduce_as<warpstep::BFloat16>(op, in, count, out);
        case ncclFloat8e4m3:
            return reduce_as<warpstep::Float8E4M3>(op, in, count, out);
        case ncclFloat64:
            return reduce_as<double>(op, in, count, out);
        default:
            return reduce_as<float>(op, in, count, out);
    }
}

}  // namespace stand_ins::nccl
