// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "kernels/burn.hpp"
#include "kernels/catalog_entries.hpp"
#include "kernels/gemm.hpp"
#include "kernels/jacobi2d.hpp"
#include "kernels/mean_squared_error.hpp"
#include "kernels/sgd.hpp"

namespace warpstep::kernels {
namespace {

Parameter optional(Parameter parameter) {
    parameter.optional = true;
    return parameter;
}

std::vector<Parameter> gemm_words() {
    return {word("compute", {"auto", "f32", "tf32", "fast"}), word("transpose_a", {"no", "yes"}),
            word("transpose_b", {"no", "yes"})};
}

std::vector<Parameter> with_gemm_words(std::vector<Parameter> parameters) {
    for (Parameter& each : gemm_words()) parameters.push_back(std::move(each));
    return parameters;
}

double sweep_bytes(const Arguments& a) {
    return 2 * elements(a, "from") * size(a, "from");
}
double sweep_flops(const Arguments& a) {
    const Extents grid = a.matrix("from");
    return 4 * static_cast<double>(std::max<std::int64_t>(0, grid.rows - 2)) *
           static_cast<double>(std::max<std::int64_t>(0, grid.columns - 2));
}
double edges_bytes(const Arguments& a) {
    const Extents grid = a.matrix("grid");
    return 2 * static_cast<double>(grid.rows + grid.columns) * size(a, "grid");
}
double error_bytes(const Arguments& a) {
    return 2 * elements(a, "x") * size(a, "x");
}
double error_flops(const Arguments& a) {
    return 3 * elements(a, "x");
}

std::vector<Kernel> multiplications() {
    const std::vector<Parameter> product{read("a"), read("b"), update("c"),
                                         optional_value("alpha", 1), optional_value("beta", 0)};
    return {
        {"burn",
         "c = a * b, again and again, compared with the first",
         with_gemm_words({read("a"), read("b"), write("c"), update("first"), update("report"),
                          optional_value("rounds", 1)}),
         "rounds (m k + k n + 3 m n) size",
         "rounds 2 m n k",
         burn_bytes,
         burn_flops,
         check_burn,
         burn,
         {"errors", "first_wrong", "checksum", "rounds"}},
        {"gemm", "c = alpha * a * b + beta * c", with_gemm_words(product), "(m k + k n + m n) size",
         "2 m n k", gemm_bytes, gemm_flops, check_gemm, gemm},
        {"gemm.naive", "c = alpha * a * b + beta * c, in double: the reference",
         with_gemm_words(product), "(m k + k n + m n) size", "2 m n k", gemm_bytes, gemm_flops,
         check_gemm_naive, gemm_naive},
    };
}

std::vector<Kernel> grids() {
    return {
        {"jacobi2d",
         "to = mean of the four neighbours in from",
         {read("from"), write("to"), optional(write("residual"))},
         "2 rows columns size",
         "4 (rows - 2) (columns - 2)",
         sweep_bytes,
         sweep_flops,
         jacobi2d::check_sweep,
         jacobi2d::sweep},
        {"jacobi2d.edges",
         "first and last row and column of grid, linear between its corners",
         {update("grid"), optional_value("top_left", 0), optional_value("top_right", 0),
          optional_value("bottom_left", 0), optional_value("bottom_right", 0)},
         "2 (rows + columns) size",
         "0",
         edges_bytes,
         no_flops,
         jacobi2d::check_edges,
         jacobi2d::edges},
    };
}

std::vector<Kernel> steps_of_training() {
    return {
        {"mean_squared_error",
         "error = mean of (x - y)^2",
         {read("x"), read("y"), write("error")},
         "2 n size",
         "3 n",
         error_bytes,
         error_flops,
         check_mean_squared_error,
         mean_squared_error},
        {"sgd.step",
         "w = w - learning_rate * (grad + weight_decay * w), with momentum",
         {update("w"), read("grad"), optional(update("velocity")), value("learning_rate"),
          optional_value("momentum", 0), optional_value("weight_decay", 0),
          word("nesterov", {"no", "yes"})},
         "3 n size, 5 n size with momentum",
         "2 n, and 2 n each for weight decay, momentum, nesterov",
         sgd::step_bytes,
         sgd::step_flops,
         sgd::check_step,
         sgd::step},
    };
}

}  // namespace

std::vector<Kernel> matrix_kernels() {
    std::vector<Kernel> all;
    for (const auto part : {multiplications, grids, steps_of_training}) {
        for (Kernel& kernel : part()) all.push_back(std::move(kernel));
    }
    return all;
}

}  // namespace warpstep::kernels
