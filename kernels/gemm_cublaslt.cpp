// SPDX-License-Identifier: Apache-2.0
// gemm on the device: one cublasLtMatmul, decided when it is planned. cuBLASLt thinks in columns,
// and a row-major matrix read by columns is its transpose, so it is asked for c' = b' a'.
#include <cuda_runtime_api.h>

#include <algorithm>
#include <array>
#include <memory>

#include "kernels/cublaslt_library.hpp"
#include "kernels/gemm.hpp"
#include "kernels/gemm_plan.hpp"
#include "runtime/base/error.hpp"

namespace warpstep::kernels::cuda {
namespace {

/// As cuBLAS itself takes on Hopper; an algorithm that wants less gets less.
constexpr std::size_t most_workspace = std::size_t{32} << 20;
constexpr int least_capability_for_f8 = 89;

cudaDataType data_type(DType type) {
    switch (type) {
        case DType::f64:
            return CUDA_R_64F;
        case DType::f16:
            return CUDA_R_16F;
        case DType::bf16:
            return CUDA_R_16BF;
        case DType::f8e4m3:
            return CUDA_R_8F_E4M3;
        default:
            return CUDA_R_32F;
    }
}

/// What a pointer is certainly a multiple of, as far as it matters to cuBLASLt.
std::uint32_t alignment_of(const void* data) {
    const auto address = reinterpret_cast<std::uintptr_t>(data);
    return address == 0 ? 256
                        : static_cast<std::uint32_t>(
                              std::min<std::uintptr_t>(256, address & (~address + 1)));
}

// Owners of cuBLASLt's descriptors, which are memory of the host.
struct FreeOperation {
    void operator()(cublasLtMatmulDesc_t x) const { cublaslt_library().matmul_desc_destroy(x); }
};
struct FreeLayout {
    void operator()(cublasLtMatrixLayout_t x) const { cublaslt_library().matrix_layout_destroy(x); }
};
struct FreePreference {
    void operator()(cublasLtMatmulPreference_t x) const {
        cublaslt_library().preference_destroy(x);
    }
};
using Operation = std::unique_ptr<cublasLtMatmulDescOpaque_t, FreeOperation>;
using Layout = std::unique_ptr<cublasLtMatrixLayoutOpaque_t, FreeLayout>;
using Preference = std::unique_ptr<cublasLtMatmulPreferenceOpaque_t, FreePreference>;

/// `rows` rows of `row` elements each, seen as columns.
Layout make_layout(DType type, std::int64_t rows, std::int64_t row) {
    cublasLtMatrixLayout_t layout = nullptr;
    WARPSTEP_CUBLASLT_CHECK(cublaslt_library().matrix_layout_create(
        &layout, data_type(type), static_cast<std::uint64_t>(row), static_cast<std::uint64_t>(rows),
        row));
    return Layout(layout);
}

template <typename T>
void set(const Operation& operation, cublasLtMatmulDescAttributes_t attribute, T value) {
    WARPSTEP_CUBLASLT_CHECK(cublaslt_library().matmul_desc_set_attribute(operation.get(), attribute,
                                                                         &value, sizeof value));
}
template <typename T>
void set(const Preference& preference, cublasLtMatmulPreferenceAttributes_t attribute, T value) {
    WARPSTEP_CUBLASLT_CHECK(cublaslt_library().preference_set_attribute(preference.get(), attribute,
                                                                        &value, sizeof value));
}

Operation make_operation(const Gemm& gemm) {
    const bool wide = gemm.output == DType::f64;
    const auto compute = wide        ? CUBLAS_COMPUTE_64F
                         : gemm.tf32 ? CUBLAS_COMPUTE_32F_FAST_TF32
                                     : CUBLAS_COMPUTE_32F;
    cublasLtMatmulDesc_t made = nullptr;
    WARPSTEP_CUBLASLT_CHECK(
        cublaslt_library().matmul_desc_create(&made, compute, wide ? CUDA_R_64F : CUDA_R_32F));
    Operation operation(made);
    set(operation, CUBLASLT_MATMUL_DESC_TRANSA, gemm.transpose_b ? CUBLAS_OP_T : CUBLAS_OP_N);
    set(operation, CUBLASLT_MATMUL_DESC_TRANSB, gemm.transpose_a ? CUBLAS_OP_T : CUBLAS_OP_N);
    if (gemm.fast) set(operation, CUBLASLT_MATMUL_DESC_FAST_ACCUM, std::int8_t{1});
    return operation;
}

/// One multiplication with everything that it needs but the workspace.
class Matmul {
  public:
    explicit Matmul(const Gemm& gemm)
        : gemm_(gemm),
          handle_(cublaslt_handle()),
          operation_(make_operation(gemm)),
          a_(make_layout(gemm.input, gemm.transpose_a ? gemm.k : gemm.m, gemm.row_of_a())),
          b_(make_layout(gemm.input, gemm.transpose_b ? gemm.n : gemm.k, gemm.row_of_b())),
          c_(make_layout(gemm.output, gemm.m, gemm.n)),
          choice_(choose()) {
        if (gemm.output == DType::f64) {
            scale_ = {gemm.alpha, gemm.beta};
        } else {
            narrow_scale_ = {static_cast<float>(gemm.alpha), static_cast<float>(gemm.beta)};
        }
    }

    std::size_t workspace_bytes() const { return choice_.workspaceSize; }
    void set_workspace(void* workspace) { workspace_ = workspace; }

    void operator()(cudaStream_t stream) const {
        const bool wide = gemm_.output == DType::f64;
        const void* alpha = wide ? static_cast<const void*>(&scale_[0]) : &narrow_scale_[0];
        const void* beta = wide ? static_cast<const void*>(&scale_[1]) : &narrow_scale_[1];
        WARPSTEP_CUBLASLT_CHECK(cublaslt_library().matmul(
            handle_, operation_.get(), alpha, gemm_.b, b_.get(), gemm_.a, a_.get(), beta, gemm_.c,
            c_.get(), gemm_.c, c_.get(), &choice_.algo, workspace_, choice_.workspaceSize, stream));
    }

  private:
    // The first candidate is the one that cuBLASLt expects to be fastest.
    cublasLtMatmulHeuristicResult_t choose() const {
        cublasLtMatmulPreference_t made = nullptr;
        WARPSTEP_CUBLASLT_CHECK(cublaslt_library().preference_create(&made));
        const Preference preference(made);
        set(preference, CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES, most_workspace);
        set(preference, CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES, alignment_of(gemm_.b));
        set(preference, CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_B_BYTES, alignment_of(gemm_.a));
        set(preference, CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_C_BYTES, alignment_of(gemm_.c));
        set(preference, CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_D_BYTES, alignment_of(gemm_.c));
        std::array<cublasLtMatmulHeuristicResult_t, 8> candidates{};
        int found = 0;
        const cublasStatus_t status = cublaslt_library().algo_get_heuristic(
            handle_, operation_.get(), b_.get(), a_.get(), c_.get(), c_.get(), preference.get(),
            static_cast<int>(candidates.size()), candidates.data(), &found);
        if (status != CUBLAS_STATUS_NOT_SUPPORTED) WARPSTEP_CUBLASLT_CHECK(status);
        for (int i = 0; i < found; ++i) {
            const auto& candidate = candidates[static_cast<std::size_t>(i)];
            if (candidate.state == CUBLAS_STATUS_SUCCESS) return candidate;
        }
        fail<DeviceError>(
            "cuBLASLt {} cannot multiply {} [{}, {}] by [{}, {}] into {} here (it has no algorithm "
            "for them); change type or shape",
            cublaslt_library().version, name_of(gemm_.input), gemm_.m, gemm_.k, gemm_.k, gemm_.n,
            name_of(gemm_.output));
    }

    Gemm gemm_;
    cublasLtHandle_t handle_;
    Operation operation_;
    Layout a_, b_, c_;
    cublasLtMatmulHeuristicResult_t choice_;
    std::array<double, 2> scale_{};
    std::array<float, 2> narrow_scale_{};
    void* workspace_ = nullptr;
};

void check_device(const Gemm& gemm) {
    if (gemm.input != DType::f8e4m3) return;
    int device = 0, major = 0, minor = 0;
    WARPSTEP_CUDA_CHECK(cudaGetDevice(&device));
    WARPSTEP_CUDA_CHECK(cudaDeviceGetAttribute(&major, cudaDevAttrComputeCapabilityMajor, device));
    WARPSTEP_CUDA_CHECK(cudaDeviceGetAttribute(&minor, cudaDevAttrComputeCapabilityMinor, device));
    if (10 * major + minor >= least_capability_for_f8) return;
    fail<ConfigError>(
        "'a' and 'b' are f8e4m3 (this GPU has compute capability {}.{}, 8.9 is needed); use bf16",
        major, minor);
}

}  // namespace

std::function<void(Plan&)> decide_gemm(const Arguments& arguments, Plan& plan) {
    const Gemm problem = gemm_of(arguments);
    if (problem.m == 0 || problem.n == 0) return [](Plan&) {};
    // Nothing to add up: c is only scaled, which cuBLASLt has no layout for.
    if (problem.k == 0) return [arguments](Plan& to) { gemm_naive(arguments, to); };
    check_device(problem);
    const auto matmul = std::make_shared<Matmul>(problem);
    if (matmul->workspace_bytes() > 0)
        matmul->set_workspace(plan.scratch(matmul->workspace_bytes()));
    return [matmul](Plan& to) { to.call([matmul](cudaStream_t stream) { (*matmul)(stream); }); };
}

void gemm(const Arguments& arguments, Plan& plan) {
    decide_gemm(arguments, plan)(plan);
}

}  // namespace warpstep::kernels::cuda
