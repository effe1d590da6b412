// SPDX-License-Identifier: Apache-2.0
// Kernels that the user brings.
#include "runtime/workload/schema_needs.hpp"
#include "runtime/workload/words.hpp"

namespace warpstep::workload {
namespace {

Form extents(std::int64_t least, std::string_view noun) {
    return any_of({count_form(least, noun), list_form(count_form(least, noun), 1, 3)});
}

}  // namespace

const Section& kernel_section() {
    static const Section section{
        "kernel",
        "a kernel",
        "A function of your own, compiled for the GPU at hand; its arguments are checked against "
        "the compiled function.",
        {{"source", text_form("CUDA C++"), "the code; write `|` so that its lines stay lines",
          "code", ""},
         {"file", text_form("a path"),
          "the code in a file: .cu, or compiled already (.cubin, .fatbin, .ptx); relative to the "
          "workload file",
          "k.cu", ""},
         {"entry", text_form("a function"), "the __global__ function, as the source spells it",
          "my::saxpy<float>", "the kernel's name"},
         {"args", list_form(section_form(kernel_argument_section)),
          "its parameters, in the order of the signature", "[ { read: x } ]", "none"},
         {"threads", extents(0, "threads"),
          "threads in x, y and z; the grid is that divided by the block, rounded up", "64Ki", ""},
         {"grid", extents(1, "blocks"), "blocks in x, y and z", "[4, 2]", ""},
         {"block", extents(1, "threads"), "threads of a block in x, y and z", "128", "256"},
         {"shared", expression_form("bytes"), "dynamic shared memory of a block", "1KiB", "0"},
         {"options", list_form(text_form("an option")), "for the compiler, one in each entry",
          "[-DN=3]", "none"},
         {"include", list_form(text_form("a folder")),
          "folders with headers, relative to the workload file", "[headers]", "none"},
         {"bytes", expression_form("a number"),
          "bytes that one launch moves: makes `bandwidth` a metric", "3 * 4", ""},
         {"flops", expression_form("a number"), "operations of one launch: makes `flops` a metric",
          "2 * 4", ""}},
        {{"source", "file"}, {"threads", "grid"}},
        R"(kernels:
  saxpy:
    source: |
      extern "C" __global__ void saxpy(long n, float alpha, const float* x, float* y) {
        long i = blockIdx.x * (long)blockDim.x + threadIdx.x;
        if (i < n) y[i] += alpha * x[i];
      }
    args: [ { value: n, type: i64 }, { value: 2.5, type: f32 }, { read: x }, { update: y } ]
    threads: n
)"};
    return section;
}

const Section& kernel_argument_section() {
    static const Section section{
        "argument",
        "an argument",
        "One parameter of a kernel: a buffer and what happens to it, or a value.",
        {{"read", text_form("a buffer"), "a pointer to a buffer that is only read", "x", ""},
         {"write", text_form("a buffer"), "a pointer to a buffer whose old content does not matter",
          "x", ""},
         {"update", text_form("a buffer"), "a pointer to a buffer that is read and written", "x",
          ""},
         {"value", expression_form("a value"), "a number", "2.5", ""},
         {"type", word_form(words_of(value_type_words)), "the number's type in the signature",
          "f32", "", required, "value"}},
        {{"read", "write", "update", "value"}}};
    return section;
}

}  // namespace warpstep::workload
