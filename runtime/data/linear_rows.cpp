// SPDX-License-Identifier: Apache-2.0
#include "runtime/data/linear_rows.hpp"

#include "runtime/data/random.hpp"

namespace warpstep::data {
namespace {

// Three independent sequences from one seed.
enum class Sequence : std::uint64_t { inputs, weights, noise };
std::uint64_t seed_of(std::uint64_t seed, Sequence sequence) {
    return random_bits(seed, static_cast<std::uint64_t>(sequence));
}

class LinearRows final : public RowSource {
  public:
    explicit LinearRows(const LinearRecipe& recipe)
        : recipe_(recipe), weights_(true_weights(recipe)) {}
    std::int64_t rows() const override { return recipe_.samples; }
    std::int64_t columns() const override { return recipe_.features + 1; }

    void read(std::int64_t begin, std::int64_t end, double* to) const override {
        for (; begin < end; ++begin, to += columns()) make(begin, to);
    }
    void gather(const std::int64_t* rows, std::int64_t count, const RowLayout& layout,
                float* inputs, float* targets) const override {
        std::vector<double> row(static_cast<std::size_t>(columns()));
        for (std::int64_t i = 0; i < count; ++i) {
            make(rows[i], row.data());
            place_row(row.data(), layout, inputs + i * layout.features(), targets + i);
        }
    }

  private:
    void make(std::int64_t index, double* row) const {
        const auto at = static_cast<std::uint64_t>(index);
        const auto features = static_cast<std::uint64_t>(recipe_.features);
        double target = recipe_.noise * random_normal(seed_of(recipe_.seed, Sequence::noise), at);
        for (std::uint64_t j = 0; j < features; ++j) {
            row[j] = static_cast<float>(
                random_normal(seed_of(recipe_.seed, Sequence::inputs), at * features + j));
            target += row[j] * static_cast<double>(weights_[j]);
        }
        row[features] = target;
    }

    LinearRecipe recipe_;
    std::vector<float> weights_;
};

}  // namespace

std::unique_ptr<RowSource> linear_rows(const LinearRecipe& recipe) {
    return std::make_unique<LinearRows>(recipe);
}

std::vector<float> true_weights(const LinearRecipe& recipe) {
    std::vector<float> weights(static_cast<std::size_t>(recipe.features));
    for (std::size_t j = 0; j < weights.size(); ++j) {
        weights[j] = static_cast<float>(random_normal(seed_of(recipe.seed, Sequence::weights), j));
    }
    return weights;
}

}  // namespace warpstep::data
