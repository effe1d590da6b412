// SPDX-License-Identifier: Apache-2.0
// Matrices and grids in the CUDA module, over the emulation of device code and the stand-ins for
// libcudart and libcublasLt.
#include <cstdlib>
#include <optional>
#include <string>

#include "tests/kernels/burn_cases.hpp"
#include "tests/kernels/grid_cases.hpp"
#include "tests/kernels/training_cases.hpp"
#include "tests/support/stand_in_cuda.hpp"

using namespace warpstep;
using doctest::Contains;
using test::Burn;
using test::CudaSide;
using test::Elements;
using test::error_of;
using test::Failing;
using test::Product;

namespace {

constexpr test::GemmTypes f32{DType::f32, DType::f32};
constexpr test::GemmTypes f8{DType::f8e4m3, DType::f32};

int live_descriptors() {
    void* library = ::dlopen("libcublasLt.so.13", RTLD_NOW | RTLD_NOLOAD);
    REQUIRE(library != nullptr);
    return reinterpret_cast<int (*)()>(::dlsym(library, "stand_in_cublaslt_live"))();
}

/// A variable of the environment that the stand-ins read.
class Setting {
  public:
    Setting(const char* name, const char* value) : name_(name) {
        if (const char* before = ::getenv(name)) before_ = before;
        ::setenv(name, value, 1);
    }
    ~Setting() { before_ ? ::setenv(name_, before_->c_str(), 1) : ::unsetenv(name_); }
    Setting(const Setting&) = delete;
    Setting& operator=(const Setting&) = delete;

  private:
    const char* name_;
    std::optional<std::string> before_;
};

}  // namespace

// First, because a library that was found is kept.
TEST_CASE("kernels: cuda: a cuBLASLt that is missing or something else is refused with its name") {
    CudaSide side;
    const auto message = [&] {
        return error_of([&] { side.run("gemm", Product(f32, {8, 8, 8}).arguments()); });
    };
    {
        const Setting setting("WARPSTEP_CUBLASLT_LIBRARY", "/nowhere/libcublasLt.so");
        CHECK(message().find("cannot open cuBLASLt") == 0);
        CHECK(message().find("/nowhere/libcublasLt.so") != std::string::npos);
        // Only who multiplies needs it.
        CHECK_NOTHROW(side.run("gemm.naive", Product(f32, {8, 8, 8}).arguments()));
        CHECK_NOTHROW(side.run("gemm", Product(f32, {8, 8, 0}).arguments()));
    }
    {
        const Setting setting("WARPSTEP_CUBLASLT_LIBRARY", "libcudart.so.13");
        CHECK(message().find("'libcudart.so.13' is not cuBLASLt") == 0);
    }
    CHECK(message().empty());
}

TEST_CASE("kernels: cuda: each device has a handle of its own, and says when it gets none") {
    CudaSide second(1);
    const Product p(f32, {8, 8, 8});
    {
        const Failing failing("cublasLtCreate#1=1");
        const std::string message = error_of([&] { second.run("gemm", p.arguments()); });
        CHECK(message.find("CUBLAS_STATUS_NOT_INITIALIZED") != std::string::npos);
        CHECK(message.find("create(&handle)") != std::string::npos);
    }
    CHECK_NOTHROW(second.run("gemm", p.arguments()));
    const Failing failing("cublasLtCreate#1=1");
    CHECK_NOTHROW(second.run("gemm", p.arguments()));
}

TEST_CASE("kernels: cuda: gemm of small integers is exact in every type, shape and transposition") {
    CudaSide side;
    test::check_small_integers(side, "gemm");
    test::check_small_integers(side, "gemm.naive");
}

TEST_CASE("kernels: cuda: gemm takes rows that begin anywhere, and c that is not a number") {
    CudaSide side;
    for (const char* kernel : {"gemm", "gemm.naive"}) {
        test::check_unaligned(side, kernel);
        test::check_beta_zero_ignores_c(side, kernel);
    }
}

TEST_CASE("kernels: cuda: gemm is what a graph launches again") {
    CudaSide side;
    side.as_graph = true;
    side.issues = 3;
    Product p(f32, {20, 30, 40});
    const Elements expected = p.expected();
    side.run("gemm", p.arguments());
    CHECK(p.c.same_bits(expected));
}

TEST_CASE("kernels: cuda: tf32 rounds the operands, f32 does not") {
    const double slightly_more = 1 + 0x1p-12;
    CudaSide side;
    Product p(f32, {4, 4, 1});
    p.a.fill([&](std::int64_t) { return slightly_more; });
    p.b.fill([](std::int64_t) { return 1; });
    side.run("gemm", p.arguments());
    CHECK(p.c[0] == slightly_more);
    p.compute = "tf32";
    side.run("gemm", p.arguments());
    CHECK(p.c[0] == 1);
    Product fast(f8, {16, 16, 16}, false, true);
    fast.compute = "fast";
    const Elements expected = fast.expected();
    side.run("gemm", fast.arguments());
    CHECK(fast.c.same_bits(expected));
}

TEST_CASE("kernels: cuda: a large random gemm passes Freivalds' test") {
    CudaSide side;
    test::check_freivalds(side, DType::f32, {100, 80, 120}, 1e-3);
    test::check_freivalds(side, DType::f64, {80, 100, 120}, 1e-11);
}

TEST_CASE("kernels: cuda: nothing of a gemm is left behind") {
    {
        CudaSide side;
        side.run("gemm", Product(f32, {8, 8, 8}).arguments());
    }
    CHECK(live_descriptors() == 0);
    CHECK(test::live("memory") == 0);
    CHECK(test::live("streams") == 0);
}

TEST_CASE("kernels: cuda: every failure of cuBLASLt is a DeviceError with name and call") {
    struct Row {
        const char* fail;
        const char* message;
    };
    const Row rows[] = {
        {"cublasLtMatmulDescCreate#1=3", "CUBLAS_STATUS_ALLOC_FAILED"},
        {"cublasLtMatmulDescSetAttribute#2=7", "CUBLAS_STATUS_INVALID_VALUE"},
        {"cublasLtMatrixLayoutCreate#1=3", "matrix_layout_create"},
        {"cublasLtMatrixLayoutCreate#3=3", "matrix_layout_create"},
        {"cublasLtMatmulPreferenceCreate#1=3", "preference_create"},
        {"cublasLtMatmulPreferenceSetAttribute#4=7", "preference_set_attribute"},
        {"cublasLtMatmulAlgoGetHeuristic#1=14", "CUBLAS_STATUS_INTERNAL_ERROR"},
        {"cublasLtMatmulAlgoGetHeuristic#1=15", "it has no algorithm for them"},
        {"cublasLtMatmul#1=13", "CUBLAS_STATUS_EXECUTION_FAILED"},
    };
    for (const Row& row : rows) {
        CAPTURE(row.fail);
        {
            CudaSide side;
            const Failing failing(row.fail);
            const std::string message = error_of([&] {
                side.run("gemm", Product(f32, {8, 8, 8}).arguments());
            });
            CHECK(message.find("cuBLASLt 13.") == 0);
            CHECK(message.find(row.message) != std::string::npos);
        }
        CHECK(live_descriptors() == 0);
        CHECK(test::live("memory") == 0);
    }
}

TEST_CASE("kernels: cuda: without memory for a workspace gemm says so") {
    CudaSide side;
    // The three buffers come first.
    const Failing failing("cudaMalloc#4=2");
    CHECK(error_of([&] {
              side.run("gemm", Product(f32, {8, 8, 8}).arguments());
          }).find("scratch memory") != std::string::npos);
}

TEST_CASE("kernels: cuda: burn agrees with itself and with the host") {
    CudaSide side;
    test::check_burn_agrees(side);
    test::check_burn_of_nothing(side);
}

TEST_CASE("kernels: cuda: burn finds flipped bits, with their number and the first place") {
    CudaSide side;
    test::check_burn_finds_flips(side);
}

TEST_CASE("kernels: cuda: burn finds a GPU that is wrong once, while it runs") {
    CudaSide side;
    const Setting flip("STAND_IN_FLIP", "3");
    Burn burn(f32, {4, 4, 4});
    side.run("burn", burn.arguments(5));
    burn.expect(1, 0, 5);
}

TEST_CASE("kernels: cuda: a sweep of jacobi2d equals the definition bit by bit") {
    CudaSide side;
    test::check_sweep<float>(side, DType::f32);
    test::check_sweep<double>(side, DType::f64);
    test::check_sweep_keeps_nan(side);
}

TEST_CASE("kernels: cuda: edges of a grid are linear between its corners") {
    CudaSide side;
    test::check_edges(side, DType::f32);
    test::check_edges(side, DType::f64);
}

TEST_CASE("kernels: cuda: sgd.step equals the formula") {
    CudaSide side;
    test::check_all_sgd(side);
}

TEST_CASE("kernels: cuda: the mean squared error equals the formula") {
    CudaSide side;
    test::check_mean_squared_error(side, DType::f32);
    test::check_mean_squared_error(side, DType::f64);
}
