// SPDX-License-Identifier: Apache-2.0
#include "runtime/comm/nccl_roots.hpp"

#include <algorithm>

namespace warpstep::comm {
namespace {

constexpr int served_by_one = 256;
constexpr int served_by_each = 128;

}  // namespace

std::vector<int> nccl_roots(int size) {
    const bool one = size <= served_by_one;
    return spread_roots(size, one ? 1 : (size + served_by_each - 1) / served_by_each);
}

std::vector<int> spread_roots(int size, int roots) {
    std::vector<int> firsts;
    const int shorter = size / roots;
    const int longer = size % roots;  // as many blocks have one rank more
    for (int block = 0; block < roots; ++block) {
        firsts.push_back(block * shorter + std::min(block, longer));
    }
    return firsts;
}

}  // namespace warpstep::comm
