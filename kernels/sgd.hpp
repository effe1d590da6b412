// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/arguments.hpp"
#include "runtime/device/host/cores.hpp"

namespace warpstep::kernels::sgd {

/// One step of stochastic gradient descent:
///     d <- grad + weight_decay * w
///     velocity <- momentum * velocity + d;  d <- velocity, or d + momentum * velocity (nesterov)
///     w <- w - learning_rate * d
/// The second line is for momentum != 0 only and needs the buffer `velocity`, zero before the first
/// step.
/// Shape:  w, grad and velocity have n elements of one type (f32, f64), n >= 0, not overlapping.
/// Units:  moves 3n elements and does 2n flops; 5n and 4n with momentum; 2n flops more with weight
///         decay, and with nesterov.
/// Errors: ConfigError from check_step.
/// Source: PyTorch documentation, torch.optim.SGD (dampening 0), whose first step takes the
/// gradient itself as velocity: the same as a velocity of 0. Every line is one fused multiply-add
/// on host and device, so results match exactly.
void step(const Arguments& arguments, const device::host::Cores& cores);
void check_step(const Arguments& arguments);

/// What one step moves and computes, for the catalog.
double step_bytes(const Arguments& arguments);
double step_flops(const Arguments& arguments);

/// The numbers of a step in the type of its vectors.
template <typename T>
struct Rates {
    T learning_rate, momentum, weight_decay;
    bool nesterov;

    explicit Rates(const Arguments& arguments)
        : learning_rate(static_cast<T>(arguments.number("learning_rate"))),
          momentum(static_cast<T>(arguments.number("momentum"))),
          weight_decay(static_cast<T>(arguments.number("weight_decay"))),
          nesterov(arguments.word("nesterov") == "yes") {}
};

}  // namespace warpstep::kernels::sgd
