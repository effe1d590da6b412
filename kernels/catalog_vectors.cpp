// SPDX-License-Identifier: Apache-2.0
#include "kernels/axpy.hpp"
#include "kernels/catalog_entries.hpp"
#include "kernels/fill.hpp"
#include "kernels/scale.hpp"
#include "kernels/stream.hpp"

namespace warpstep::kernels {
namespace {

// Traffic and work of vector kernels: k elements moved and f flops for each element of the buffer
// named.
template <int k>
double moves_a(const Arguments& a) {
    return k * elements(a, "a") * size(a, "a");
}
template <int k>
double moves_b(const Arguments& a) {
    return k * elements(a, "b") * size(a, "b");
}
template <int f>
double flops_a(const Arguments& a) {
    return f * elements(a, "a");
}
template <int f>
double flops_b(const Arguments& a) {
    return f * elements(a, "b");
}

double fill_bytes(const Arguments& a) {
    return elements(a, "buffer") * size(a, "buffer");
}
double axpy_bytes(const Arguments& a) {
    return 3 * elements(a, "y") * size(a, "y");
}
double axpy_flops(const Arguments& a) {
    return 2 * elements(a, "y");
}

double scale_bytes(const Arguments& a) {
    return 2 * elements(a, "buffer") * size(a, "buffer");
}
double scale_flops(const Arguments& a) {
    return elements(a, "buffer");
}

}  // namespace

std::vector<Kernel> vector_kernels() {
    return {
        {"axpy",
         "y = alpha * x + y",
         {value("alpha", "2"), read("x", types::real, "n"), update("y", types::real, "n")},
         "3 n size",
         "2 n",
         axpy_bytes,
         axpy_flops,
         check_axpy,
         axpy},
        {"fill",
         "buffer = value",
         {write("buffer", types::any, "n"), value("value", "1", "converted to the type")},
         "n size",
         "0",
         fill_bytes,
         no_flops,
         check_fill,
         fill},
        {"scale",
         "buffer = factor * buffer",
         {update("buffer", types::computable, "n"),
          value("factor", "2", "whole where the elements are whole")},
         "2 n size",
         "n",
         scale_bytes,
         scale_flops,
         check_scale,
         scale},
        {"stream.add",
         "c = a + b",
         {read("a", types::real, "n"), read("b", types::real, "n"), write("c", types::real, "n")},
         "3 n size",
         "n",
         moves_a<3>,
         flops_a<1>,
         stream::check_add,
         stream::add},
        {"stream.copy",
         "c = a",
         {read("a", types::real, "n"), write("c", types::real, "n")},
         "2 n size",
         "0",
         moves_a<2>,
         no_flops,
         stream::check_copy,
         stream::copy},
        {"stream.mul",
         "b = scalar * c",
         {write("b", types::real, "n"), read("c", types::real, "n"), value("scalar", "0.4")},
         "2 n size",
         "n",
         moves_b<2>,
         flops_b<1>,
         stream::check_mul,
         stream::mul},
        {"stream.triad",
         "a = b + scalar * c",
         {write("a", types::real, "n"), read("b", types::real, "n"), read("c", types::real, "n"),
          value("scalar", "0.4")},
         "3 n size",
         "2 n",
         moves_a<3>,
         flops_a<2>,
         stream::check_add,
         stream::triad},
        {"stream.nstream",
         "a = a + b + scalar * c",
         {update("a", types::real, "n"), read("b", types::real, "n"), read("c", types::real, "n"),
          value("scalar", "0.4")},
         "4 n size",
         "3 n",
         moves_a<4>,
         flops_a<3>,
         stream::check_add,
         stream::nstream},
        {"stream.write",
         "a = scalar",
         {write("a", types::real, "n"), value("scalar", "0.4")},
         "n size",
         "0",
         moves_a<1>,
         no_flops,
         stream::check_write,
         stream::write},
        {"stream.dot",
         "sum = a . b",
         {read("a", types::real, "n"), read("b", types::real, "n"), write("sum", "f64", "1")},
         "2 n size",
         "2 n",
         moves_a<2>,
         flops_a<2>,
         stream::check_dot,
         stream::dot},
        {"stream.read",
         "sum = sum of a",
         {read("a", types::real, "n"), write("sum", "f64", "1")},
         "n size",
         "n",
         moves_a<1>,
         flops_a<1>,
         stream::check_read,
         stream::read},
    };
}

}  // namespace warpstep::kernels
