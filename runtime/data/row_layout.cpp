// SPDX-License-Identifier: Apache-2.0
#include "runtime/data/row_layout.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "runtime/base/host_clones.hpp"

namespace warpstep::data {
namespace {

typedef std::int32_t Lanes __attribute__((vector_size(32)));
constexpr std::int64_t lanes = sizeof(Lanes) / sizeof(float);
constexpr std::int32_t magnitude = 0x7fffffff;  ///< all bits of an f32 but the sign
constexpr std::int32_t infinity = 0x7f800000;

// The largest magnitudes seen, as integers, which order like the floats. Numbers that came alone
// are apart from those that came in vectors: to change one lane goes through memory.
struct Largest {
    Lanes of_lanes{};
    std::int32_t alone = 0;

    [[gnu::always_inline]] void note(const Lanes& values) {
        const Lanes seen = values & magnitude;
        of_lanes = seen > of_lanes ? seen : of_lanes;
    }
    [[gnu::always_inline]] void note(float value) {
        std::int32_t bits = 0;
        std::memcpy(&bits, &value, sizeof bits);
        alone = std::max(alone, bits & magnitude);
    }
    bool finite() const {
        std::int32_t all = alone;
        for (std::int64_t k = 0; k < lanes; ++k) all = std::max(all, of_lanes[k]);
        return all < infinity;
    }
};

// Lanes from memory. No function takes or returns Lanes by value: how depends on the processor.
struct Block {
    Lanes values;
    [[gnu::always_inline]] explicit Block(const float* from) {
        std::memcpy(&values, from, sizeof values);
    }
    [[gnu::always_inline]] void store(float* to, Largest& largest) const {
        std::memcpy(to, &values, sizeof values);
        largest.note(values);
    }
};

// The last vector of a stretch overlaps the one before, so that nothing is left over.
[[gnu::always_inline]] inline void copy(const float* from, float* to, std::int64_t count,
                                        Largest& largest) {
    if (count >= lanes) {
        for (std::int64_t i = 0; i + lanes <= count; i += lanes) {
            Block(from + i).store(to + i, largest);
        }
        return Block(from + count - lanes).store(to + count - lanes, largest);
    }
    for (std::int64_t i = 0; i < count; ++i) {
        to[i] = from[i];
        largest.note(from[i]);
    }
}

}  // namespace

WARPSTEP_HOST_CLONES bool place_rows(const float* rows, std::int64_t count, const RowLayout& layout,
                                     float* inputs, float* targets) {
    Largest largest;
    const std::int64_t before = layout.target, after = layout.columns - before - 1;
    for (std::int64_t i = 0; i < count; ++i, rows += layout.columns) {
        targets[i] = rows[before];
        largest.note(rows[before]);
        copy(rows, inputs, before, largest);
        copy(rows + before + 1, inputs + before, after, largest);
        inputs += before + after;
        if (layout.intercept) *inputs++ = 1;
    }
    return largest.finite();
}

WARPSTEP_HOST_CLONES bool all_finite(const float* values, std::int64_t count) {
    Largest largest;
    std::int64_t i = 0;
    for (; i + lanes <= count; i += lanes) largest.note(Block(values + i).values);
    for (; i < count; ++i) largest.note(values[i]);
    return largest.finite();
}

}  // namespace warpstep::data
