// SPDX-License-Identifier: Apache-2.0
// cuBLASLt as NVIDIA's samples call it: column-major, a 32 MiB workspace, the first of its own
// heuristics' answers.
#include <cublasLt.h>

#include <memory>

#include "runtime/base/error.hpp"
#include "tests/bench/gpu/bench.hpp"

namespace warpstep::bench {
namespace {

void lt(cublasStatus_t status, const char* what) {
    if (status != CUBLAS_STATUS_SUCCESS) {
        fail<DeviceError>("{}: cuBLASLt status {}", what, static_cast<int>(status));
    }
}

struct Case {
    const char* name;
    DType input, output;
    cudaDataType_t lt_input, lt_output, lt_scale;
    cublasComputeType_t compute;
    const char* word;  ///< our `compute`
    std::int64_t n;
    bool transposed;  ///< the right side: what cuBLASLt demands of f8
};

/// c = a * b, n by n. A row-major product is the column-major product of the sides swapped.
class DirectGemm {
  public:
    DirectGemm(const Case& with, const void* a, const void* b, void* c, void* workspace,
               std::size_t workspace_bytes)
        : a_(a), b_(b), c_(c), workspace_(workspace), workspace_bytes_(workspace_bytes) {
        const auto n = static_cast<std::uint64_t>(with.n);
        const auto ld = static_cast<std::int64_t>(with.n);
        lt(cublasLtCreate(&handle_), "cublasLtCreate");
        lt(cublasLtMatmulDescCreate(&operation_, with.compute, with.lt_scale), "desc");
        const cublasOperation_t transpose = CUBLAS_OP_T;
        if (with.transposed) {
            lt(cublasLtMatmulDescSetAttribute(operation_, CUBLASLT_MATMUL_DESC_TRANSA, &transpose,
                                              sizeof transpose),
               "transpose");
        }
        lt(cublasLtMatrixLayoutCreate(&in_, with.lt_input, n, n, ld), "layout");
        lt(cublasLtMatrixLayoutCreate(&out_, with.lt_output, n, n, ld), "layout");
        cublasLtMatmulPreference_t preference = nullptr;
        lt(cublasLtMatmulPreferenceCreate(&preference), "preference");
        lt(cublasLtMatmulPreferenceSetAttribute(preference,
                                                CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES,
                                                &workspace_bytes_, sizeof workspace_bytes_),
           "preference");
        int found = 0;
        lt(cublasLtMatmulAlgoGetHeuristic(handle_, operation_, in_, in_, out_, out_, preference, 1,
                                          &best_, &found),
           "heuristic");
        cublasLtMatmulPreferenceDestroy(preference);
        if (found == 0) fail<DeviceError>("cuBLASLt knows no way to compute this");
        wide_ = with.lt_scale == CUDA_R_64F;
    }
    ~DirectGemm() {
        cublasLtMatrixLayoutDestroy(out_);
        cublasLtMatrixLayoutDestroy(in_);
        cublasLtMatmulDescDestroy(operation_);
        cublasLtDestroy(handle_);
    }
    DirectGemm(const DirectGemm&) = delete;
    DirectGemm& operator=(const DirectGemm&) = delete;

    void operator()(cudaStream_t stream) const {
        const double one_wide = 1, zero_wide = 0;
        const float one = 1, zero = 0;
        const void* alpha = wide_ ? static_cast<const void*>(&one_wide) : &one;
        const void* beta = wide_ ? static_cast<const void*>(&zero_wide) : &zero;
        lt(cublasLtMatmul(handle_, operation_, alpha, b_, in_, a_, in_, beta, c_, out_, c_, out_,
                          &best_.algo, workspace_, workspace_bytes_, stream),
           "cublasLtMatmul");
    }

  private:
    const void *a_, *b_;
    void *c_, *workspace_;
    std::size_t workspace_bytes_;
    bool wide_ = false;
    cublasLtHandle_t handle_ = nullptr;
    cublasLtMatmulDesc_t operation_ = nullptr;
    cublasLtMatrixLayout_t in_ = nullptr, out_ = nullptr;
    cublasLtMatmulHeuristicResult_t best_{};
};

/// Speed depends on the data (zeros draw less power): random integers of both signs.
void fill_random(Bench& bench, void* data, std::int64_t count, DType dtype, std::uint32_t seed) {
    auto staging = bench.device().allocate(static_cast<std::size_t>(count) * size_of(dtype),
                                           device::Memory::host);
    std::uint32_t state = seed;
    with_type(dtype, [&](auto zero) {
        using T = decltype(zero);
        auto* out = static_cast<T*>(staging->data());
        for (std::int64_t i = 0; i < count; ++i) {
            state = state * 1664525U + 1013904223U;
            out[i] = static_cast<T>(static_cast<double>(state >> 28) - 7.5);
        }
    });
    bench.device().copy(data, staging->data(), staging->bytes(), bench.our_stream());
    bench.our_stream().synchronize();
}

void measure(Bench& bench, const Case& with) {
    bench.attempt("gemm", with.name, [&] {
        const std::int64_t n = with.n;
        void* a = bench.allocate(static_cast<std::size_t>(n * n) * size_of(with.input));
        void* b = bench.allocate(static_cast<std::size_t>(n * n) * size_of(with.input));
        void* c = bench.allocate(static_cast<std::size_t>(n * n) * size_of(with.output));
        constexpr std::size_t workspace_bytes = std::size_t{32} << 20;
        void* workspace = bench.allocate(workspace_bytes);
        fill_random(bench, a, n * n, with.input, 1);
        fill_random(bench, b, n * n, with.input, 2);
        const std::vector<std::int64_t> shape{n, n};
        kernels::Arguments arguments;
        arguments.buffer("a", a, shape, with.input)
            .buffer("b", b, shape, with.input)
            .buffer("c", c, shape, with.output)
            .number("alpha", 1)
            .number("beta", 0)
            .word("compute", with.word)
            .word("transpose_a", "no")
            .word("transpose_b", with.transposed ? "yes" : "no");
        const Work ours = bench.kernel("gemm", arguments);
        const auto direct = std::make_shared<DirectGemm>(with, a, b, c, workspace, workspace_bytes);
        Row row;
        row.group = "gemm";
        row.name = with.name;
        row.unit = "FLOP/s";
        row.peer_name = "cublasLtMatmul called directly";
        row.target = 0.99;
        bench.add_rate(
            row, 2.0 * static_cast<double>(n) * static_cast<double>(n) * static_cast<double>(n),
            ours, [direct](cudaStream_t stream) { (*direct)(stream); }, 5);
    });
}

}  // namespace

void measure_gemm(Bench& bench) {
    for (const Case& with : {Case{"f64", DType::f64, DType::f64, CUDA_R_64F, CUDA_R_64F, CUDA_R_64F,
                                  CUBLAS_COMPUTE_64F, "auto", 4096, false},
                             Case{"f32", DType::f32, DType::f32, CUDA_R_32F, CUDA_R_32F, CUDA_R_32F,
                                  CUBLAS_COMPUTE_32F, "auto", 8192, false},
                             Case{"tf32", DType::f32, DType::f32, CUDA_R_32F, CUDA_R_32F,
                                  CUDA_R_32F, CUBLAS_COMPUTE_32F_FAST_TF32, "tf32", 8192, false},
                             Case{"f16", DType::f16, DType::f16, CUDA_R_16F, CUDA_R_16F, CUDA_R_32F,
                                  CUBLAS_COMPUTE_32F, "auto", 8192, false},
                             Case{"bf16", DType::bf16, DType::bf16, CUDA_R_16BF, CUDA_R_16BF,
                                  CUDA_R_32F, CUBLAS_COMPUTE_32F, "auto", 8192, false},
                             Case{"f8e4m3", DType::f8e4m3, DType::bf16, CUDA_R_8F_E4M3, CUDA_R_16BF,
                                  CUDA_R_32F, CUBLAS_COMPUTE_32F, "auto", 8192, true}}) {
        measure(bench, with);
    }
}

}  // namespace warpstep::bench
