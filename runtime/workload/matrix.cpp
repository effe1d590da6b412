// SPDX-License-Identifier: Apache-2.0
#include "runtime/workload/matrix.hpp"

#include <algorithm>
#include <utility>

#include "runtime/base/text.hpp"

namespace warpstep::workload {

std::vector<std::vector<Param>> combinations(const Workload& workload) {
    std::vector<std::vector<Param>> result;
    const std::uint64_t count = count_combinations(workload);
    for (std::uint64_t i = 0; i < count; ++i) result.push_back(combination(workload, i));
    return result;
}

std::uint64_t count_combinations(const Workload& workload) {
    std::uint64_t count = 1;
    for (const MatrixAxis& axis : workload.matrix) {
        const std::uint64_t values = axis.values.size();
        if (values != 0 && count > ~std::uint64_t{0} / values) return ~std::uint64_t{0};
        count *= values;
    }
    return count;
}

std::vector<Param> combination(const Workload& workload, std::uint64_t index) {
    std::vector<Param> values;
    for (auto axis = workload.matrix.rbegin(); axis != workload.matrix.rend(); ++axis) {
        values.push_back({axis->name, axis->values[index % axis->values.size()]});
        index /= axis->values.size();
    }
    std::reverse(values.begin(), values.end());
    return values;
}

Workload with_params(Workload workload, const std::vector<Param>& values) {
    std::size_t added = 0;
    for (const Param& value : values) {
        const auto found = std::find_if(workload.params.begin(), workload.params.end(),
                                        [&](const Param& p) { return p.name == value.name; });
        if (found != workload.params.end()) {
            found->value = value.value;
        } else {
            workload.params.insert(workload.params.begin() + static_cast<std::ptrdiff_t>(added++),
                                   value);
        }
    }
    return workload;
}

std::string combination_suffix(const std::vector<Param>& values) {
    if (values.empty()) return "";
    std::vector<std::string> pieces;
    for (const Param& value : values)
        pieces.push_back(value.name + "=" + std::string(trim(value.value.text())));
    return " [" + join(pieces, " ") + "]";
}

}  // namespace warpstep::workload
