// SPDX-License-Identifier: Apache-2.0
#include "kernels/sgd.hpp"

#include <cmath>

#include "kernels/check.hpp"
#include "runtime/base/error.hpp"
#include "runtime/base/host_clones.hpp"

namespace warpstep::kernels::sgd {
namespace {

WARPSTEP_HOST_CLONES void plain(const Rates<float>& rates, const float* grad, float* w,
                                std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) {
        w[i] = std::fma(-rates.learning_rate, std::fma(rates.weight_decay, w[i], grad[i]), w[i]);
    }
}
WARPSTEP_HOST_CLONES void plain(const Rates<double>& rates, const double* grad, double* w,
                                std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) {
        w[i] = std::fma(-rates.learning_rate, std::fma(rates.weight_decay, w[i], grad[i]), w[i]);
    }
}

WARPSTEP_HOST_CLONES void with_velocity(const Rates<float>& rates, const float* grad,
                                        float* velocity, float* w, std::int64_t begin,
                                        std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) {
        const float d = std::fma(rates.weight_decay, w[i], grad[i]);
        velocity[i] = std::fma(rates.momentum, velocity[i], d);
        const float way = rates.nesterov ? std::fma(rates.momentum, velocity[i], d) : velocity[i];
        w[i] = std::fma(-rates.learning_rate, way, w[i]);
    }
}
WARPSTEP_HOST_CLONES void with_velocity(const Rates<double>& rates, const double* grad,
                                        double* velocity, double* w, std::int64_t begin,
                                        std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) {
        const double d = std::fma(rates.weight_decay, w[i], grad[i]);
        velocity[i] = std::fma(rates.momentum, velocity[i], d);
        const double way = rates.nesterov ? std::fma(rates.momentum, velocity[i], d) : velocity[i];
        w[i] = std::fma(-rates.learning_rate, way, w[i]);
    }
}

bool has_momentum(const Arguments& arguments) {
    return arguments.number("momentum") != 0;
}

}  // namespace

void check_step(const Arguments& arguments) {
    check_vectors(arguments, {"w", "grad"});
    if (arguments.has("velocity")) check_vectors(arguments, {"w", "grad", "velocity"});
    if (has_momentum(arguments) && !arguments.has("velocity")) {
        fail<ConfigError>(
            "momentum is {} but there is no 'velocity' (it is kept from step to step); declare a "
            "buffer like 'w' for it",
            arguments.number("momentum"));
    }
    if (!has_momentum(arguments) && arguments.word("nesterov") == "yes") {
        fail<ConfigError>(
            "nesterov: yes without momentum (it looks ahead along the velocity); "
            "give momentum and 'velocity'");
    }
}

void step(const Arguments& arguments, const device::host::Cores& cores) {
    with_floating(arguments, {"w", "grad"}, [&](auto zero) {
        using T = decltype(zero);
        const Rates<T> rates(arguments);
        T* w = static_cast<T*>(arguments.buffer("w").data);
        const T* grad = static_cast<const T*>(arguments.buffer("grad").data);
        T* velocity =
            has_momentum(arguments) ? static_cast<T*>(arguments.buffer("velocity").data) : nullptr;
        cores.for_range(arguments.buffer("w").count, [=](std::int64_t begin, std::int64_t end) {
            if (velocity == nullptr) return plain(rates, grad, w, begin, end);
            with_velocity(rates, grad, velocity, w, begin, end);
        });
    });
}

double step_bytes(const Arguments& arguments) {
    return (has_momentum(arguments) ? 5 : 3) * static_cast<double>(arguments.buffer("w").bytes());
}

double step_flops(const Arguments& arguments) {
    const int decay = arguments.number("weight_decay") != 0 ? 2 : 0;
    const int momentum = !has_momentum(arguments) ? 0 : arguments.word("nesterov") == "yes" ? 4 : 2;
    return (2 + decay + momentum) * static_cast<double>(arguments.buffer("w").count);
}

}  // namespace warpstep::kernels::sgd
