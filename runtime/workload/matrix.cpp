// SPDX-License-Identifier: Apache-2.0
#include "runtime/workload/matrix.hpp"

#include <algorithm>
#include <utility>

#include "runtime/base/text.hpp"

namespace warpstep::workload {

std::vector<std::vector<Param>> combinations(const Workload& workload) {
    std::vector<std::vector<Param>> result{{}};
    for (const MatrixAxis& axis : workload.matrix) {
        std::vector<std::vector<Param>> longer;
        for (const auto& values : result) {
            for (const Expression& value : axis.values) {
                longer.push_back(values);
                longer.back().push_back({axis.name, value});
            }
        }
        result = std::move(longer);
    }
    return result;
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
