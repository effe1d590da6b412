// SPDX-License-Identifier: Apache-2.0
#include "runtime/execution/result.hpp"

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "runtime/base/error.hpp"

namespace warpstep::workload {

// Found by argument-dependent lookup, so they live with their types.
static void to_json(nlohmann::json& json, const Unit& unit) {
    json = {unit.bytes, unit.seconds, unit.flops};
}
static void from_json(const nlohmann::json& json, Unit& unit) {
    unit = {json.at(0).get<int>(), json.at(1).get<int>(), json.at(2).get<int>()};
}
static void to_json(nlohmann::json& json, const Value& value) {
    std::visit([&](const auto& data) { json = {{"v", data}, {"u", value.unit}}; }, value.data);
}
static void from_json(const nlohmann::json& json, Value& value) {
    const auto& data = json.at("v");
    value.unit = json.at("u").get<Unit>();
    if (data.is_boolean()) {
        value.data = data.get<bool>();
    } else if (data.is_string()) {
        value.data = data.get<std::string>();
    } else if (data.is_number_integer()) {
        value.data = data.get<std::int64_t>();
    } else {
        value.data = data.get<double>();
    }
}

}  // namespace warpstep::workload

namespace warpstep::execution {

// MessagePack keeps NaN and infinity, so numbers need no special case.
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Statistics, median, min, max, p99, stddev)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Metric, name, unit, statistics)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(VerifyResult, buffer, rule, passed, detail, worst_ulp, hash)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(StepResult, name, run, ran, launches, metrics, numbers, missing,
                                   verify, may_fail, failure, conditions)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(RankPlace, rank, local_rank, node, node_name, device, gpu_uuid,
                                   gpu_pci, cpus, numa, memory_policy, simulated, notes)

std::string encode(const RankResult& result) {
    nlohmann::json names = nlohmann::json::object();
    for (const auto& [name, value] : result.names) names[name] = value;
    const nlohmann::json json = {{"place", result.place},
                                 {"steps", result.steps},
                                 {"names", std::move(names)},
                                 {"values", result.values},
                                 {"not_finite", result.not_finite}};
    const auto bytes = nlohmann::json::to_msgpack(json);
    return {bytes.begin(), bytes.end()};
}

RankResult decode_result(std::string_view bytes) {
    try {
        const auto json = nlohmann::json::from_msgpack(bytes.begin(), bytes.end());
        RankResult result;
        result.place = json.at("place").get<RankPlace>();
        result.steps = json.at("steps").get<std::vector<StepResult>>();
        for (const auto& [name, value] : json.at("names").items()) {
            result.names.emplace(name, value.get<workload::Value>());
        }
        result.values = json.at("values").get<std::map<std::string, std::vector<double>>>();
        result.not_finite = json.at("not_finite").get<std::map<std::string, std::string>>();
        return result;
    } catch (const nlohmann::json::exception& error) {
        fail<CommError>("cannot read a rank's result ({}); run the same warpstep on every node",
                        error.what());
    }
}

}  // namespace warpstep::execution
