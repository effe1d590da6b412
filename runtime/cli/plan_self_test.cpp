// SPDX-License-Identifier: Apache-2.0
#include "runtime/cli/plan_self_test.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <filesystem>
#include <system_error>
#include <vector>

#include "runtime/base/error.hpp"
#include "runtime/placement/inspect.hpp"
#include "runtime/placement/random_node.hpp"
#include "runtime/report/text_table.hpp"
#include "runtime/topology/discover.hpp"

namespace warpstep::cli {
namespace {

using placement::Scenario;
using Align = report::TextTable::Align;

constexpr std::size_t most_lines = 100;

struct Count {
    std::string family;
    int scenarios = 0, placed = 0, refused = 0, violations = 0;
};

class Tally {
  public:
    void add(const Scenario& scenario, const std::string& family, unsigned seed) {
        Count& count = count_of(family);
        ++count.scenarios;
        const auto problems = problems_of(scenario, count);
        count.violations += static_cast<int>(problems.size());
        for (const auto& problem : problems)
            lines_.push_back(fmt::format("{}, --seed {} --count 1: {}", family, seed, problem));
    }

    SelfTest result() const {
        report::TextTable table({{"family"},
                                 {"scenarios", Align::right},
                                 {"placed", Align::right},
                                 {"refused", Align::right},
                                 {"violations", Align::right}});
        Count sum{"all"};
        for (const Count& count : counts_) {
            add_row(count, table);
            sum.scenarios += count.scenarios;
            sum.placed += count.placed;
            sum.refused += count.refused;
            sum.violations += count.violations;
        }
        add_row(sum, table);
        SelfTest test{table.text(false), sum.violations};
        for (std::size_t i = 0; i < std::min(lines_.size(), most_lines); ++i)
            test.text += (i == 0 ? "\n" : "") + lines_[i] + "\n";
        if (lines_.size() > most_lines)
            test.text += fmt::format("… {} more\n", lines_.size() - most_lines);
        return test;
    }

  private:
    Count& count_of(const std::string& family) {
        const auto it = std::find_if(counts_.begin(), counts_.end(),
                                     [&](const Count& count) { return count.family == family; });
        return it == counts_.end() ? counts_.emplace_back(Count{family}) : *it;
    }

    static void add_row(const Count& count, report::TextTable& table) {
        table.add({count.family, std::to_string(count.scenarios), std::to_string(count.placed),
                   std::to_string(count.refused), std::to_string(count.violations)});
    }

    static std::vector<std::string> problems_of(const Scenario& scenario, Count& count) {
        const bool due = placement::must_be_refused(scenario.node, scenario.request);
        try {
            const auto placed = placement::plan(scenario.node, scenario.request);
            ++count.placed;
            if (due) return {"placed what must be refused"};
            std::vector<std::string> problems;
            for (const auto& violation :
                 placement::inspect(scenario.node, scenario.request, placed))
                problems.push_back(violation.rule + ": " + violation.text);
            return problems;
        } catch (const ConfigError& error) {
            ++count.refused;
            if (due) return {};
            return {fmt::format("refused what can be placed: {}", error.what())};
        } catch (const std::exception& error) {
            return {fmt::format("ended otherwise: {}", error.what())};
        }
    }

    std::vector<Count> counts_;
    std::vector<std::string> lines_;
};

std::vector<std::filesystem::path> xml_files(const std::string& directory) {
    std::error_code error;
    std::vector<std::filesystem::path> files;
    std::filesystem::directory_iterator entry(directory, error);
    for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error))
        if (entry->path().extension() == ".xml") files.push_back(entry->path());
    if (error)
        fail<ConfigError>("cannot read directory {} ({}); name one, or write --self-test generated",
                          directory, error.message());
    if (files.empty())
        fail<ConfigError>("no *.xml in {}; save some with: lstopo --whole-io FILE.xml", directory);
    std::sort(files.begin(), files.end());
    return files;
}

unsigned seed_of(const PlanOptions& options, int i) {
    return options.seed + static_cast<unsigned>(i);
}

}  // namespace

SelfTest self_test(const PlanOptions& options) {
    Tally tally;
    if (options.self_test == "generated") {
        for (int i = 0; i < options.count.value_or(10000); ++i) {
            const Scenario scenario = placement::random_scenario(seed_of(options, i));
            tally.add(scenario, scenario.family, seed_of(options, i));
        }
        return tally.result();
    }
    for (const auto& file : xml_files(options.self_test)) {
        topology::NodeRequest request;
        request.xml = file.string();
        const auto node = topology::discover_node(request);
        for (int i = 0; i < options.count.value_or(500); ++i) {
            const unsigned seed = seed_of(options, i);
            tally.add(placement::random_scenario_on(node, seed), file.filename().string(), seed);
        }
    }
    return tally.result();
}

}  // namespace warpstep::cli
