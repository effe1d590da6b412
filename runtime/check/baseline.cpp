// SPDX-License-Identifier: Apache-2.0
#include "runtime/check/baseline.hpp"

#include <fmt/chrono.h>
#include <unistd.h>

#include <cmath>
#include <ctime>
#include <map>
#include <tuple>

#include "runtime/base/error.hpp"
#include "runtime/base/file.hpp"
#include "runtime/check/baseline_json.hpp"

namespace warpstep::check {

namespace {

constexpr const char* schema = "warpstep.baseline/1";
using Key = std::tuple<std::string, std::string, std::string>;

Key key_of(const BaselineEntry& entry) {
    return {entry.gpu_uuid, entry.probe, entry.qualifier};
}

std::string driver_of(const Facts& facts, const Subject& place) {
    const NodeFacts* node = facts.node(place.node);
    return node == nullptr ? "" : node->driver;
}

}  // namespace

std::vector<BaselineEntry> load_baseline(const std::string& file) {
    const auto document = nlohmann::json::parse(read_file(file), nullptr, false);
    if (!document.is_object() || !document.contains("schema") || document["schema"] != schema)
        fail<ConfigError>("{} is no baseline; write one with warpstep check --learn FILE", file);
    try {
        return document.at("entries").get<std::vector<BaselineEntry>>();
    } catch (const nlohmann::json::exception& error) {
        fail<ConfigError>("{} is damaged ({}); write it anew with warpstep check --learn", file,
                          error.what());
    }
}

void learn(const std::string& file, const Facts& facts) {
    std::map<Key, BaselineEntry> entries;
    if (::access(file.c_str(), F_OK) == 0) {
        for (BaselineEntry& entry : load_baseline(file)) entries[key_of(entry)] = entry;
    }
    const std::string today = fmt::format("{:%Y-%m-%d}", fmt::gmtime(std::time(nullptr)));
    for (const Sample& sample : facts.samples) {
        if (sample.places.size() != 1 || sample.places[0].gpu_uuid.empty() || !sample.verified ||
            !std::isfinite(sample.value) || sample.value <= 0)
            continue;
        const Subject& place = sample.places[0];
        const auto clock = sample.state.find("sm_mhz");
        BaselineEntry entry{place.gpu_uuid,
                            sample.probe,
                            sample.qualifier,
                            sample.unit,
                            driver_of(facts, place),
                            sample.value,
                            clock == sample.state.end() ? 0 : clock->second,
                            today};
        entries[key_of(entry)] = std::move(entry);
    }
    nlohmann::json list = nlohmann::json::array();
    for (const auto& [key, entry] : entries) list.push_back(entry);
    const nlohmann::json document{{"schema", schema}, {"entries", list}};
    write_file_atomically(file, document.dump(1) + "\n");
}

}  // namespace warpstep::check
