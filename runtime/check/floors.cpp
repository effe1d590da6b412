// SPDX-License-Identifier: Apache-2.0
#include "runtime/check/floors.hpp"

#include <yaml-cpp/yaml.h>

#include <cmath>

#include "runtime/base/error.hpp"
#include "runtime/base/file.hpp"
#include "runtime/base/text.hpp"
#include "runtime/check/floors_text.hpp"
#include "runtime/device/gpu_models.hpp"

namespace warpstep::check {
namespace {

struct Unit {
    const char* name;
    double factor;
    const char* base;
};
constexpr Unit units[] = {{"GB/s", 1e9, "B/s"}, {"TB/s", 1e12, "B/s"}, {"TFLOP/s", 1e12, "FLOP/s"}};

// The most that documents of a model say of what a probe measures; nothing: they do not.
std::optional<double> peak_of(const Floor& floor) {
    if (floor.probe == "p2p") {
        const auto links = device::nvlinks_of(floor.model);
        if (!links) return std::nullopt;
        return links->links * links->link_bandwidth;
    }
    const auto* model = device::model_named(floor.model);
    if (model == nullptr) return std::nullopt;
    if (floor.probe == "triad") return model->memory_bandwidth;
    if (floor.probe != "gemm") return std::nullopt;
    for (const auto& [type, teraflops] : model->teraflops) {
        if (type == floor.qualifier) return teraflops * 1e12;
    }
    return std::nullopt;
}

std::string show_peak(double peak, const std::string& probe) {
    if (probe == "gemm") return fmt::format("{:.4g} TFLOP/s", peak / 1e12);
    return peak < 1e12 ? fmt::format("{:.4g} GB/s", peak / 1e9)
                       : fmt::format("{:.4g} TB/s", peak / 1e12);
}

class Reader {
  public:
    explicit Reader(std::string file) : file_(std::move(file)) {}

    std::vector<Floor> read(const std::string& text) {
        try {
            const YAML::Node root = YAML::Load(text);
            if (!root.IsMap()) refuse(root, "no map of models");
            for (const auto& entry : root) {
                const auto key = entry.first.as<std::string>();
                if (key == "version") {
                    if (entry.second.as<std::string>() != "1")
                        refuse(entry.second, "not version 1");
                } else if (key == "models") {
                    read_models(entry.second);
                } else {
                    refuse(entry.first, fmt::format("no key '{}'{}", key,
                                                    suggestion(key, {"version", "models"})));
                }
            }
        } catch (const YAML::Exception& error) {
            fail<ConfigError>("{}:{}:{}: {}", file_, error.mark.line + 1, error.mark.column + 1,
                              error.msg);
        }
        return std::move(floors_);
    }

  private:
    [[noreturn]] void refuse(const YAML::Node& node, const std::string& why) const {
        fail<ConfigError>("{}:{}:{}: {}; see configs/check-floors.yaml", file_,
                          node.Mark().line + 1, node.Mark().column + 1, why);
    }

    void read_models(const YAML::Node& models) {
        for (const auto& model : models) {
            if (!model.second.IsSequence()) refuse(model.second, "a model has a list of floors");
            for (const YAML::Node& floor : model.second)
                read_floor(model.first.as<std::string>(), floor);
        }
    }

    void read_floor(const std::string& model, const YAML::Node& node) {
        static const std::vector<std::string> known{"probe", "qualifier", "least", "source"};
        Floor floor;
        floor.model = model;
        YAML::Node least;
        if (!node.IsMap()) refuse(node, "a floor is a map of probe, least and source");
        for (const auto& entry : node) {
            const auto key = entry.first.as<std::string>(), value = entry.second.as<std::string>();
            if (key == "probe") {
                floor.probe = value;
            } else if (key == "qualifier") {
                floor.qualifier = value;
            } else if (key == "source") {
                floor.source = value;
            } else if (key == "least") {
                least = entry.second;
            } else {
                refuse(entry.first, fmt::format("no key '{}'{}", key, suggestion(key, known)));
            }
        }
        if (floor.probe.empty() || !least.IsScalar() || floor.source.empty())
            refuse(node, "a floor needs probe, least and source");
        read_rate(least, least.as<std::string>(), floor);
        floors_.push_back(std::move(floor));
    }

    void read_rate(const YAML::Node& node, const std::string& text, Floor& floor) const {
        std::size_t used = 0;
        try {
            floor.value = std::stod(text, &used);
        } catch (const std::exception&) {
            used = 0;
        }
        const std::string name(trim(text.substr(used)));
        if (used > 0 && name == "%" && floor.value > 0) return read_share(node, floor);
        for (const Unit& unit : units) {
            if (used == 0 || name != unit.name || !(floor.value > 0)) continue;
            floor.value *= unit.factor;
            floor.unit = unit.base;
            return;
        }
        refuse(node, fmt::format("'{}' is no rate; write for example 2.68 TB/s, 45 GB/s, 643 "
                                 "TFLOP/s, 80 %",
                                 text));
    }

    void read_share(const YAML::Node& node, Floor& floor) const {
        const auto peak = peak_of(floor);
        if (!peak) {
            refuse(node,
                   fmt::format("'{}' of what (nobody here knows the peak of {} on {}); write a "
                               "rate",
                               node.as<std::string>(), floor.probe, floor.model));
        }
        floor.source = fmt::format("{:.4g} % of {}, {}", floor.value, show_peak(*peak, floor.probe),
                                   floor.source);
        floor.value *= *peak / 100;
        floor.unit = floor.probe == "gemm" ? "FLOP/s" : "B/s";
    }

    std::string file_;
    std::vector<Floor> floors_;
};

}  // namespace

std::vector<Floor> load_floors(const std::string& file) {
    if (file.empty()) return Reader("check-floors.yaml").read(floors_text);
    return Reader(file).read(read_file(file));
}

const Floor* floor_for(const std::vector<Floor>& floors, const Sample& sample,
                       const std::string& qualifier) {
    const Floor* general = nullptr;
    for (const Floor& floor : floors) {
        if (floor.model != sample.model || floor.probe != sample.probe) continue;
        if (!qualifier.empty() && floor.qualifier == qualifier) return &floor;
        if (floor.qualifier.empty()) general = &floor;
    }
    return general;
}

}  // namespace warpstep::check
