// SPDX-License-Identifier: Apache-2.0
// The words that a key may take, each with what it stands for.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/workload/workload.hpp"

namespace warpstep::workload {

template <typename T>
struct Word {
    std::string_view word;
    T value;
};

/// The words alone, in their order.
template <typename T, std::size_t N>
std::vector<std::string> words_of(const std::array<Word<T>, N>& table) {
    std::vector<std::string> words;
    for (const Word<T>& entry : table) words.emplace_back(entry.word);
    return words;
}

/// What a word of the table stands for; the first entry's value for any other text.
template <typename T, std::size_t N>
T meaning(const std::array<Word<T>, N>& table, std::string_view text) {
    for (const Word<T>& entry : table) {
        if (entry.word == text) return entry.value;
    }
    return table.front().value;
}

inline constexpr auto dtype_words = [] {
    std::array<Word<DType>, dtype_names.size()> words{};
    for (std::size_t i = 0; i < words.size(); ++i) {
        words[i] = {dtype_names[i].first, dtype_names[i].second};
    }
    return words;
}();

inline constexpr std::array<Word<MemoryKind>, 4> memory_words{
    {{"device", MemoryKind::device},
     {"managed", MemoryKind::managed},
     {"host", MemoryKind::host},
     {"host_pinned", MemoryKind::host_pinned}}};

inline constexpr std::array<Word<BufferInit::Kind>, 2> init_words{
    {{"zero", BufferInit::Kind::zero}, {"iota", BufferInit::Kind::iota}}};

inline constexpr std::array<Word<BufferInit::Kind>, 3> random_words{
    {{"uniform", BufferInit::Kind::uniform},
     {"normal", BufferInit::Kind::normal},
     {"small_integers", BufferInit::Kind::small_integers}}};

inline constexpr std::array<Word<CpuPolicy>, 2> cpu_words{
    {{"near_gpu", CpuPolicy::near_gpu}, {"inherit", CpuPolicy::inherit}}};

inline constexpr std::array<Word<MemoryPolicy>, 2> memory_policy_words{
    {{"near_gpu", MemoryPolicy::near_gpu}, {"inherit", MemoryPolicy::inherit}}};

inline constexpr std::array<Word<Uneven>, 2> uneven_words{
    {{"wrap", Uneven::wrap}, {"drop", Uneven::drop}}};

/// Whether the rows are shuffled once only.
inline constexpr std::array<Word<bool>, 2> shuffle_words{{{"epoch", false}, {"run", true}}};

/// Whether the priority is high.
inline constexpr std::array<Word<bool>, 2> priority_words{{{"low", false}, {"high", true}}};

inline constexpr std::array<Word<ValueType>, 12> value_type_words{{{"i8", ValueType::i8},
                                                                   {"u8", ValueType::u8},
                                                                   {"i16", ValueType::i16},
                                                                   {"u16", ValueType::u16},
                                                                   {"i32", ValueType::i32},
                                                                   {"u32", ValueType::u32},
                                                                   {"i64", ValueType::i64},
                                                                   {"u64", ValueType::u64},
                                                                   {"f16", ValueType::f16},
                                                                   {"bf16", ValueType::bf16},
                                                                   {"f32", ValueType::f32},
                                                                   {"f64", ValueType::f64}}};

}  // namespace warpstep::workload
