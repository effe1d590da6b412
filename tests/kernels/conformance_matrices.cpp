// SPDX-License-Identifier: Apache-2.0
// Conformance of the kernels over matrices and grids, and of those that train.
#include "tests/kernels/conformance.hpp"

namespace warpstep::test {
namespace {

constexpr DType floating[] = {DType::f32, DType::f64};

std::vector<Case> grid_cases() {
    const std::pair<std::int64_t, std::int64_t> extents[] = {
        {0, 4}, {1, 1}, {2, 2}, {3, 3}, {17, 33}, {64, 65}, {130, 7}, {100, 301}};
    std::vector<Case> cases;
    for (const DType dtype : floating) {
        for (const auto& [rows, columns] : extents) {
            cases.push_back({{{"from", dtype, {rows, columns}, Content::uniform, 1},
                              {"to", dtype, {rows, columns}, Content::whatever},
                              {"residual", DType::f64, {1}, Content::whatever}}});
        }
    }
    return cases;
}

std::vector<Case> step_cases() {
    std::vector<Case> cases;
    for (const DType dtype : floating) {
        for (const std::int64_t n : sizes_for(dtype)) {
            for (const double momentum : {0.0, 0.9}) {
                Case one{{{"w", dtype, {n}, Content::uniform, 1}, {"grad", dtype, {n}}},
                         {{"learning_rate", 0.1}, {"momentum", momentum}}};
                if (momentum != 0) one.operands.push_back({"velocity", dtype, {n}});
                cases.push_back(one);
            }
        }
    }
    return cases;
}

std::vector<Case> mean_cases() {
    std::vector<Case> cases;
    for (const DType dtype : floating) {
        for (const std::int64_t n : sizes_for(dtype)) {
            cases.push_back({{{"x", dtype, {n}, Content::uniform, 1},
                              {"y", dtype, {n}},
                              {"error", DType::f64, {1}, Content::whatever}}});
        }
    }
    return cases;
}

}  // namespace

std::vector<Suite> suites_of_matrices() {
    return {
        {"jacobi2d", grid_cases()},
        {"mean_squared_error", mean_cases(),
         [](const Case&) {
             return Tolerance{0, 1e-12};
         }},
        {"sgd.step", step_cases()},
    };
}

}  // namespace warpstep::test
