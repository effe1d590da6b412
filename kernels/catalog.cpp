// SPDX-License-Identifier: Apache-2.0
#include "kernels/catalog.hpp"

#include <algorithm>

#include "kernels/axpy.hpp"
#include "kernels/fill.hpp"
#include "kernels/linear.hpp"
#include "kernels/stream.hpp"

namespace warpstep::kernels {
namespace {

using Role = Parameter::Role;

Parameter read(std::string name) {
    return {std::move(name), Role::read, false, 0};
}
Parameter write(std::string name) {
    return {std::move(name), Role::write, false, 0};
}
Parameter update(std::string name) {
    return {std::move(name), Role::update, false, 0};
}
Parameter value(std::string name) {
    return {std::move(name), Role::value, false, 0};
}

double elements(const Arguments& arguments, std::string_view name) {
    return static_cast<double>(arguments.buffer(name).count);
}
double size(const Arguments& arguments, std::string_view name) {
    return static_cast<double>(size_of(arguments.buffer(name).dtype));
}

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
double no_flops(const Arguments&) {
    return 0;
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
double rows_bytes(const Arguments& a) {
    return (elements(a, "x") + elements(a, "y")) * size(a, "x");
}
double gradient_flops(const Arguments& a) {
    return 4 * elements(a, "x");
}
double squared_error_flops(const Arguments& a) {
    return 2 * (elements(a, "x") + elements(a, "y"));
}

std::vector<Kernel> make_catalog() {
    return {
        {"axpy",
         "y = alpha * x + y",
         {value("alpha"), read("x"), update("y")},
         "3 n size",
         "2 n",
         axpy_bytes,
         axpy_flops,
         check_axpy,
         axpy},
        {"fill",
         "buffer = value",
         {write("buffer"), value("value")},
         "n size",
         "0",
         fill_bytes,
         no_flops,
         check_fill,
         fill},
        {"linear.gradient",
         "grad = 2 * sum over rows of (x.w - y) * x",
         {read("x"), read("y"), read("w"), write("grad")},
         "rows (features + 1) size",
         "4 rows features",
         rows_bytes,
         gradient_flops,
         linear::check_gradient,
         linear::gradient},
        {"linear.squared_error",
         "error = sum over rows of (x.w - y)^2",
         {read("x"), read("y"), read("w"), write("error")},
         "rows (features + 1) size",
         "rows (2 features + 2)",
         rows_bytes,
         squared_error_flops,
         linear::check_squared_error,
         linear::squared_error},
        {"stream.add",
         "c = a + b",
         {read("a"), read("b"), write("c")},
         "3 n size",
         "n",
         moves_a<3>,
         flops_a<1>,
         stream::check_add,
         stream::add},
        {"stream.copy",
         "c = a",
         {read("a"), write("c")},
         "2 n size",
         "0",
         moves_a<2>,
         no_flops,
         stream::check_copy,
         stream::copy},
        {"stream.mul",
         "b = scalar * c",
         {write("b"), read("c"), value("scalar")},
         "2 n size",
         "n",
         moves_b<2>,
         flops_b<1>,
         stream::check_mul,
         stream::mul},
        {"stream.triad",
         "a = b + scalar * c",
         {write("a"), read("b"), read("c"), value("scalar")},
         "3 n size",
         "2 n",
         moves_a<3>,
         flops_a<2>,
         stream::check_add,
         stream::triad},
    };
}

}  // namespace

const std::vector<Kernel>& catalog() {
    static const std::vector<Kernel> kernels = make_catalog();
    return kernels;
}

const Kernel* find(std::string_view name) {
    const auto it = std::find_if(catalog().begin(), catalog().end(),
                                 [&](const Kernel& kernel) { return kernel.name == name; });
    return it == catalog().end() ? nullptr : &*it;
}

}  // namespace warpstep::kernels
