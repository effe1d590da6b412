// SPDX-License-Identifier: Apache-2.0
#include "runtime/plan/collectives.hpp"

#include <algorithm>

namespace warpstep::plan {

bool CollectiveKind::can_be_in_place() const {
    return from == Holds::part && to == Holds::part && name != "send_recv";
}

const std::vector<CollectiveKind>& collective_kinds() {
    constexpr Holds part = Holds::part, all = Holds::all;
    static const std::vector<CollectiveKind> kinds{
        {"all_gather", part, all, false, false},    {"all_reduce", part, part, true, false},
        {"all_to_all", all, all, false, false},     {"broadcast", part, part, false, true},
        {"gather", part, all, false, true},         {"reduce", part, part, true, true},
        {"reduce_scatter", all, part, true, false}, {"scatter", all, part, false, true},
        {"send_recv", part, part, false, false},
    };
    return kinds;
}

const CollectiveKind* find_collective(std::string_view name) {
    const auto& kinds = collective_kinds();
    const auto it = std::find_if(kinds.begin(), kinds.end(),
                                 [&](const CollectiveKind& kind) { return kind.name == name; });
    return it == kinds.end() ? nullptr : &*it;
}

std::vector<workload::OperationSignature> collective_signatures() {
    const std::vector<std::string> words{"avg", "max", "min", "prod", "sum"};
    std::vector<workload::OperationSignature> signatures{{"barrier", {}, {}, {}}};
    for (const CollectiveKind& kind : collective_kinds()) {
        workload::OperationSignature signature{std::string(kind.name), {}, {}, {}};
        if (kind.name == "broadcast") {
            signature.required = {"buffer"};
        } else if (kind.can_be_in_place()) {
            signature.optional = {"buffer", "from", "to"};
        } else {
            signature.required = {"from", "to"};
        }
        if (kind.reduces) {
            signature.optional.emplace_back("op");
            signature.words.emplace("op", words);
        }
        if (kind.rooted) signature.optional.emplace_back("root");
        if (kind.name == "send_recv") signature.optional.emplace_back("shift");
        signatures.push_back(std::move(signature));
    }
    return signatures;
}

}  // namespace warpstep::plan
