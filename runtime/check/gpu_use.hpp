// SPDX-License-Identifier: Apache-2.0
// How many of the granted GPUs are used, from the facts.
#pragma once

#include <string>
#include <vector>

#include "runtime/check/facts.hpp"

namespace warpstep::check {

struct NodeUse {
    std::string name;
    std::size_t granted = 0;
    std::size_t used = 0;           ///< of those granted
    std::size_t users = 0;          ///< ranks or processes that have a GPU
    std::size_t left_over = 0;      ///< ranks for which no GPU is left
    std::vector<std::string> idle;  ///< as far as it is known which were granted
};

struct GpuUse {
    std::vector<NodeUse> nodes;
    bool by_programs = false;  ///< counted from running programs, not from what the ranks see
    std::string problem;       ///< why nothing can be counted, "" when it could be
    /// GPUs are granted where none can be found: "8 GPUs are granted, but no GPU can be found on
    /// n1, n2 (no NVIDIA driver)". It is in `problem`, too.
    std::string not_found;

    std::size_t granted() const { return sum(&NodeUse::granted); }
    std::size_t used() const { return sum(&NodeUse::used); }
    std::size_t users() const { return sum(&NodeUse::users); }
    std::size_t left_over() const { return sum(&NodeUse::left_over); }

  private:
    std::size_t sum(std::size_t NodeUse::*what) const;
};

/// Of the watched programs; without any, of the ranks, each with the GPU that own_gpus() gives it.
GpuUse use_of_gpus(const Facts& facts);

}  // namespace warpstep::check
