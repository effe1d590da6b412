// SPDX-License-Identifier: Apache-2.0
#include "runtime/plan/watched.hpp"

#include <algorithm>

#include "runtime/plan/operations.hpp"

namespace warpstep::plan {
namespace {

using workload::Node;
using workload::Step;

class Collector {
  public:
    explicit Collector(const workload::Workload& workload) : workload_(workload) {}

    std::vector<WatchedBuffer> operator()(const std::vector<Probe>& probes) {
        add_steps(workload_.steps);
        for (const Probe& probe : probes) add_names(*probe.node, probe.key);
        for (const auto& buffer : workload_.report.values) add(buffer, "report.values");
        return std::move(found_);
    }

  private:
    // A number of a runtime's operation is computed from what it reads; a kernel's report counts.
    void add_steps(const std::vector<Step>& steps) {
        for (const Step& step : steps) {
            const OperationRow* row = find_operation(step.run);
            if (row != nullptr && row->kernel == nullptr && !row->numbers.empty()) {
                for (const auto& argument : row->arguments) {
                    const auto it = step.with.find(argument.name);
                    if (argument.role == OperationArgument::Role::read && it != step.with.end())
                        add(it->second.value.root().text,
                            fmt::format("{} of '{}'", row->numbers.front().name, step.name));
                }
            }
            add_steps(step.steps);
        }
    }

    void add_names(const Node& node, const std::string& reader) {
        if (node.kind == Node::Kind::name) add(node.text, reader);
        for (const Node& operand : node.operands) add_names(operand, reader);
    }

    void add(const std::string& buffer, const std::string& reader) {
        const auto known = [&](const WatchedBuffer& watched) { return watched.buffer == buffer; };
        if (std::any_of(found_.begin(), found_.end(), known)) return;
        for (const auto& spec : workload_.buffers) {
            if (spec.name == buffer && spec.finite && is_floating(spec.dtype))
                found_.push_back({buffer, reader});
        }
    }

    const workload::Workload& workload_;
    std::vector<WatchedBuffer> found_;
};

}  // namespace

std::vector<WatchedBuffer> watched_of(const workload::Workload& workload,
                                      const std::vector<Probe>& probes) {
    return Collector(workload)(probes);
}

}  // namespace warpstep::plan
