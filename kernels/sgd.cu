// SPDX-License-Identifier: Apache-2.0
#include "kernels/sgd.hpp"

#include "kernels/check.hpp"
#include "kernels/transform.cuh"

namespace warpstep::kernels::cuda {

template <typename T>
struct PlainStep {
    T learning_rate, weight_decay;
    __device__ T operator()(T grad, T w) const {
        return fma(-learning_rate, fma(weight_decay, w, grad), w);
    }
};

template <typename T>
struct VelocityStep {
    T learning_rate, momentum, weight_decay;
    bool nesterov;

    /// The new w; velocity becomes the new one.
    __device__ T operator()(T grad, T w, T& velocity) const {
        const T d = fma(weight_decay, w, grad);
        velocity = fma(momentum, velocity, d);
        return fma(-learning_rate, nesterov ? fma(momentum, velocity, d) : velocity, w);
    }
};

constexpr int velocity_packs = 2;  ///< in flight of each vector, for each thread

/// Like transform(), with two vectors that are read and written: a tile for each block, all of it
/// asked for before the first of it is needed.
template <typename T, int lanes>
__global__ void __launch_bounds__(block_threads)
    sgd_with_velocity(std::int64_t n, std::int64_t head, VelocityStep<T> step, const T* grad, T* w,
                      T* velocity) {
    using P = Pack<T, lanes>;
    const std::int64_t packs = (n - head) / lanes;
    const std::int64_t first =
        std::int64_t{blockIdx.x} * block_threads * velocity_packs + threadIdx.x;
    auto* w_packs = reinterpret_cast<P*>(w + head);
    auto* speed_packs = reinterpret_cast<P*>(velocity + head);
    P slope[velocity_packs], now[velocity_packs], speed[velocity_packs];
#pragma unroll
    for (int k = 0; k < velocity_packs; ++k) {
        const std::int64_t p = first + k * block_threads;
        if (p >= packs) break;
        slope[k] = reinterpret_cast<const P*>(grad + head)[p];
        now[k] = w_packs[p];
        speed[k] = speed_packs[p];
    }
#pragma unroll
    for (int k = 0; k < velocity_packs; ++k) {
        const std::int64_t p = first + k * block_threads;
        if (p >= packs) break;
#pragma unroll
        for (int lane = 0; lane < lanes; ++lane) {
            now[k].lane[lane] = step(slope[k].lane[lane], now[k].lane[lane], speed[k].lane[lane]);
        }
        w_packs[p] = now[k];
        speed_packs[p] = speed[k];
    }

    if (blockIdx.x + 1 != gridDim.x) return;
    const std::int64_t tail = head + packs * lanes;
    for (std::int64_t i = threadIdx.x; i < head + n - tail; i += block_threads) {
        const std::int64_t e = i < head ? i : tail + i - head;
        w[e] = step(grad[e], w[e], velocity[e]);
    }
}

template <typename T>
void plan_with_velocity(const Arguments& arguments, const sgd::Rates<T>& rates, Plan& plan) {
    const std::int64_t n = arguments.buffer("w").count;
    if (n == 0) return;
    auto* w = static_cast<T*>(arguments.buffer("w").data);
    auto* velocity = static_cast<T*>(arguments.buffer("velocity").data);
    const auto* grad = static_cast<const T*>(arguments.buffer("grad").data);
    const VelocityStep<T> step{rates.learning_rate, rates.momentum, rates.weight_decay,
                               rates.nesterov};
    const auto launch = [&](auto lanes, std::int64_t head) {
        constexpr auto kernel = sgd_with_velocity<T, lanes()>;
        const std::int64_t tiles =
            ceil_div((n - head) / lanes(), std::int64_t{block_threads} * velocity_packs);
        plan.launch<kernel>(static_cast<unsigned>(std::max<std::int64_t>(tiles, 1)), block_threads,
                            0, n, head, step, grad, w, velocity);
    };
    const std::int64_t head = unaligned_head<T>(n, {w, velocity, grad});
    if (head >= 0) {
        launch(std::integral_constant<int, 16 / sizeof(T)>{}, head);
    } else {
        launch(std::integral_constant<int, 1>{}, 0);
    }
}

void sgd_step(const Arguments& arguments, Plan& plan) {
    with_floating(arguments, {"w", "grad"}, [&](auto zero) {
        using T = decltype(zero);
        const sgd::Rates<T> rates(arguments);
        if (rates.momentum != 0) return plan_with_velocity(arguments, rates, plan);
        const Argument& w = arguments.buffer("w");
        auto* data = static_cast<T*>(w.data);
        launch_transform(w.count, PlainStep<T>{rates.learning_rate, rates.weight_decay}, plan, data,
                         static_cast<const T*>(arguments.buffer("grad").data),
                         static_cast<const T*>(data));
    });
}

}  // namespace warpstep::kernels::cuda
