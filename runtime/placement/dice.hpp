// SPDX-License-Identifier: Apache-2.0
// Private to the room: random numbers that are the same with every standard library.
#pragma once

#include <initializer_list>
#include <random>

namespace warpstep::placement {

class Dice {
  public:
    explicit Dice(unsigned seed) : engine_(seed) {}
    int roll(int from, int to) {
        return from + static_cast<int>(engine_() % static_cast<unsigned>(to - from + 1));
    }
    template <typename T>
    T pick(std::initializer_list<T> values) {
        return values.begin()[roll(0, static_cast<int>(values.size()) - 1)];
    }
    bool chance(int percent) { return roll(1, 100) <= percent; }

  private:
    std::mt19937 engine_;
};

}  // namespace warpstep::placement
