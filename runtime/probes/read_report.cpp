// SPDX-License-Identifier: Apache-2.0
#include "runtime/probes/read_report.hpp"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>

#include "runtime/base/units.hpp"
#include "runtime/execution/statistics.hpp"
#include "runtime/probes/load_state.hpp"

namespace warpstep::check::probes {
namespace {

using nlohmann::json;

/// "p2p-2 [shift=3]": stem "p2p", suffix " [shift=3]".
struct StepName {
    std::string stem, suffix;
};

std::optional<StepName> parse(const std::string& name) {
    const auto end = std::min(name.find(" ["), name.size());
    const auto dash = name.rfind('-', end);
    if (dash == std::string::npos || dash + 1 >= end) return std::nullopt;
    for (auto i = dash + 1; i < end; ++i)
        if (name[i] < '0' || name[i] > '9') return std::nullopt;
    return StepName{name.substr(0, dash), name.substr(end)};
}

double number_at(const json& from, const char* key) {
    const auto it = from.find(key);
    return it != from.end() && it->is_number() ? it->get<double>() : std::nan("");
}

/// A rank's median and p99 of one metric of one step; NaN when it has none.
struct Measured {
    double median = std::nan(""), p99 = std::nan("");
};

Measured measured(const json& step, const char* metric, int rank) {
    const json& metrics = step.at("metrics");
    const auto found = metrics.find(metric);
    if (found == metrics.end()) return {};
    const auto ranks = found->find("by_rank");
    if (ranks == found->end()) return {number_at(*found, "median"), number_at(*found, "p99")};
    const auto& numbers = ranks->at("rank");
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        if (numbers[i] != rank) continue;
        const auto value = [&](const char* key) {
            const json& one = ranks->at(key).at(i);
            return one.is_number() ? one.get<double>() : std::nan("");
        };
        return {value("median"), value("p99")};
    }
    return {};
}

class Reader {
  public:
    Reader(const Probe& probe, const std::vector<Seat>& group, const json& report,
           const std::string& algorithm)
        : probe_(probe), group_(group), report_(report), algorithm_(algorithm) {
        for (const json& step : report.at("steps")) {
            const auto name = parse(step.at("name").get<std::string>());
            if (!name || step.at("ranks") == 0) continue;
            auto& steps = windows_[name->stem];
            if (steps.empty() || steps.back().suffix != name->suffix)
                steps.push_back({name->suffix, {}});
            steps.back().steps.push_back(&step);
        }
    }

    std::vector<Sample> operator()() {
        for (const Reading& reading : probe_.readings) {
            for (const Window& window : windows_[reading.stem]) {
                if (reading.form == Form::group) {
                    add(reading, window, -1);
                    continue;
                }
                for (int rank = 0; rank < static_cast<int>(group_.size()); ++rank)
                    add(reading, window, rank);
            }
        }
        return std::move(samples_);
    }

  private:
    /// The repeats of one sample.
    struct Window {
        std::string suffix;
        std::vector<const json*> steps;
    };

    void add(const Reading& reading, const Window& window, int rank) {
        Sample sample;
        sample.probe = reading.probe;
        sample.unit = reading.unit;
        sample.places = places(reading, window, rank);
        sample.model = model_of(std::max(rank, 0));
        sample.qualifier = qualifier(reading, window);
        sample.verified = verified(window);
        if (reading.form == Form::group) sample.algorithm = algorithm_;
        LoadState load;
        for (const json* step : window.steps) {
            read(reading, *step, rank, sample);
            load.add(*step, std::max(rank, 0));  // that of the first place
        }
        sample.state = load.state();
        finish(reading, window, sample);
        samples_.push_back(std::move(sample));
    }

    void read(const Reading& reading, const json& step, int rank, Sample& sample) const {
        if (reading.form == Form::errors) {
            sample.repeats.push_back(number_at(step.at("numbers"), "errors"));
            return;
        }
        Measured found = measured(step, reading.metric, std::max(rank, 0));
        for (int r = 1; rank < 0 && r < static_cast<int>(group_.size()); ++r) {
            const Measured other = measured(step, reading.metric, r);
            const bool slower = other.median < found.median || std::isnan(other.median);
            if (slower && !std::isnan(found.median)) found = other;
        }
        if (std::isfinite(found.median)) sample.repeats.push_back(found.median * reading.scale);
        const double p99 = std::string_view(reading.metric) == "time"
                               ? found.p99
                               : measured(step, "time", std::max(rank, 0)).p99;
        if (std::isfinite(p99)) sample.p99 = std::max(sample.p99, p99);
    }

    void finish(const Reading& reading, const Window& window, Sample& sample) const {
        if (sample.repeats.empty()) {
            sample.verified = false;
            sample.problem = "the run told no " + std::string(reading.metric);
            return;
        }
        sample.value = execution::summarize(sample.repeats).median;
        if (reading.form == Form::errors) sample.verified = sample.value == 0;
        if (window.steps.back()->at("run") == "burn") finish_burn(window, sample);
        const json& values = report_.at("values");
        if (group_.size() == 1 && values.contains("found"))
            sample.checksum = values.at("found").at(0).dump();
        if (std::isnan(sample.value)) {
            sample.value = 0;
            sample.repeats.clear();
            sample.verified = false;
            sample.problem = "the run told no number of " + std::string(reading.metric);
        }
    }

    /// Every product was compared with the first; the latest checksum stands for it.
    static void finish_burn(const Window& window, Sample& sample) {
        const json& last = window.steps.back()->at("numbers");
        const double errors = number_at(last, "errors");
        sample.verified = errors == 0;
        if (std::isfinite(errors)) sample.state["errors"] = errors;
        if (const double first = number_at(last, "first_wrong"); first >= 0)
            sample.state["first_wrong"] = first;
        const double checksum = number_at(last, "checksum");
        if (std::isfinite(checksum))
            sample.checksum = fmt::format("{:013x}", static_cast<std::uint64_t>(checksum));
    }

    /// By all checks of the same combination of the matrix.
    bool verified(const Window& window) const {
        int checks = 0;
        for (const json& step : report_.at("steps")) {
            const auto name = step.at("name").get<std::string>();
            if (!name.ends_with(window.suffix)) continue;
            for (const json& check : step.at("verify")) {
                if (check.at("verdict") != "passed") return false;
                ++checks;
            }
        }
        return checks > 0;
    }

    std::vector<Subject> places(const Reading& reading, const Window& window, int rank) const {
        if (reading.form == Form::group) {
            std::vector<Subject> all;
            for (int r = 0; r < static_cast<int>(group_.size()); ++r) all.push_back(place_of(r));
            return all;
        }
        if (reading.form != Form::pair) return {place_of(rank)};
        const auto equals = window.suffix.rfind('=');
        const int shift =
            equals == std::string::npos ? 1 : std::atoi(window.suffix.c_str() + equals + 1);
        return {place_of(rank), place_of((rank + shift) % static_cast<int>(group_.size()))};
    }

    /// As planned, or as read back by the child where it tells more.
    Subject place_of(int rank) const {
        Subject place = group_.at(static_cast<std::size_t>(rank)).place;
        const json& gpu = report_.at("ranks").at(static_cast<std::size_t>(rank)).at("gpu");
        if (!gpu.is_object()) return place;
        if (gpu.at("uuid").is_string()) place.gpu_uuid = gpu.at("uuid");
        if (gpu.at("pci").is_string()) place.pci = gpu.at("pci");
        return place;
    }

    std::string model_of(int rank) const {
        if (report_.at("device") == "host") return "";
        return report_.at("ranks").at(static_cast<std::size_t>(rank)).at("device");
    }

    std::string qualifier(const Reading& reading, const Window& window) const {
        const std::string_view what = reading.qualifier;
        if (what == "dtype") return report_.at("device") == "host" ? "f32" : "bf16";
        if (what != "size") return std::string(what);
        const json& step = *window.steps.front();
        const double bytes = measured(step, "time", 0).median * measured(step, "algbw", 0).median;
        if (!std::isfinite(bytes)) return "";
        return show_bytes(static_cast<std::uint64_t>(std::llround(bytes)));
    }

    const Probe& probe_;
    const std::vector<Seat>& group_;
    const json& report_;
    std::string algorithm_;
    std::map<std::string, std::vector<Window>> windows_;
    std::vector<Sample> samples_;
};

/// Of several children the one that says most about the cause.
std::string blamed(const std::vector<Answer>& answers, const std::vector<Seat>& group) {
    const Answer* worst = nullptr;
    const auto weight = [](const Answer& one) {
        if (one.problem.empty()) return 0;
        if (one.problem.starts_with("was killed")) return 3;
        return one.lost ? 2 : 1;
    };
    for (const Answer& one : answers)
        if (worst == nullptr || weight(one) > weight(*worst)) worst = &one;
    if (worst == nullptr || worst->problem.empty()) return "";
    if (group.size() == 1) return worst->problem;
    const auto at = static_cast<std::size_t>(worst - answers.data());
    const Subject& place = group.at(at).place;
    const std::string gpu = place.gpu_uuid.empty() ? "" : " (" + place.gpu_uuid + ")";
    return fmt::format("rank {} on {}{} {}", place.rank, place.node, gpu, worst->problem);
}

}  // namespace

std::vector<Sample> not_measured(const Probe& probe, const std::vector<Seat>& group,
                                 const std::string& problem) {
    std::vector<Sample> samples;
    for (const Reading& reading : probe.readings) {
        Sample sample;
        sample.probe = reading.probe;
        sample.unit = reading.unit;
        sample.problem = problem;
        const std::string_view what = reading.qualifier;
        if (what != "size" && what != "dtype") sample.qualifier = what;
        const bool together = reading.form == Form::group || reading.form == Form::pair;
        for (const Seat& seat : group) {
            if (!together) sample.places.clear();
            sample.places.push_back(seat.place);
            if (!together) samples.push_back(sample);
        }
        if (together) samples.push_back(sample);
    }
    return samples;
}

std::vector<Sample> read_report(const Probe& probe, const std::vector<Seat>& group,
                                const std::vector<Answer>& answers) {
    if (const std::string problem = blamed(answers, group); !problem.empty())
        return not_measured(probe, group, problem);
    try {
        const json report = json::parse(answers.at(0).report);
        if (report.at("failure").is_string())
            return not_measured(probe, group, report.at("failure").get<std::string>());
        return Reader(probe, group, report, answers[0].algorithm)();
    } catch (const std::exception& error) {
        return not_measured(probe, group,
                            fmt::format("its report cannot be read ({})", error.what()));
    }
}

}  // namespace warpstep::check::probes
