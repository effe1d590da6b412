// SPDX-License-Identifier: Apache-2.0
// What images say of themselves: fresh ones of the real NVRTC where there is one, PTX, damaged
// ones; and the compiler's messages in the user's places.
#include "kernels/user_image.hpp"

#include <doctest/doctest.h>

#include <cstdlib>
#include <optional>

#include "kernels/user_messages.hpp"
#include "tests/support/stand_in_cuda.hpp"

using namespace warpstep;
using namespace warpstep::kernels;

namespace {

constexpr const char* several = R"(
extern "C" __global__ void saxpy(long n, float alpha, const float* x, float* y) {
    long i = blockIdx.x * (long)blockDim.x + threadIdx.x;
    if (i < n) y[i] += alpha * x[i];
}
struct Three { float a, b, c; };
namespace n {
__global__ void cpp(char c, Three three, double d, float* y) {
    __shared__ float s[64];
    s[threadIdx.x] = three.b + c;
    __syncthreads();
    y[threadIdx.x] = s[63 - threadIdx.x] + d;
}
template <typename T> __global__ void scale(T* x, T a) { x[threadIdx.x] *= a; }
}
__global__ void __launch_bounds__(512) nothing() {}
__global__ void twice(int) {}
__global__ void twice(float) {}
)";

KernelSource source(const std::string& text, const std::string& entry = "") {
    return {"my.yaml", 10, 6, text, entry, {}, {}};
}

/// The module, where it finds NVRTC.
comm::CudaBackend* compiler() {
    static comm::CudaBackend* backend = []() -> comm::CudaBackend* {
        try {
            comm::cuda_backend().compiler();
            return &comm::cuda_backend();
        } catch (const Error& error) {
            MESSAGE("skipped, no NVRTC: " << std::string(error.what()));
            return nullptr;
        }
    }();
    return backend;
}

std::vector<std::size_t> sizes(const ImageFunction& function) {
    std::vector<std::size_t> result;
    for (const auto& slot : function.parameters) result.push_back(slot.bytes);
    return result;
}
std::vector<std::size_t> offsets(const ImageFunction& function) {
    std::vector<std::size_t> result;
    for (const auto& slot : function.parameters) result.push_back(slot.offset);
    return result;
}
using Sizes = std::vector<std::size_t>;

}  // namespace

TEST_CASE(
    "kernels: cubins and PTX of NVRTC tell kernels, parameters, shared memory, architecture") {
    if (compiler() == nullptr) return;
    for (const char* arch : {"sm_75", "sm_80", "sm_90", "sm_120", "compute_90"}) {
        CAPTURE(arch);
        const KernelImage image = compiler()->compile(source(several, "n::scale<float>"), arch);
        CHECK(image.entry == "_ZN1n5scaleIfEEvPT_S1_");
        const ImageFacts facts = read_image(image.bytes);
        const bool ptx = arch[0] == 'c';
        CHECK(facts.arch == (ptx ? "sm_90" : arch));
        CHECK(facts.functions.size() == 6);
        const auto& saxpy = *find_function(facts, "saxpy", "here");
        CHECK(sizes(saxpy) == Sizes{8, 4, 8, 8});
        CHECK(offsets(saxpy) == Sizes{0, 8, 16, 24});
        const auto& cpp = *find_function(facts, "n::cpp", "here");
        CHECK(sizes(cpp) == Sizes{1, 12, 8, 8});
        CHECK(offsets(cpp) == Sizes{0, 4, 16, 24});
        CHECK(cpp.shared_bytes == (ptx ? std::nullopt : std::optional(std::size_t{256})));
        CHECK(saxpy.registers.has_value() == !ptx);
        if (saxpy.registers) CHECK(*saxpy.registers > 4);
        const auto& nothing = *find_function(facts, "nothing", "here");
        CHECK(nothing.parameters.empty());
        CHECK(nothing.bounded_threads == (ptx ? std::nullopt : std::optional(std::uint64_t{512})));
        CHECK_FALSE(saxpy.bounded_threads);
        CHECK(find_function(facts, "n::scale< float >", "here")->name == image.entry);
        CHECK(test::error_of([&] { find_function(facts, "saxpi", "k.cu"); }) ==
              "no kernel 'saxpi' in k.cu; did you mean 'saxpy'?");
        CHECK(test::error_of([&] {
                  find_function(facts, "twice", "k.cu");
              }).starts_with("'twice' names 2 kernels of k.cu (they differ in their parameters)"));
    }
}

TEST_CASE("kernels: a cubin cut or changed anywhere is refused or read, never more") {
    if (compiler() == nullptr) return;
    const std::string whole = compiler()->compile(source(several), "sm_90").bytes;
    for (std::size_t length = 4; length < whole.size(); length += 7) {
        test::error_of([&] { read_image(whole.substr(0, length)); });
    }
    unsigned random = 1;
    for (int i = 0; i < 4000; ++i) {
        std::string changed = whole;
        for (int k = 0; k < 4; ++k) {
            random = random * 1664525U + 1013904223U;
            changed[random % changed.size()] = static_cast<char>(random >> 24);
        }
        changed.replace(0, 4, "\177ELF");
        test::error_of([&] { read_image(changed); });
    }
    CHECK(test::error_of([&] { read_image(whole.substr(0, 100)); }) ==
          "the cubin is damaged (it ends too early); compile it again");
}

TEST_CASE("kernels: fatbins are read where they are not compressed") {
    if (compiler() == nullptr) return;
    const std::string cubin = compiler()->compile(source(several), "sm_90").bytes;
    const auto number = [](auto value) {
        return std::string(reinterpret_cast<const char*>(&value), sizeof value);
    };
    const auto part = [&](std::uint16_t kind, const std::string& content) {
        return number(kind) + number(std::uint16_t{0x101}) + number(std::uint32_t{16}) +
               number(std::uint64_t{content.size()}) + content;
    };
    const auto fatbin = [&](const std::string& parts) {
        return number(std::uint32_t{0xba55ed50}) + number(std::uint16_t{1}) +
               number(std::uint16_t{16}) + number(std::uint64_t{parts.size()}) + parts;
    };
    const ImageFacts facts = read_image(fatbin(part(2, cubin)));
    CHECK(facts.kind == ImageKind::fatbin);
    CHECK(facts.complete);
    CHECK(sizes(*find_function(facts, "saxpy", "here")) == Sizes{8, 4, 8, 8});
    CHECK(test::error_of([&] { find_function(facts, "saxpi", "here"); }) != "");
    const ImageFacts partly = read_image(fatbin(part(2, "compressed") + part(2, cubin)));
    CHECK_FALSE(partly.complete);
    CHECK(find_function(partly, "saxpi", "here") == nullptr);
    CHECK_FALSE(read_image(fatbin("")).complete);
    CHECK_FALSE(read_image(fatbin(std::string(40, '\xff'))).complete);
}

TEST_CASE("kernels: PTX by hand") {
    const ImageFacts facts = read_image(R"(//
.version 8.0 /* .entry hidden( */
.target sm_80, debug
.address_size 64
.visible .func (.param .b32 r) helper(.param .b64 a) { ret; }
.visible .entry first(.param .u64 .ptr .global .align 16 a, .param .u8 b, .param .f64 c)
.maxntid 256, 1, 1 { ret; }
.weak .entry second (
    .param .align 16 .b8 data[20],
    .param .u16 last
) { ret; }
.entry third { ret; }
)");
    CHECK(facts.kind == ImageKind::ptx);
    CHECK(facts.arch == "sm_80");
    REQUIRE(facts.functions.size() == 3);
    CHECK(facts.functions[0].name == "first");
    CHECK(sizes(facts.functions[0]) == Sizes{8, 1, 8});
    CHECK(offsets(facts.functions[0]) == Sizes{0, 8, 16});
    CHECK(sizes(facts.functions[1]) == Sizes{20, 2});
    CHECK(offsets(facts.functions[1]) == Sizes{0, 20});
    CHECK(facts.functions[2].parameters.empty());
}

TEST_CASE("kernels: what is no image is refused") {
    for (const char* text : {"", "x", "__global__ void k() {}", "\177ELF"}) {
        CAPTURE(text);
        CHECK(test::error_of([&] { read_image(text); }) != "");
    }
    CHECK(test::error_of([] {
              read_image("hello");
          }).starts_with("not an image of CUDA code (neither cubin, fatbin nor PTX)"));
    CHECK(test::error_of([] { read_image(std::string("\x50\xed\x55\xba", 4)); }) ==
          "the fatbin is damaged (it ends too early); compile it again");
}

TEST_CASE("kernels: names as the source spells them") {
    CHECK(readable_name("saxpy") == "saxpy");
    CHECK(readable_name("_Z5saxpylfPKfPf") == "saxpy");
    CHECK(readable_name("_ZN1n5scaleIfEEvPT_S1_") == "n::scale<float>");
    CHECK(readable_name("_Z5applyIPFffEEvT_") == "apply<float (*)(float)>");
}

TEST_CASE("kernels: a wrong source is refused with NVRTC's words in the user's places") {
    if (compiler() == nullptr) return;
    const auto error = [](const std::string& text, const std::string& entry) {
        return test::error_of([&] { compiler()->compile(source(text, entry), "sm_90"); });
    };
    const std::string wrong =
        "extern \"C\" __global__ void k(float* y) {\n    y[0] = nothing;\n}\n";
    const std::string message = error(wrong, "k");
    // Six columns of the file's indentation, and the eleven before the word.
    CHECK(
        message.starts_with("my.yaml:11:18: identifier \"nothing\" is undefined (it does not "
                            "compile for sm_90); NVRTC says:\nmy.yaml:11:18: error: identifier"));
    CHECK(message.find("__nv_name_map") == std::string::npos);
    CHECK(error("__global__ void saxpy() {}", "saxpi") ==
          "no kernel 'saxpi' in my.yaml; did you mean 'saxpy'?");
    CHECK(error("__device__ int i;", "k").find("it has none at all") != std::string::npos);
    KernelSource with_option = source("");
    with_option.options = {"--no-such-option"};
    CHECK(test::error_of([&] {
              compiler()->compile(with_option, "sm_90");
          }).find("unrecognized option --no-such-option") != std::string::npos);
    for (const char* arch : {"sm_9", "90", "", "sm_90x", "sm_", "compute_1"}) {
        CAPTURE(arch);
        const std::string refusal =
            test::error_of([&] { compiler()->compile(source("int i;"), arch); });
        CHECK(refusal.find("does not compile for '" + std::string(arch) + "'") !=
              std::string::npos);
    }
}

TEST_CASE("kernels: warnings come with the image; the toolkit's headers are found") {
    if (compiler() == nullptr) return;
    const auto image = compiler()->compile(
        source("#include <cuda_fp16.h>\n__global__ void k(__half* h) { int unused; h[0] = h[1]; }"),
        "sm_90");
    CHECK(image.messages.find("my.yaml:11:42: warning") == 0);
    CHECK(image.entry.empty());
    KernelSource older = source("__global__ void k() { auto f = []<typename T>(T) {}; f(1); }");
    older.options = {"--std=c++17"};
    CHECK(test::error_of([&] { compiler()->compile(older, "sm_90"); }).find("a C++20 feature") !=
          std::string::npos);
}

TEST_CASE("kernels: messages without a place, a column or a reason are kept as they are") {
    const auto messages = place_messages(
        "nvrtc: error: bad\nother\n\n\n1 error detected in the "
        "compilation of \"x\".\n",
        source(""));
    CHECK(messages.first_error == "bad");
    CHECK(messages.text == "nvrtc: error: bad\nother");
    CHECK(place_messages("h.h(3): error: odd\n  x\n", source("")).text == "h.h:3: error: odd\n  x");
    CHECK(place_messages("h.h(3): error: odd\n  x\n  ^\n", source("")).first_error ==
          "h.h:3:1: odd");
    CHECK(place_messages("", source("")).first_error.empty());
}
