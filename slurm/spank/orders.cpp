// SPDX-License-Identifier: Apache-2.0
#include "slurm/spank/orders.hpp"

#include <string>

#include "runtime/process/failure.hpp"
#include "runtime/process/member.hpp"
#include "slurm/spank/words.hpp"

namespace warpstep::spank {
namespace {

using process::Failure;

[[noreturn]] void refuse(std::string_view line) {
    throw Failure("cannot read warpstep's answer '" + std::string(line.substr(0, 80)) +
                  "'; install plugin and program of one release");
}

process::CpuList list(std::string_view line, std::string_view value) {
    const auto numbers = process::parse_cpus(value);
    if (!numbers || numbers->empty()) refuse(line);
    return *numbers;
}

void obey(Orders& orders, std::string_view line) {
    const auto blank = line.find(' ');
    if (blank == line.npos) refuse(line);
    const std::string_view name = line.substr(0, blank), value = line.substr(blank + 1);
    if (name == process::order::bind) {
        orders.cpus = list(line, value);
    } else if (name == process::order::memory) {
        // A task may be near no memory node at all.
        if (!value.empty()) orders.memory = list(line, value);
    } else if (name == process::order::set) {
        const Assignment said = split_assignment(value);
        if (said.name.empty() || !said.has_value) refuse(line);
        orders.changes.push_back({std::string(said.name), std::string(said.value)});
    } else {
        refuse(line);
    }
}

}  // namespace

Orders parse_orders(std::string_view text) {
    if (text.empty()) refuse(text);
    Orders orders;
    while (!text.empty()) {
        const auto end = text.find('\n');
        if (end == text.npos) refuse(text);
        obey(orders, text.substr(0, end));
        text.remove_prefix(end + 1);
    }
    return orders;
}

}  // namespace warpstep::spank
