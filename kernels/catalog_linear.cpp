// SPDX-License-Identifier: Apache-2.0
#include "kernels/catalog_entries.hpp"
#include "kernels/linear.hpp"

namespace warpstep::kernels {
namespace {

double rows_bytes(const Arguments& a) {
    return (elements(a, "x") + elements(a, "y")) * size(a, "x");
}
double gradient_flops(const Arguments& a) {
    return 4 * elements(a, "x");
}
double squared_error_flops(const Arguments& a) {
    return 2 * (elements(a, "x") + elements(a, "y"));
}

}  // namespace

std::vector<Kernel> linear_kernels() {
    return {
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
    };
}

}  // namespace warpstep::kernels
