// SPDX-License-Identifier: Apache-2.0
#include "runtime/comm/nccl/nccl_types.hpp"

#include "runtime/base/error.hpp"

namespace warpstep::comm::nccl {

ncclDataType_t type_of(const NcclLibrary& library, DType dtype) {
    constexpr int first_with_f8 = 22400;
    switch (dtype) {
        case DType::f32:
            return ncclFloat32;
        case DType::f64:
            return ncclFloat64;
        case DType::i32:
            return ncclInt32;
        case DType::i64:
            return ncclInt64;
        case DType::u8:
            return ncclUint8;
        case DType::f16:
            return ncclFloat16;
        case DType::bf16:
            return ncclBfloat16;
        case DType::f8e4m3:
            if (library.version_code >= first_with_f8) return ncclFloat8e4m3;
            fail<EnvironmentError>(
                "NCCL {} in {} does not know f8e4m3 (2.24 or newer does); load a newer NCCL or "
                "name it in WARPSTEP_NCCL_LIBRARY",
                library.version, library.path);
    }
    fail<LogicError>("no NCCL type for dtype {}", static_cast<int>(dtype));
}

ncclRedOp_t op_of(ReduceOp op) {
    switch (op) {
        case ReduceOp::sum:
            return ncclSum;
        case ReduceOp::avg:
            return ncclAvg;
        case ReduceOp::min:
            return ncclMin;
        case ReduceOp::max:
            return ncclMax;
        case ReduceOp::prod:
            return ncclProd;
    }
    fail<LogicError>("no NCCL operation for reduction {}", static_cast<int>(op));
}

}  // namespace warpstep::comm::nccl
