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

constexpr const char* factors = "f32 f64 f16 bf16 f8e4m3";
constexpr const char* products = "f32 f64 f16 bf16";

/// a and b, then what is the kernel's own, then the words of every multiplication.
std::vector<Parameter> multiplication(const std::vector<Parameter>& own) {
    std::vector<Parameter> all{read("a", factors, "m k", "[k, m] with transpose_a: yes"),
                               read("b", factors, "k n", "[n, k] with transpose_b: yes")};
    all.insert(all.end(), own.begin(), own.end());
    all.push_back(
        word("compute", {"auto", "f32", "tf32", "fast"}, "tf32 for f32, fast for f8e4m3"));
    all.push_back(word("transpose_a", {"no", "yes"}, "a is stored [k, m]"));
    all.push_back(word("transpose_b", {"no", "yes"}, "b is stored [n, k]"));
    return all;
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
    const std::string c_types = "of a's type; f32 for narrow types";
    const std::vector<Parameter> product =
        multiplication({update("c", products, "m n", c_types), optional_value("alpha", 1),
                        optional_value("beta", 0, std::nullopt, "0: the old c is not read")});
    return {
        {"burn",
         "c = a * b, again and again, compared with the first",
         multiplication({write("c", products, "m n", c_types),
                         update("first", products, "m n", "as c"),
                         update("report", "i64", "4", "errors, first_wrong, checksum, rounds"),
                         optional_value("rounds", 1, "2", "products in one launch")}),
         "rounds (m k + k n + 3 m n) size",
         "rounds 2 m n k",
         burn_bytes,
         burn_flops,
         check_burn,
         burn,
         {{"errors", "elements that differed, over all rounds"},
          {"first_wrong", "smallest index that ever differed; -1: none"},
          {"checksum", "of the latest c, 52 bits"},
          {"rounds", "done so far"}}},
        {"gemm", "c = alpha * a * b + beta * c", product, "(m k + k n + m n) size", "2 m n k",
         gemm_bytes, gemm_flops, check_gemm, gemm},
        {"gemm.naive", "c = alpha * a * b + beta * c, in double: the reference", product,
         "(m k + k n + m n) size", "2 m n k", gemm_bytes, gemm_flops, check_gemm_naive, gemm_naive},
    };
}

std::vector<Kernel> grids() {
    return {
        {"jacobi2d",
         "to = mean of the four neighbours in from",
         {read("from", types::real, "rows columns"), write("to", types::real, "rows columns"),
          optional(write("residual", "f64", "1", "largest |to - from|; may be left out"))},
         "2 rows columns size",
         "4 (rows - 2) (columns - 2)",
         sweep_bytes,
         sweep_flops,
         jacobi2d::check_sweep,
         jacobi2d::sweep},
        {"jacobi2d.edges",
         "first and last row and column of grid, linear between its corners",
         {update("grid", types::real, "rows columns"), optional_value("top_left", 0, "1"),
          optional_value("top_right", 0, "0"), optional_value("bottom_left", 0, "0"),
          optional_value("bottom_right", 0, "0")},
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
         {read("x", types::real, "n"), read("y", types::real, "n"), write("error", "f64", "1")},
         "2 n size",
         "3 n",
         error_bytes,
         error_flops,
         check_mean_squared_error,
         mean_squared_error},
        {"sgd.step",
         "w = w - learning_rate * (grad + weight_decay * w), with momentum",
         {update("w", types::real, "n"), read("grad", types::real, "n"),
          optional(update("velocity", types::real, "n", "needed with momentum; zero at first")),
          value("learning_rate", "0.01"), optional_value("momentum", 0, "0.9"),
          optional_value("weight_decay", 0), word("nesterov", {"no", "yes"})},
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
