// SPDX-License-Identifier: Apache-2.0
#include "runtime/plan/rank_scope.hpp"

#include <fmt/format.h>

#include <utility>

#include "runtime/base/error.hpp"
#include "runtime/device/gpu_models.hpp"

namespace warpstep::plan {

using workload::Value;

Value count_value(std::int64_t count) {
    return {count, workload::no_unit};
}
Value number_value(double number, workload::Unit unit) {
    return {number, unit};
}
Value text_value(std::string text) {
    return {std::move(text), workload::no_unit};
}

RankScope::RankScope(const workload::Workload& workload, const step::Step& step,
                     const device::Facts& device, int device_index, int devices) {
    set("rank", count_value(step.rank));
    set("ranks", count_value(step.size));
    set("local_rank", count_value(step.local_rank));
    set("local_ranks", count_value(step.local_size));
    set("node", count_value(step.node));
    set("nodes", count_value(step.nodes()));
    set("restart_count", count_value(step.restart_count));
    set("epoch", count_value(0));
    set("devices", count_value(devices));
    set("members", count_value(std::int64_t{step.size} * devices));
    set("device.index", count_value(device_index));
    set("device.kind", text_value(device::name_of(device.kind)));
    set_facts("device", device);
    if (device.kind == device::Kind::cuda) {
        set_facts("gpu", device);
        set("gpu.uuid", text_value(device.uuid));
    }
    for (const auto& param : workload.params) set(param.name, param.value.evaluate(*this));
}

void RankScope::set_facts(const std::string& prefix, const device::Facts& device) {
    set(prefix + ".name", text_value(device.name));
    set(prefix + ".memory", {static_cast<std::int64_t>(device.memory_bytes), workload::unit_bytes});
    set(prefix + ".sm_count", count_value(device.sm_count));
    if (device.peak_memory_bandwidth) {
        set(prefix + ".peak.memory_bandwidth",
            number_value(*device.peak_memory_bandwidth, workload::unit_bytes_per_second));
    }
    const device::GpuModel* model = device::model_named(device.name);
    if (model == nullptr) return;
    for (const auto& [type, teraflops] : model->teraflops) {
        if (prefix == "gpu" && type != "bf16") continue;  // the short list
        set(fmt::format("{}.peak.{}", prefix, type),
            number_value(teraflops * 1e12, workload::unit_flops_per_second));
    }
}

void RankScope::set(std::string_view name, Value value) {
    names_.insert_or_assign(std::string(name), std::move(value));
}

void RankScope::set_loop(std::string_view name, Value value) {
    if (!is_loop_name(name)) loop_names_.emplace(name);
    if (const auto it = names_.find(name); it != names_.end()) {
        it->second = std::move(value);
    } else {
        names_.emplace(name, std::move(value));
    }
}

std::optional<Value> RankScope::find(std::string_view name) const {
    if (asked_ != nullptr && !is_loop_name(name)) asked_->add(name);
    const auto it = names_.find(name);
    return it == names_.end() ? std::nullopt : std::optional(it->second);
}

std::int64_t RankScope::count(std::string_view name) const {
    const auto value = find(name);
    if (!value || !value->is_integer()) fail<LogicError>("'{}' is no number of a rank", name);
    return std::get<std::int64_t>(value->data);
}

std::vector<std::string> RankScope::names() const {
    std::vector<std::string> result;
    for (const auto& [name, value] : names_) result.push_back(name);
    return result;
}

}  // namespace warpstep::plan
