// SPDX-License-Identifier: Apache-2.0
// Floating types of fewer than 32 bits as storage: the host converts, it does not compute in them.
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

namespace warpstep {

/// What happens to numbers above the largest finite one.
enum class Overflow { infinity, saturate };

/// Sign, exponent and mantissa of an IEEE 754 style format. A double is rounded once, to nearest
/// with ties to even; subnormals are kept. Overflow::saturate formats have no infinity and one NaN
/// (all other bits set), as E4M3 of "FP8 Formats for Deep Learning" (Micikevicius et al., 2022).
template <typename Bits, int exponent_bits, int mantissa_bits, Overflow overflow>
class NarrowFloat {
  public:
    static constexpr int digits = mantissa_bits + 1;
    static constexpr int bias = (1 << (exponent_bits - 1)) - 1;
    static constexpr int least_exponent = 1 - bias;  ///< of normal numbers, 1.f * 2^e

    NarrowFloat() = default;
    explicit NarrowFloat(double value) : bits_(encode(value)) {}
    operator float() const { return decode(bits_); }

    static constexpr NarrowFloat from_bits(Bits bits) {
        NarrowFloat result;
        result.bits_ = bits;
        return result;
    }
    Bits bits() const { return bits_; }

  private:
    static constexpr Bits sign_bit = static_cast<Bits>(1u << (exponent_bits + mantissa_bits));
    static constexpr Bits magnitude = static_cast<Bits>(sign_bit - 1);
    static constexpr Bits infinity =
        static_cast<Bits>(((1u << exponent_bits) - 1) << mantissa_bits);
    static constexpr Bits nan = overflow == Overflow::infinity
                                    ? static_cast<Bits>(infinity | (1u << (mantissa_bits - 1)))
                                    : magnitude;
    static constexpr Bits largest =
        static_cast<Bits>(overflow == Overflow::infinity ? infinity - 1 : magnitude - 1);

    static Bits encode(double value) {
        const auto wide = std::bit_cast<std::uint64_t>(value);
        const Bits sign = (wide >> 63) != 0 ? sign_bit : Bits{0};
        if (std::isnan(value)) return static_cast<Bits>(sign | nan);
        const int exponent = static_cast<int>(wide >> 52 & 0x7ff) - 1023;
        if (exponent < least_exponent - mantissa_bits - 1) return sign;
        if (exponent > bias + 1) return static_cast<Bits>(sign | beyond());
        // Below the normal numbers the last place stays where it is, and digits are lost.
        const bool subnormal = exponent < least_exponent;
        const int shift = 52 - mantissa_bits + (subnormal ? least_exponent - exponent : 0);
        std::uint64_t mantissa = (wide & 0xfffffffffffffULL) | 1ULL << 52;
        const std::uint64_t half = 1ULL << (shift - 1);
        const std::uint64_t rest = mantissa & ((half << 1) - 1);
        mantissa >>= shift;
        if (rest > half || (rest == half && (mantissa & 1) != 0)) ++mantissa;
        // A mantissa that rounding made one digit longer carries into the exponent by itself.
        const std::uint64_t base =
            subnormal ? 0 : static_cast<std::uint64_t>(exponent + bias - 1) << mantissa_bits;
        const std::uint64_t bits = base + mantissa;
        return static_cast<Bits>(sign | (bits > largest ? beyond() : static_cast<Bits>(bits)));
    }

    static constexpr Bits beyond() { return overflow == Overflow::infinity ? infinity : largest; }

    static float decode(Bits bits) {
        const auto value = static_cast<Bits>(bits & magnitude);
        const auto mantissa = static_cast<int>(value & ((1u << mantissa_bits) - 1));
        const int exponent = value >> mantissa_bits;
        float result = 0;
        if (overflow == Overflow::infinity ? value > infinity : value == nan) {
            result = std::numeric_limits<float>::quiet_NaN();
        } else if (overflow == Overflow::infinity && value == infinity) {
            result = std::numeric_limits<float>::infinity();
        } else if (exponent == 0) {
            result = std::ldexp(static_cast<float>(mantissa), least_exponent - mantissa_bits);
        } else {
            const std::uint32_t wide = static_cast<std::uint32_t>(exponent - bias + 127) << 23 |
                                       static_cast<std::uint32_t>(mantissa) << (23 - mantissa_bits);
            result = std::bit_cast<float>(wide);
        }
        return (bits & sign_bit) != 0 ? -result : result;
    }

    Bits bits_ = 0;
};

using Float16 = NarrowFloat<std::uint16_t, 5, 10, Overflow::infinity>;
using BFloat16 = NarrowFloat<std::uint16_t, 8, 7, Overflow::infinity>;
using Float8E4M3 = NarrowFloat<std::uint8_t, 4, 3, Overflow::saturate>;

}  // namespace warpstep
