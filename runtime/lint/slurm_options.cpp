// SPDX-License-Identifier: Apache-2.0
#include "runtime/lint/slurm_options.hpp"

#include <charconv>
#include <set>

namespace warpstep::check::lint {
namespace {

const std::map<char, const char*>& long_names() {
    static const std::map<char, const char*> names{{'A', "account"},
                                                   {'B', "extra-node-info"},
                                                   {'C', "constraint"},
                                                   {'D', "chdir"},
                                                   {'G', "gpus"},
                                                   {'H', "hold"},
                                                   {'I', "immediate"},
                                                   {'J', "job-name"},
                                                   {'K', "kill-on-bad-exit"},
                                                   {'L', "licenses"},
                                                   {'M', "clusters"},
                                                   {'N', "nodes"},
                                                   {'O', "overcommit"},
                                                   {'Q', "quiet"},
                                                   {'S', "core-spec"},
                                                   {'T', "threads"},
                                                   {'W', "wait"},
                                                   {'a', "array"},
                                                   {'b', "begin"},
                                                   {'c', "cpus-per-task"},
                                                   {'d', "dependency"},
                                                   {'e', "error"},
                                                   {'i', "input"},
                                                   {'k', "no-kill"},
                                                   {'l', "label"},
                                                   {'m', "distribution"},
                                                   {'n', "ntasks"},
                                                   {'o', "output"},
                                                   {'p', "partition"},
                                                   {'q', "qos"},
                                                   {'r', "relative"},
                                                   {'s', "oversubscribe"},
                                                   {'t', "time"},
                                                   {'u', "unbuffered"},
                                                   {'v', "verbose"},
                                                   {'w', "nodelist"},
                                                   {'x', "exclude"},
                                                   {'X', "disable-status"},
                                                   {'Z', "no-allocate"}};
    return names;
}

/// Long options that take no value, or one only behind "=".
const std::set<std::string>& flags() {
    static const std::set<std::string> names{"exclusive",
                                             "overcommit",
                                             "hold",
                                             "no-kill",
                                             "overlap",
                                             "exact",
                                             "label",
                                             "quiet",
                                             "requeue",
                                             "no-requeue",
                                             "unbuffered",
                                             "verbose",
                                             "contiguous",
                                             "pty",
                                             "kill-on-bad-exit",
                                             "oversubscribe",
                                             "multi-prog",
                                             "parsable",
                                             "spread-job",
                                             "use-min-nodes",
                                             "test-only",
                                             "ignore-pbs",
                                             "immediate",
                                             "disable-status",
                                             "no-allocate",
                                             "reboot",
                                             "whole",
                                             "preserve-env",
                                             "nice",
                                             "get-user-env",
                                             "propagate",
                                             "bcast",
                                             "wait-for-children",
                                             "external-launcher"};
    return names;
}

/// Of the short ones, those that stand alone; -I and -K may carry a value behind them.
constexpr const char* short_flags = "HIKOQXZklsuv";

bool is_flag(char letter) {
    return std::string(short_flags).find(letter) != std::string::npos;
}

}  // namespace

Options slurm_options(const std::vector<std::string>& words, int line,
                      std::vector<std::string>* rest) {
    Options options;
    std::size_t i = 0;
    for (; i < words.size(); ++i) {
        const std::string& word = words[i];
        if (word.size() < 2 || word[0] != '-') break;
        if (word == "--") {
            ++i;
            break;
        }
        std::string name, value;
        if (word[1] == '-') {
            const auto equals = word.find('=');
            name = word.substr(2, equals == word.npos ? word.npos : equals - 2);
            if (equals != word.npos) {
                value = word.substr(equals + 1);
            } else if (flags().count(name) == 0 && i + 1 < words.size()) {
                value = words[++i];
            }
        } else {
            const auto known = long_names().find(word[1]);
            if (known == long_names().end()) continue;
            name = known->second;
            value = word.substr(2);
            if (value.empty() && !is_flag(word[1]) && i + 1 < words.size()) value = words[++i];
        }
        options[name] = {value, line};
    }
    if (rest != nullptr) rest->assign(words.begin() + static_cast<std::ptrdiff_t>(i), words.end());
    return options;
}

std::optional<int> whole(const Options& options, const char* name) {
    const Option* option = find(options, name);
    if (option == nullptr) return std::nullopt;
    int value = 0;
    const char* end = option->value.data() + option->value.size();
    const auto [stop, error] = std::from_chars(option->value.data(), end, value);
    if (error != std::errc() || stop != end) return std::nullopt;
    return value;
}

const Option* find(const Options& options, const char* name) {
    const auto found = options.find(name);
    return found == options.end() ? nullptr : &found->second;
}

}  // namespace warpstep::check::lint
