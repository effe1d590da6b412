// SPDX-License-Identifier: Apache-2.0
#include "runtime/probes/child.hpp"

#include <cctype>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "runtime/base/error.hpp"
#include "runtime/base/text.hpp"

namespace warpstep::check::probes {
namespace {

using process::ChildEnd;

/// A report is complete when the run came to its end, right or wrong.
bool has_report(const ChildEnd& end) {
    return end.how == ChildEnd::How::exited && (end.code == 0 || end.code == 1);
}

/// The first word behind `mark`.
std::string word_behind(std::string_view line, std::string_view mark) {
    const auto at = line.find(mark);
    if (at == std::string_view::npos) return "";
    std::string_view rest = line.substr(at + mark.size());
    return std::string(rest.substr(0, rest.find_first_of(" \n")));
}

}  // namespace

process::ChildCommand command_of(const ChildPlan& plan) {
    process::ChildCommand command;
    command.words = plan.program;
    for (const char* word : {"run", "/dev/stdin", "--json", "-", "--watch", "--device"})
        command.words.emplace_back(word);
    command.words.emplace_back(plan.gpu ? "cuda" : "host");
    for (const auto& change : plan.overrides) {
        command.words.emplace_back("--set");
        command.words.push_back(change);
    }
    command.input = std::string(plan.gpu ? plan.probe->text : plan.probe->host_text);
    command.variables.push_back(std::string(comm::given_peers_variable) + "=" +
                                comm::encode(plan.peers));
    if (plan.peers.listener >= 0) command.files.push_back(plan.peers.listener);
    if (plan.probe->asks_algorithm && plan.gpu) {
        // Not to stdout, where the report goes.
        for (const char* variable :
             {"NCCL_DEBUG=INFO", "NCCL_DEBUG_SUBSYS=TUNING", "NCCL_DEBUG_FILE=/dev/stderr"})
            command.variables.emplace_back(variable);
    }
    return command;
}

Answer answer_from(const ChildPlan& plan, const ChildEnd& end) {
    Answer answer;
    answer.seat = plan.seat;
    answer.lost = end.how == ChildEnd::How::overdue;
    if (!has_report(end)) answer.problem = process::explain(end, plan.limit);
    if (plan.peers.step.rank != 0) return answer;
    answer.report = end.output;
    if (plan.probe->asks_algorithm) answer.algorithm = algorithm_in(end.errors);
    return answer;
}

Answer run(const ChildPlan& plan) {
    return answer_from(plan, process::run_child(command_of(plan), plan.limit));
}

std::string algorithm_in(std::string_view log) {
    std::string found;
    long long largest = 0;
    for (const std::string& line : split(log, '\n')) {
        const auto name = line.find("AllReduce");
        const auto bytes = line.find(" Bytes -> ");
        if (name == std::string::npos || bytes == std::string::npos) continue;
        auto digits = bytes;
        while (digits > 0 && std::isdigit(static_cast<unsigned char>(line[digits - 1])) != 0)
            --digits;
        std::string algorithm = word_behind(line, " Bytes -> Algo ");
        if (algorithm.empty()) algorithm = word_behind(line, " Bytes -> Kernel ");
        const long long size = std::atoll(line.c_str() + digits);
        if (algorithm.empty() || size < largest) continue;
        largest = size;
        found = algorithm;
    }
    return found;
}

std::string encode(const std::vector<Answer>& answers) {
    nlohmann::json all = nlohmann::json::array();
    for (const Answer& one : answers)
        all.push_back({one.seat, one.problem, one.lost, one.report, one.algorithm});
    return all.dump(-1, ' ', true, nlohmann::json::error_handler_t::replace);
}

std::vector<Answer> decode_answers(std::string_view bytes) {
    try {
        std::vector<Answer> answers;
        for (const auto& one : nlohmann::json::parse(bytes))
            answers.push_back({one.at(0), one.at(1), one.at(2), one.at(3), one.at(4)});
        return answers;
    } catch (const nlohmann::json::exception& error) {
        fail<CommError>("cannot read a rank's answer ({}); run the same warpstep on every node",
                        error.what());
    }
}

}  // namespace warpstep::check::probes
