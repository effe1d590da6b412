// SPDX-License-Identifier: Apache-2.0
#include "runtime/execution/judge.hpp"

#include <algorithm>
#include <cmath>

#include "runtime/execution/all_ranks_scope.hpp"
#include "runtime/plan/operations.hpp"

namespace warpstep::execution {
namespace {

using workload::Expectation;
using workload::Node;
using workload::Step;

Verdict worse(Verdict a, Verdict b) {
    const auto weight = [](Verdict v) {
        switch (v) {
            case Verdict::skipped:
                return 0;
            case Verdict::passed:
            case Verdict::allowed:
                return 1;
            case Verdict::unknown:
                return 2;
            case Verdict::failed:
                return 3;
        }
        return 2;
    };
    return weight(a) >= weight(b) ? a : b;
}

ExitCode exit_code_of(Verdict verdict) {
    if (verdict == Verdict::passed) return ExitCode::passed;
    return verdict == Verdict::failed ? ExitCode::failed : ExitCode::no_verdict;
}

bool is_comparison(const Node& node) {
    static const std::vector<std::string> operators{"==", "!=", "<", "<=", ">", ">="};
    return node.kind == Node::Kind::binary &&
           std::find(operators.begin(), operators.end(), node.text) != operators.end();
}

// The left side of a comparison is what a reader wants to see; anything else is its own value. An
// empty text where the left side cannot be cut out of the whole (nested comparisons).
std::string shown_value(const Expectation& expectation, const workload::Scope& scope) {
    const Node& root = expectation.that.root();
    if (!is_comparison(root)) return show(expectation.that.evaluate(scope));
    try {
        const auto& text = expectation.that.text();
        return show(
            workload::Expression::parse(text.substr(0, text.find(root.text))).evaluate(scope));
    } catch (const ConfigError&) {
        return "";
    }
}

struct Outcome {
    Verdict verdict;
    std::string value, why;
};

Outcome judge_on_rank(const Expectation& expectation, const workload::Scope& scope) {
    try {
        if (expectation.when && !expectation.when->evaluate_truth(scope)) {
            return {Verdict::skipped, "", ""};
        }
        const bool holds = expectation.that.evaluate_truth(scope);
        return {holds ? Verdict::passed : Verdict::failed, shown_value(expectation, scope), ""};
    } catch (const ConfigError& error) {
        return {Verdict::unknown, "", error.what()};
    }
}

std::string show_odd(double value) {
    return std::isnan(value) ? "NaN" : "infinite";
}

std::string show_place(const RankPlace& place) {
    return fmt::format("rank {} on {}", place.rank, place.node_name);
}

JudgedExpectation judge_expectation(const Expectation& expectation, const std::string& step,
                                    const std::vector<RankResult>& ranks,
                                    const std::vector<bool>& ran) {
    JudgedExpectation judged{step, expectation.that.text(), Verdict::skipped, "", ""};
    for (std::size_t r = 0; r < ranks.size(); ++r) {
        if (!ran[r]) continue;
        const AllRanksScope scope(ranks, r, step);
        const Outcome outcome = judge_on_rank(expectation, scope);
        const bool decides = outcome.verdict != judged.verdict &&
                             worse(outcome.verdict, judged.verdict) == outcome.verdict;
        if (!decides) continue;
        judged.verdict = outcome.verdict;
        judged.value = outcome.value;
        judged.where =
            outcome.verdict == Verdict::failed ? show_place(ranks[r].place) : outcome.why;
    }
    return judged;
}

// What a step did on one of the ranks that ran it.
struct Ran {
    const RankPlace* place;
    const StepResult* result;
};

// What a step that may fail misses does not count.
Verdict forgiven(Verdict verdict, bool may_fail) {
    const bool missed = verdict == Verdict::failed || verdict == Verdict::unknown;
    return may_fail && missed ? Verdict::allowed : verdict;
}

// A step that ended early where it may.
std::optional<JudgedVerify> judge_failure(const std::string& step, const std::vector<Ran>& ran) {
    for (const Ran& on : ran) {
        if (on.result->failure.empty()) continue;
        return JudgedVerify{step,
                            "",
                            "ran to its end",
                            Verdict::allowed,
                            0,
                            show_place(*on.place) + ": " + on.result->failure};
    }
    return std::nullopt;
}

// Numbers that every run of the operation has, and that are none here.
std::vector<JudgedExpectation> judge_numbers(const Step& step, const std::vector<Ran>& ran) {
    std::vector<JudgedExpectation> failed;
    const plan::OperationRow* row = plan::find_operation(step.run);
    if (row == nullptr) return failed;
    for (const auto& number : row->numbers) {
        if (!number.no_value.empty()) continue;
        for (const Ran& on : ran) {
            const auto it = on.result->numbers.find(number.name);
            if (it == on.result->numbers.end() || std::isfinite(it->second)) continue;
            failed.push_back({step.name, number.name + " is a finite number", Verdict::failed,
                              show_odd(it->second), show_place(*on.place)});
            break;
        }
    }
    return failed;
}

// Buffers that a verdict or a report rests on: of each the first rank that found NaN in it.
std::vector<JudgedExpectation> judge_finite(const std::vector<RankResult>& ranks) {
    std::map<std::string, JudgedExpectation> failed;
    for (const RankResult& rank : ranks) {
        for (const auto& [buffer, what] : rank.not_finite) {
            failed.try_emplace(
                buffer, JudgedExpectation{"", buffer + " holds finite numbers", Verdict::failed, "",
                                          show_place(rank.place) + ": " + what});
        }
    }
    std::vector<JudgedExpectation> all;
    for (auto& [buffer, one] : failed) all.push_back(std::move(one));
    return all;
}

JudgedVerify judge_verify(const std::string& step, std::size_t index, const std::vector<Ran>& ran) {
    const VerifyResult& first = ran.front().result->verify[index];
    JudgedVerify judged{step, first.buffer, first.rule, Verdict::passed, 0, ""};
    for (const Ran& on : ran) {
        if (index >= on.result->verify.size()) continue;  // it ended early
        const VerifyResult& result = on.result->verify[index];
        judged.worst_ulp = std::max(judged.worst_ulp, result.worst_ulp);
        const bool differs = result.hash != first.hash;
        if ((result.passed && !differs) || judged.verdict == Verdict::failed) continue;
        judged.verdict = Verdict::failed;
        judged.detail = show_place(*on.place) + ": " +
                        (!result.passed ? result.detail
                                        : fmt::format("{} differs from that of rank {}",
                                                      first.buffer, ran.front().place->rank));
    }
    return judged;
}

std::vector<RankStatistics> by_rank(const std::string& metric, const std::vector<Ran>& ran) {
    std::vector<RankStatistics> all;
    for (const Ran& on : ran) {
        for (const Metric& one : on.result->metrics) {
            if (one.name == metric) all.push_back({on.place->rank, one.statistics});
        }
    }
    return all;
}

JudgedMetric judge_metric(const Metric& first, const std::string& step,
                          const std::vector<RankResult>& ranks) {
    JudgedMetric judged{first.name, first.unit, first.statistics, 0, 0, 0, ranks[0].place.rank, {}};
    std::vector<double> medians;
    double slowest = std::nan("");
    for (const auto& rank : ranks) {
        const auto it = rank.names.find(fmt::format("steps.{}.{}.median", step, first.name));
        if (it == rank.names.end()) continue;
        const double median = it->second.number();
        medians.push_back(median);
        const bool slower = first.name == "time" ? median > slowest : median < slowest;
        if (std::isnan(slowest) || slower) {
            slowest = median;
            judged.slowest_rank = rank.place.rank;
        }
    }
    const Statistics over_ranks = summarize(medians);
    judged.median = over_ranks.median;
    judged.min = over_ranks.min;
    judged.max = over_ranks.max;
    return judged;
}

class Judge {
  public:
    Judge(const workload::Workload& workload, const std::vector<RankResult>& ranks)
        : workload_(workload), ranks_(ranks) {}

    Judgement operator()() {
        for (const auto& step : workload_.steps) judge(step);
        const std::vector<bool> everywhere(ranks_.size(), true);
        for (auto& failed : judge_finite(ranks_))
            judgement_.expectations.push_back(std::move(failed));
        for (const auto& expectation : workload_.expect) {
            judgement_.expectations.push_back(
                judge_expectation(expectation, "", ranks_, everywhere));
        }
        conclude();
        return judgement_;
    }

  private:
    void judge(const Step& step) {
        std::vector<Ran> ran;
        std::vector<bool> ran_on(ranks_.size(), false);
        for (std::size_t r = 0; r < ranks_.size(); ++r) {
            for (const auto& result : ranks_[r].steps) {
                if (result.name != step.name || !result.ran) continue;
                ran.push_back({&ranks_[r].place, &result});
                ran_on[r] = true;
            }
        }
        JudgedStep judged{step.name, step.run, static_cast<int>(ran.size()), 0, {}, {}, {}, {}};
        if (!ran.empty()) {
            const StepResult& first = *ran.front().result;
            judged.launches = first.launches;
            judged.numbers = first.numbers;
            judged.missing = first.missing;
            for (const auto& metric : first.metrics) {
                judged.metrics.push_back(judge_metric(metric, step.name, ranks_));
                judged.metrics.back().by_rank = by_rank(metric.name, ran);
            }
            for (const Ran& on : ran) {
                if (!on.result->conditions.empty())
                    judged.conditions.emplace(on.place->rank, on.result->conditions);
            }
            for (std::size_t i = 0; i < first.verify.size(); ++i) {
                judgement_.verify.push_back(judge_verify(step.name, i, ran));
                JudgedVerify& verify = judgement_.verify.back();
                verify.verdict = forgiven(verify.verdict, step.continue_on_error);
            }
            if (auto failure = judge_failure(step.name, ran)) {
                judgement_.verify.push_back(std::move(*failure));
            }
        }
        judgement_.steps.push_back(judged);
        for (auto& failed : judge_numbers(step, ran)) add(step, std::move(failed));
        for (const auto& expectation : step.expect)
            add(step, judge_expectation(expectation, step.name, ranks_, ran_on));
        for (const auto& child : step.steps) judge(child);
    }

    void add(const Step& step, JudgedExpectation judged) {
        judged.verdict = forgiven(judged.verdict, step.continue_on_error);
        judgement_.expectations.push_back(std::move(judged));
    }

    void conclude() {
        Verdict verdict = Verdict::passed;
        for (const auto& v : judgement_.verify) verdict = worse(verdict, v.verdict);
        for (const auto& e : judgement_.expectations) verdict = worse(verdict, e.verdict);
        judgement_.verdict = verdict == Verdict::allowed ? Verdict::passed : verdict;
        judgement_.exit_code = exit_code_of(judgement_.verdict);
    }

    const workload::Workload& workload_;
    const std::vector<RankResult>& ranks_;
    Judgement judgement_;
};

}  // namespace

std::string_view name_of(Verdict verdict) {
    switch (verdict) {
        case Verdict::passed:
            return "passed";
        case Verdict::failed:
            return "failed";
        case Verdict::unknown:
            return "unknown";
        case Verdict::skipped:
            return "skipped";
        case Verdict::allowed:
            return "failed (allowed)";
    }
    return "unknown";
}

void add_result_names(const std::vector<StepResult>& steps, plan::Names& names) {
    for (const auto& step : steps) {
        if (!step.ran) continue;
        const std::string prefix = "steps." + step.name + ".";
        names.insert_or_assign(prefix + "launches", plan::count_value(step.launches));
        for (const auto& metric : step.metrics) {
            const Statistics& s = metric.statistics;
            const std::string stem = prefix + metric.name;
            names.insert_or_assign(stem, plan::number_value(s.median, metric.unit));
            names.insert_or_assign(stem + ".median", plan::number_value(s.median, metric.unit));
            names.insert_or_assign(stem + ".min", plan::number_value(s.min, metric.unit));
            names.insert_or_assign(stem + ".max", plan::number_value(s.max, metric.unit));
            names.insert_or_assign(stem + ".p99", plan::number_value(s.p99, metric.unit));
            names.insert_or_assign(stem + ".stddev", plan::number_value(s.stddev, metric.unit));
        }
        for (const auto& [name, value] : step.numbers) {
            // What is no number was not measured: leaving the name out makes expectations on it
            // unknown.
            if (std::isfinite(value))
                names.insert_or_assign(prefix + name, plan::number_value(value));
        }
    }
}

void append(Judgement& all, Judgement more, const std::string& suffix) {
    const bool first = all.steps.empty();
    for (auto& step : more.steps) {
        step.name += suffix;
        all.steps.push_back(std::move(step));
    }
    for (auto& verify : more.verify) {
        verify.step += suffix;
        all.verify.push_back(std::move(verify));
    }
    for (auto& expectation : more.expectations) {
        expectation.step += suffix;
        all.expectations.push_back(std::move(expectation));
    }
    all.verdict = first ? more.verdict : worse(all.verdict, more.verdict);
    all.exit_code = exit_code_of(all.verdict);
}

Judgement judge(const workload::Workload& workload, const std::vector<RankResult>& ranks) {
    return Judge(workload, ranks)();
}

}  // namespace warpstep::execution
