// SPDX-License-Identifier: Apache-2.0
#include <utility>

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

std::vector<Parameter> rows_and(Parameter last) {
    return {read("x", types::real, "rows*features", "row-major; or data"),
            read("y", types::real, "rows", "or data"), read("w", types::real, "features"),
            std::move(last)};
}

}  // namespace

std::vector<Kernel> linear_kernels() {
    std::vector<Kernel> all{
        {"linear.gradient", "grad = 2 * sum over rows of (x.w - y) * x",
         rows_and(write("grad", types::real, "features", "the sum, not the mean")),
         "rows (features + 1) size", "4 rows features", rows_bytes, gradient_flops,
         linear::check_gradient, linear::gradient},
        {"linear.squared_error", "error = sum over rows of (x.w - y)^2",
         rows_and(write("error", "f64", "1")), "rows (features + 1) size", "rows (2 features + 2)",
         rows_bytes, squared_error_flops, linear::check_squared_error, linear::squared_error},
    };
    for (Kernel& kernel : all) kernel.over_rows = true;
    return all;
}

}  // namespace warpstep::kernels
