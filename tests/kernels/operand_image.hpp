// SPDX-License-Identifier: Apache-2.0
// A buffer of a test with guard bytes around it, as one piece of memory that can be copied to a
// device and back.
#pragma once

#include <cstdint>
#include <cstring>
#include <memory>
#include <random>
#include <type_traits>
#include <vector>

#include "tests/kernels/conformance.hpp"

namespace warpstep::test {

class Image {
  public:
    Image(const Operand& operand, unsigned seed) : size_(size_of(operand.dtype)) {
        count_ = 1;
        for (const std::int64_t extent : operand.shape) count_ *= extent;
        data_offset_ = guard + static_cast<std::size_t>(operand.offset) * size_;
        // Without anything between, a sanitizer sees what is written behind an unguarded end.
        memory_.assign((data_offset_ + data_bytes() + guard + 255) / 256 * 256 / sizeof(Line) + 1,
                       Line{});
        std::memset(begin(), guard_byte, bytes());
        fill(operand, seed);
    }

    char* begin() { return memory_.front().bytes; }
    const char* begin() const { return memory_.front().bytes; }
    std::size_t bytes() const { return memory_.size() * sizeof(Line); }
    std::size_t data_offset() const { return data_offset_; }
    void* data() { return begin() + data_offset_; }
    const void* data() const { return begin() + data_offset_; }
    std::int64_t count() const { return count_; }

    bool guards_intact() const {
        for (std::size_t i = 0; i < bytes(); ++i) {
            const bool inside = i >= data_offset_ && i < data_offset_ + data_bytes();
            if (!inside && begin()[i] != static_cast<char>(guard_byte)) return false;
        }
        return true;
    }
    bool same_as(const Image& other) const {
        return std::memcmp(begin(), other.begin(), bytes()) == 0;
    }

  private:
    static constexpr std::size_t guard = 256;
    static constexpr int guard_byte = 0xa5;
    struct alignas(256) Line {
        char bytes[256];
    };

    std::size_t data_bytes() const { return static_cast<std::size_t>(count_) * size_; }

    void fill(const Operand& operand, unsigned seed) {
        std::mt19937_64 generator(seed);
        with_type(operand.dtype, [&](auto zero) {
            using T = decltype(zero);
            auto* elements = static_cast<T*>(data());
            for (std::int64_t i = 0; i < count_; ++i) {
                elements[i] = element<T>(operand.content, generator);
            }
        });
    }

    template <typename T>
    static T element(Content content, std::mt19937_64& generator) {
        const std::uint64_t bits = generator();
        const double sixteenth = static_cast<double>(bits % 49) - 24;
        switch (content) {
            case Content::zeros:
                return T{};
            case Content::eighths:
                return std::is_integral_v<T> ? static_cast<T>(static_cast<int>(sixteenth))
                                             : static_cast<T>(sixteenth / 8);
            case Content::uniform:
                if constexpr (!std::is_integral_v<T>) {
                    return static_cast<T>(static_cast<double>(bits >> 11) * 0x1p-51 - 2);
                }
                break;
            case Content::whatever:
                break;
        }
        T value{};
        std::memcpy(static_cast<void*>(&value), &bits, sizeof value);
        return value;
    }

    std::size_t size_ = 0, data_offset_ = 0;
    std::int64_t count_ = 0;
    std::vector<Line> memory_;
};

}  // namespace warpstep::test
