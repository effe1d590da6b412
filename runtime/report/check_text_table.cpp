// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <set>

#include "runtime/base/text.hpp"
#include "runtime/report/check_strips.hpp"
#include "runtime/report/check_text_parts.hpp"
#include "runtime/report/dry_run_parts.hpp"
#include "runtime/report/text_table.hpp"

namespace warpstep::report {
namespace {

constexpr std::size_t line_width = 100, most_rows = 64, most_groups = 8;

/// A unit of a column, the same for all rows: GB/s stays readable from 20 to 8000.
struct Scale {
    const char* name;
    double size;
};
Scale scale_of(const std::string& unit) {
    if (unit == "B/s") return {"GB/s", 1e9};
    if (unit == "FLOP/s") return {"TFLOP/s", 1e12};
    if (unit == "s") return {"us", 1e-6};
    return {"", 1};
}

std::string cell_of(double value, const Scale& scale) {
    const double shown = value / scale.size;
    const double size = std::abs(shown);
    return fmt::format("{:.{}f}", shown,
                       shown == std::round(shown) || size >= 99.95 ? 0
                       : size >= 9.995                             ? 1
                                                                   : 2);
}

struct PlaceRow {
    std::string node, gpu, rank, uuid;
};

std::string row_key(const check::Subject& place) {
    return place.gpu_uuid.empty() ? fmt::format("{}/{}", place.node, place.rank) : place.gpu_uuid;
}

PlaceRow row_of(const check::Facts& facts, const check::Subject& place) {
    PlaceRow row{place.node, "", place.rank < 0 ? "" : std::to_string(place.rank), place.gpu_uuid};
    if (const auto* node = facts.node(place.node); node != nullptr) {
        for (const auto& gpu : node->gpus) {
            if (!place.gpu_uuid.empty() && gpu.uuid == place.gpu_uuid && gpu.index >= 0)
                row.gpu = std::to_string(gpu.index);
        }
    }
    if (row.gpu.empty()) row.gpu = place.gpu_uuid;
    return row;
}

/// A row's samples and marks, one for each strip.
class Measurements {
  public:
    Measurements(const check::Facts& facts, CheckStyle style) : facts_(facts), style_(style) {
        for (Strip& strip : strips_of(facts))
            (strip.places <= 1 ? single_ : together_).push_back(std::move(strip));
    }

    std::string text() const {
        if (single_.empty() && together_.empty()) return "";
        std::string text = "\nMeasurements\n" + tables();
        for (const Strip& strip : together_) text += group_lines(strip);
        text += lines_of_unmeasured();
        if (marked_)
            text += "  * beyond the outlier line of its peers, ! below its model's floor\n";
        return text;
    }

  private:
    std::string mark(const Dot& dot) const {
        marked_ = marked_ || dot.outlier || dot.below_floor;
        return dot.outlier ? "*" : dot.below_floor ? "!" : "";
    }

    std::string cell(const Strip& strip, const std::string& key) const {
        for (const Dot& dot : strip.dots) {
            if (!dot.sample->places.empty() && row_key(dot.sample->places[0]) == key)
                return cell_of(dot.sample->value, scale_of(strip.unit)) + mark(dot);
        }
        return "";
    }

    /// Of the measurement with the heaviest load, which shows what holds the GPU back.
    std::string state(const std::string& key, const char* name) const {
        const check::Sample* heaviest = nullptr;
        const auto weight = [](const check::Sample& s) {
            return s.probe == "burn" ? 2 : s.probe == "gemm" ? 1 : 0;
        };
        for (const Strip& strip : single_) {
            for (const Dot& dot : strip.dots) {
                const check::Sample& s = *dot.sample;
                if (s.places.empty() || row_key(s.places[0]) != key || !s.state.contains(name))
                    continue;
                if (heaviest == nullptr || weight(s) > weight(*heaviest)) heaviest = &s;
            }
        }
        return heaviest == nullptr ? "" : fmt::format("{:.0f}", heaviest->state.at(name));
    }

    /// Beside each other where 100 columns let them.
    std::string tables() const {
        constexpr std::size_t before = 20, of_state = 16, narrowest = 6;
        std::string text;
        std::vector<const Strip*> piece;
        std::size_t width = before + of_state;
        for (const Strip& strip : single_) {
            const std::size_t own = std::max(narrowest, columns_of(title_of(strip))) + 2;
            if (!piece.empty() && width + own > line_width) {
                text += table(piece, text.empty());
                piece.clear();
                width = before;
            }
            piece.push_back(&strip);
            width += own;
        }
        return piece.empty() ? text : text + table(piece, text.empty());
    }

    static std::string title_of(const Strip& strip) {
        return std::string(trim(strip.title() + " " + scale_of(strip.unit).name));
    }

    std::string table(const std::vector<const Strip*>& piece, bool with_state) const {
        using Align = TextTable::Align;
        std::vector<TextTable::Column> columns{{"node"}, {"GPU"}, {"rank", Align::right}};
        for (const Strip* strip : piece) columns.push_back({title_of(*strip), Align::right});
        for (const char* title : {"MHz", "W", "°C"}) columns.push_back({title, Align::right});
        TextTable table(std::move(columns));
        std::size_t hidden = 0, rows = 0;
        std::set<std::string> seen;
        for (const Strip& strip : single_) {
            for (const Dot& dot : strip.dots) {
                if (dot.sample->places.empty()) continue;
                const std::string key = row_key(dot.sample->places[0]);
                if (!seen.insert(key).second) continue;
                if (!style_.verbose && rows == most_rows && !is_marked(key)) {
                    ++hidden;
                    continue;
                }
                rows += rows < most_rows ? 1 : 0;
                add_row(table, dot.sample->places[0], piece, with_state);
            }
        }
        if (table.empty()) return "";
        std::string text = indented(table.text(style_.colours));
        if (hidden > 0)
            text += fmt::format("  … {} more without a mark; --verbose lists them\n", hidden);
        return text;
    }

    bool is_marked(const std::string& key) const {
        return std::any_of(single_.begin(), single_.end(), [&](const Strip& strip) {
            return std::any_of(strip.dots.begin(), strip.dots.end(), [&](const Dot& dot) {
                return (dot.outlier || dot.below_floor) && !dot.sample->places.empty() &&
                       row_key(dot.sample->places[0]) == key;
            });
        });
    }

    void add_row(TextTable& table, const check::Subject& place,
                 const std::vector<const Strip*>& piece, bool with_state) const {
        const PlaceRow row = row_of(facts_, place);
        const std::string key = row_key(place);
        std::vector<std::string> cells{row.node, row.gpu, row.rank};
        for (const Strip* strip : piece) cells.push_back(cell(*strip, key));
        for (const char* name : {"sm_mhz", "power_w", "temperature_c"})
            cells.push_back(with_state ? state(key, name) : "");
        table.add(std::move(cells));
    }

    std::string group_lines(const Strip& strip) const {
        std::vector<const Dot*> dots;
        for (const Dot& dot : strip.dots) dots.push_back(&dot);
        std::stable_sort(dots.begin(), dots.end(), [&](const Dot* a, const Dot* b) {
            return strip.is_rate() ? a->sample->value < b->sample->value
                                   : a->sample->value > b->sample->value;
        });
        if (dots.empty()) return "";
        std::string text;
        if (dots.size() > 1)
            text += fmt::format("  {}: median {} of {}\n", strip.title(),
                                show_measured(strip.median, strip.unit), dots.size());
        const std::size_t wanted = dots.size() == 1 ? 1 : most_groups;
        for (std::size_t i = 0; i < dots.size(); ++i) {
            const Dot& dot = *dots[i];
            const bool marked = dot.outlier || dot.below_floor;
            if (dots.size() > 1 && !style_.verbose && !(marked && i < wanted)) continue;
            const std::string algorithm =
                dot.sample->algorithm.empty() ? "" : " (" + dot.sample->algorithm + ")";
            text += wrapped(fmt::format("{}{}, {}: {}{}", strip.title(), algorithm,
                                        show_places(facts_, dot.sample->places),
                                        show_measured(dot.sample->value, strip.unit), mark(dot)),
                            dots.size() > 1 ? "    " : "  ", "      ");
        }
        return text;
    }

    std::string lines_of_unmeasured() const {
        std::string text;
        for (const auto* strips : {&single_, &together_}) {
            for (const Strip& strip : *strips) {
                for (const Unmeasured& one : strip.unmeasured)
                    text += wrapped(fmt::format("{}, {}: not measured ({})", strip.title(),
                                                show_places(facts_, one.sample->places), one.why),
                                    "  ", "    ");
            }
        }
        return text;
    }

    static std::string indented(const std::string& table) {
        std::string text;
        for (const std::string& line : split(table, '\n')) {
            if (!line.empty()) text += "  " + line + "\n";
        }
        return text;
    }

    const check::Facts& facts_;
    CheckStyle style_;
    std::vector<Strip> single_, together_;
    mutable bool marked_ = false;
};

}  // namespace

std::string wrapped(std::string_view text, std::string_view first, std::string_view rest) {
    std::string result, line(first);
    bool has_word = false;
    for (const std::string& word : split(text, ' ')) {
        if (has_word && columns_of(line) + 1 + columns_of(word) > line_width) {
            result += line + "\n";
            line = rest;
            has_word = false;
        }
        line += (has_word ? " " : "") + word;
        has_word = true;
    }
    return result + line + "\n";
}

bool begins_with_command(std::string_view line) {
    constexpr std::array starts{"srun ",     "sbatch ",  "salloc ",     "scontrol ",  "sudo ",
                                "export ",   "unset ",   "nvidia-smi ", "ulimit ",    "#SBATCH ",
                                "warpstep ", "numactl ", "modprobe ",   "systemctl ", "rm "};
    return std::any_of(starts.begin(), starts.end(),
                       [&](const char* start) { return line.rfind(start, 0) == 0; });
}

bool is_command(std::string_view line) {
    constexpr std::array<std::string_view, 24> of_sentences{
        "a",     "an",   "and",  "are",  "as",    "at",  "before", "bind",
        "binds", "by",   "each", "gets", "here",  "in",  "inside", "is",
        "must",  "near", "of",   "on",   "shows", "the", "there",  "when"};
    if (!begins_with_command(line)) return false;
    std::string bare;
    char quote = 0;
    for (const char c : line) {
        if (quote == 0 && (c == '"' || c == '\''))
            quote = c;
        else if (c == quote)
            quote = 0;
        else if (quote == 0)
            bare += c;
    }
    const auto words = split(bare, ' ');
    return std::none_of(words.begin(), words.end(), [&](const std::string& word) {
        return std::find(of_sentences.begin(), of_sentences.end(), word) != of_sentences.end();
    });
}

std::string check_text_measurements(const check::Facts& facts, CheckStyle style) {
    return Measurements(facts, style).text();
}

}  // namespace warpstep::report
