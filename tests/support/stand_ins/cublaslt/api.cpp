// SPDX-License-Identifier: Apache-2.0
// A libcublasLt that multiplies on the CPU, in the stream's order, and fails when it is told to
// (failures.hpp). STAND_IN_FLIP=n flips a bit in the result of the n-th multiplication.
#include <cublasLt.h>
#include <cuda_runtime_api.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <deque>
#include <memory>
#include <mutex>

#include "tests/support/stand_ins/cublaslt/descriptors.hpp"
#include "tests/support/stand_ins/failures.hpp"

#define STAND_IN extern "C" __attribute__((visibility("default")))
#define STAND_IN_ENTRY(name)                                             \
    do {                                                                 \
        if (const int code_ = ::stand_ins::failure_of(#name); code_ > 0) \
            return static_cast<cublasStatus_t>(code_);                   \
    } while (false)

namespace stand_ins::cublaslt {
namespace {

std::atomic<int> live_descriptors{0};

template <typename Own, typename Handle>
Own& own(Handle* handle) {
    return *reinterpret_cast<Own*>(handle);
}
template <typename Own, typename Handle>
const Own& own(const Handle* handle) {
    return *reinterpret_cast<const Own*>(handle);
}

template <typename Own, typename Handle>
cublasStatus_t give(Handle** handle, Own content) {
    ++live_descriptors;
    *handle = reinterpret_cast<Handle*>(new Own(content));
    return CUBLAS_STATUS_SUCCESS;
}
template <typename Own, typename Handle>
cublasStatus_t take(Handle* handle) {
    --live_descriptors;
    delete reinterpret_cast<const Own*>(handle);
    return CUBLAS_STATUS_SUCCESS;
}

template <typename T>
cublasStatus_t set(T& place, const void* value, std::size_t bytes) {
    if (bytes != sizeof(T)) return CUBLAS_STATUS_INVALID_VALUE;
    std::memcpy(&place, value, bytes);
    return CUBLAS_STATUS_SUCCESS;
}

bool aligned(const void* data, std::uint32_t bytes) {
    return reinterpret_cast<std::uintptr_t>(data) % std::max(bytes, 1U) == 0;
}

// Work may sit in a graph and run again, so it stays for as long as the process.
Multiplication* kept(Multiplication work) {
    static std::mutex mutex;
    static std::deque<Multiplication> all;
    const std::lock_guard lock(mutex);
    return &all.emplace_back(work);
}

double number(cudaDataType type, const void* place) {
    if (type == CUDA_R_64F) return *static_cast<const double*>(place);
    return static_cast<double>(*static_cast<const float*>(place));
}

// Counted from the time when the variable is set.
bool flips_now() {
    static std::atomic<long long> multiplications{0};
    const long long wanted = stand_ins::setting("STAND_IN_FLIP", 0);
    if (wanted == 0) multiplications = 0;
    return wanted != 0 && ++multiplications == wanted;
}

void run(void* work) {
    multiply(*static_cast<const Multiplication*>(work));
}

}  // namespace
}  // namespace stand_ins::cublaslt

using namespace stand_ins::cublaslt;

/// Operations, layouts and preferences that the user has not destroyed.
STAND_IN int stand_in_cublaslt_live() {
    return live_descriptors;
}

STAND_IN size_t cublasLtGetVersion() {
    return CUBLAS_VERSION;
}

STAND_IN const char* cublasLtGetStatusName(cublasStatus_t status) {
    switch (status) {
        case CUBLAS_STATUS_SUCCESS:
            return "CUBLAS_STATUS_SUCCESS";
        case CUBLAS_STATUS_NOT_INITIALIZED:
            return "CUBLAS_STATUS_NOT_INITIALIZED";
        case CUBLAS_STATUS_ALLOC_FAILED:
            return "CUBLAS_STATUS_ALLOC_FAILED";
        case CUBLAS_STATUS_INVALID_VALUE:
            return "CUBLAS_STATUS_INVALID_VALUE";
        case CUBLAS_STATUS_NOT_SUPPORTED:
            return "CUBLAS_STATUS_NOT_SUPPORTED";
        case CUBLAS_STATUS_EXECUTION_FAILED:
            return "CUBLAS_STATUS_EXECUTION_FAILED";
        default:
            return "CUBLAS_STATUS_INTERNAL_ERROR";
    }
}

STAND_IN const char* cublasLtGetStatusString(cublasStatus_t status) {
    return status == CUBLAS_STATUS_SUCCESS ? "success"
                                           : "the stand-in was told to fail, or refused";
}

STAND_IN cublasStatus_t cublasLtCreate(cublasLtHandle_t* handle) {
    STAND_IN_ENTRY(cublasLtCreate);
    // The real one makes a context of the device and fails without.
    if (cudaFree(nullptr) != cudaSuccess) return CUBLAS_STATUS_NOT_INITIALIZED;
    static int place = 0;
    *handle = reinterpret_cast<cublasLtHandle_t>(&place);
    return CUBLAS_STATUS_SUCCESS;
}

STAND_IN cublasStatus_t cublasLtMatmulDescCreate(cublasLtMatmulDesc_t* made,
                                                 cublasComputeType_t compute, cudaDataType scale) {
    STAND_IN_ENTRY(cublasLtMatmulDescCreate);
    return give(made, Operation{compute, scale, CUBLAS_OP_N, CUBLAS_OP_N, false});
}

STAND_IN cublasStatus_t cublasLtMatmulDescDestroy(cublasLtMatmulDesc_t operation) {
    return take<Operation>(operation);
}

STAND_IN cublasStatus_t cublasLtMatmulDescSetAttribute(cublasLtMatmulDesc_t operation,
                                                       cublasLtMatmulDescAttributes_t attribute,
                                                       const void* value, size_t bytes) {
    STAND_IN_ENTRY(cublasLtMatmulDescSetAttribute);
    Operation& o = own<Operation>(operation);
    switch (attribute) {
        case CUBLASLT_MATMUL_DESC_TRANSA:
            return set(o.transpose_a, value, bytes);
        case CUBLASLT_MATMUL_DESC_TRANSB:
            return set(o.transpose_b, value, bytes);
        case CUBLASLT_MATMUL_DESC_FAST_ACCUM: {
            std::int8_t fast = 0;
            const cublasStatus_t status = set(fast, value, bytes);
            o.fast_accumulation = fast != 0;
            return status;
        }
        default:
            return CUBLAS_STATUS_INVALID_VALUE;
    }
}

STAND_IN cublasStatus_t cublasLtMatrixLayoutCreate(cublasLtMatrixLayout_t* made, cudaDataType type,
                                                   uint64_t rows, uint64_t columns,
                                                   int64_t leading) {
    STAND_IN_ENTRY(cublasLtMatrixLayoutCreate);
    return give(made, Layout{type, rows, columns, leading});
}

STAND_IN cublasStatus_t cublasLtMatrixLayoutDestroy(cublasLtMatrixLayout_t layout) {
    return take<Layout>(layout);
}

STAND_IN cublasStatus_t cublasLtMatmulPreferenceCreate(cublasLtMatmulPreference_t* made) {
    STAND_IN_ENTRY(cublasLtMatmulPreferenceCreate);
    return give(made, Preference{});
}

STAND_IN cublasStatus_t cublasLtMatmulPreferenceDestroy(cublasLtMatmulPreference_t preference) {
    return take<Preference>(preference);
}

STAND_IN cublasStatus_t cublasLtMatmulPreferenceSetAttribute(
    cublasLtMatmulPreference_t preference, cublasLtMatmulPreferenceAttributes_t attribute,
    const void* value, size_t bytes) {
    STAND_IN_ENTRY(cublasLtMatmulPreferenceSetAttribute);
    Preference& p = own<Preference>(preference);
    switch (attribute) {
        case CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES:
            return set(p.workspace_bytes, value, bytes);
        case CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES:
            return set(p.alignment[0], value, bytes);
        case CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_B_BYTES:
            return set(p.alignment[1], value, bytes);
        case CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_C_BYTES:
            return set(p.alignment[2], value, bytes);
        case CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_D_BYTES:
            return set(p.alignment[3], value, bytes);
        default:
            return CUBLAS_STATUS_INVALID_VALUE;
    }
}

STAND_IN cublasStatus_t cublasLtMatmulAlgoGetHeuristic(
    cublasLtHandle_t, cublasLtMatmulDesc_t operation, cublasLtMatrixLayout_t a,
    cublasLtMatrixLayout_t b, cublasLtMatrixLayout_t c, cublasLtMatrixLayout_t d,
    cublasLtMatmulPreference_t preference, int wanted, cublasLtMatmulHeuristicResult_t results[],
    int* found) {
    *found = 0;
    STAND_IN_ENTRY(cublasLtMatmulAlgoGetHeuristic);
    const Preference& p = own<Preference>(preference);
    const cublasStatus_t status =
        supported(own<Operation>(operation), own<Layout>(a), own<Layout>(b), own<Layout>(c),
                  own<Layout>(d), p.alignment);
    if (status != CUBLAS_STATUS_SUCCESS) return status;
    // A candidate that the caller must pass over comes first, where there is room for two.
    if (wanted > 1) {
        results[(*found)++].state = CUBLAS_STATUS_NOT_SUPPORTED;
    }
    Algorithm algorithm{algorithm_magic, std::min<std::uint64_t>(p.workspace_bytes, 4096), {}};
    std::copy(p.alignment, p.alignment + 4, algorithm.alignment);
    cublasLtMatmulHeuristicResult_t& result = results[(*found)++];
    static_assert(sizeof algorithm <= sizeof result.algo);
    std::memcpy(&result.algo, &algorithm, sizeof algorithm);
    result.workspaceSize = algorithm.workspace_bytes;
    result.state = CUBLAS_STATUS_SUCCESS;
    return CUBLAS_STATUS_SUCCESS;
}

STAND_IN cublasStatus_t cublasLtMatmul(cublasLtHandle_t handle, cublasLtMatmulDesc_t operation,
                                       const void* alpha, const void* a, cublasLtMatrixLayout_t ad,
                                       const void* b, cublasLtMatrixLayout_t bd, const void* beta,
                                       const void* c, cublasLtMatrixLayout_t cd, void* d,
                                       cublasLtMatrixLayout_t dd, const cublasLtMatmulAlgo_t* algo,
                                       void* workspace, size_t workspace_bytes,
                                       cudaStream_t stream) {
    STAND_IN_ENTRY(cublasLtMatmul);
    const Operation& o = own<Operation>(operation);
    Algorithm chosen;
    if (handle == nullptr || algo == nullptr) return CUBLAS_STATUS_INVALID_VALUE;
    std::memcpy(static_cast<void*>(&chosen), algo, sizeof chosen);
    const void* const data[4] = {a, b, c, d};
    for (int i = 0; i < 4; ++i) {
        if (data[i] == nullptr || !aligned(data[i], chosen.alignment[i])) {
            return CUBLAS_STATUS_INVALID_VALUE;
        }
    }
    if (chosen.magic != algorithm_magic || workspace_bytes < chosen.workspace_bytes ||
        (workspace_bytes > 0 && !aligned(workspace, 16))) {
        return CUBLAS_STATUS_INVALID_VALUE;
    }
    const cublasStatus_t status = supported(o, own<Layout>(ad), own<Layout>(bd), own<Layout>(cd),
                                            own<Layout>(dd), chosen.alignment);
    if (status != CUBLAS_STATUS_SUCCESS) return status;
    Multiplication work{o,
                        own<Layout>(ad),
                        own<Layout>(bd),
                        own<Layout>(cd),
                        own<Layout>(dd),
                        a,
                        b,
                        c,
                        d,
                        number(o.scale, alpha),
                        number(o.scale, beta),
                        workspace,
                        workspace_bytes,
                        flips_now()};
    return cudaLaunchHostFunc(stream, run, kept(work)) == cudaSuccess
               ? CUBLAS_STATUS_SUCCESS
               : CUBLAS_STATUS_EXECUTION_FAILED;
}
