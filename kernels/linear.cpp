// SPDX-License-Identifier: Apache-2.0
#include "kernels/linear.hpp"

#include <vector>

#include "kernels/check.hpp"
#include "runtime/base/error.hpp"

namespace warpstep::kernels::linear {
namespace {

template <typename T>
struct Rows {
    const T* x;
    const T* y;
    const T* w;
    std::int64_t rows, features;

    explicit Rows(const Arguments& arguments)
        : x(static_cast<const T*>(arguments.buffer("x").data)),
          y(static_cast<const T*>(arguments.buffer("y").data)),
          w(static_cast<const T*>(arguments.buffer("w").data)),
          rows(arguments.buffer("y").count),
          features(arguments.buffer("w").count) {}

    const T* row(std::int64_t i) const { return x + i * features; }
    double residual(std::int64_t i) const {
        double sum = -static_cast<double>(y[i]);
        for (std::int64_t j = 0; j < features; ++j) {
            sum += static_cast<double>(row(i)[j]) * static_cast<double>(w[j]);
        }
        return sum;
    }
};

void check_rows(const Arguments& arguments) {
    check_floating(arguments, {"x", "y", "w"});
    const Argument& x = arguments.buffer("x");
    const Argument& y = arguments.buffer("y");
    const Argument& w = arguments.buffer("w");
    if (w.count < 1 || x.count != y.count * w.count) {
        fail<ConfigError>(
            "the data have {} inputs for each of {} rows but '{}' has {} elements (one weight "
            "for each input, the intercept included); change its count",
            y.count > 0 ? x.count / y.count : 0, y.count, w.name, w.count);
    }
}

}  // namespace

void check_gradient(const Arguments& arguments) {
    check_rows(arguments);
    check_floating(arguments, {"w", "grad"});
    check_no_overlap(arguments, {"x", "y", "w", "grad"});
    if (arguments.buffer("grad").count != arguments.buffer("w").count) {
        fail<ConfigError>(
            "'grad' has {} elements but 'w' has {} (one for each weight); change a count",
            arguments.buffer("grad").count, arguments.buffer("w").count);
    }
}

void check_squared_error(const Arguments& arguments) {
    check_rows(arguments);
    const Argument& error = arguments.buffer("error");
    if (error.dtype != DType::f64 || error.count != 1) {
        fail<ConfigError>("'error' must be one f64 (it is {} {}); declare {{dtype: f64, count: 1}}",
                          error.count, name_of(error.dtype));
    }
    check_no_overlap(arguments, {"x", "y", "w", "error"});
}

// One feature after the other over all rows would read x in strides; rows outside, features inside
// reads it once.
void gradient(const Arguments& arguments, const device::host::Cores&) {
    with_floating(arguments, {"x", "y", "w", "grad"}, [&](auto zero) {
        using T = decltype(zero);
        const Rows<T> data(arguments);
        std::vector<double> sum(static_cast<std::size_t>(data.features), 0.0);
        for (std::int64_t i = 0; i < data.rows; ++i) {
            const double scale = 2 * data.residual(i);
            for (std::int64_t j = 0; j < data.features; ++j) {
                sum[static_cast<std::size_t>(j)] += scale * static_cast<double>(data.row(i)[j]);
            }
        }
        T* grad = static_cast<T*>(arguments.buffer("grad").data);
        for (std::int64_t j = 0; j < data.features; ++j) {
            grad[j] = static_cast<T>(sum[static_cast<std::size_t>(j)]);
        }
    });
}

void squared_error(const Arguments& arguments, const device::host::Cores& cores) {
    with_floating(arguments, {"x", "y", "w"}, [&](auto zero) {
        using T = decltype(zero);
        const Rows<T> data(arguments);
        auto* error = static_cast<double*>(arguments.buffer("error").data);
        *error = cores.sum_range(data.rows, [&](std::int64_t begin, std::int64_t end) {
            double sum = 0;
            for (std::int64_t i = begin; i < end; ++i) {
                const double residual = data.residual(i);
                sum += residual * residual;
            }
            return sum;
        });
    });
}

}  // namespace warpstep::kernels::linear
