// SPDX-License-Identifier: Apache-2.0
#include "slurm/spank/wish.hpp"

#include <algorithm>

#include "runtime/process/failure.hpp"
#include "slurm/spank/words.hpp"

namespace warpstep::spank {
namespace {

using process::Failure;

struct Word {
    std::string_view name;
    std::vector<std::string_view> values;  ///< none: a number, unless most is 0
    int most = 0;

    bool takes_value() const { return !values.empty() || most > 0; }
};

/// The options of `warpstep exec` that make sense without its command.
const std::vector<Word>& known_words() {
    static const std::vector<Word> words{{"visible", {"all", "one", "virtual", "rotate"}},
                                         {"omp", {"cores", "1", "keep"}},
                                         {"lightning", {"slurm", "elastic"}},
                                         {"cpus-per-task", {}, 65536},
                                         {"gpus-per-task", {}, 65536},
                                         {"smt", {}, 65536},
                                         {"share", {}, 1024},
                                         {"interleave", {}},
                                         {"explain", {}},
                                         {"no-bind", {}}};
    return words;
}

std::string examples(const Word& word) {
    if (word.values.empty()) return "a number from 1 to " + std::to_string(word.most);
    std::string text;
    for (const std::string_view value : word.values)
        text += (text.empty() ? "" : ", ") + std::string(value);
    return "one of " + text;
}

bool accepts(const Word& word, std::string_view value) {
    if (!word.values.empty())
        return std::find(word.values.begin(), word.values.end(), value) != word.values.end();
    const auto number = parse_number(value);
    return number && *number >= 1 && *number <= word.most;
}

const Word& word_named(std::string_view name) {
    std::string names;
    for (const Word& word : known_words()) {
        if (word.name == name) return word;
        names += std::string(word.name) + (word.takes_value() ? "=, " : ", ");
    }
    throw Failure(2, "unknown word '" + std::string(name) + "' (there are " + names + "on, off)");
}

void add(Wish& wish, std::string_view text) {
    const Assignment said = split_assignment(text);
    const Word& word = word_named(said.name);
    const std::string option = "--" + std::string(said.name);
    if (std::find(wish.options.begin(), wish.options.end(), option) != wish.options.end())
        throw Failure(2, "'" + std::string(said.name) + "' is said twice; say it once");
    wish.options.push_back(option);
    if (!word.takes_value()) {
        if (said.has_value)
            throw Failure(2, "'" + std::string(word.name) +
                                 "' takes no value; leave out '=" + std::string(said.value) + "'");
        return;
    }
    if (!accepts(word, said.value))
        throw Failure(2, "bad value '" + std::string(said.value) + "' of '" +
                             std::string(word.name) + "'; type " + examples(word));
    wish.options.emplace_back(said.value);
}

}  // namespace

Wish parse_wish(std::string_view text) {
    if (text.empty() || text == "on") return {};
    if (text == "off") return {false, {}};
    Wish wish;
    for (const std::string_view word : split_words(text)) add(wish, word);
    return wish;
}

}  // namespace warpstep::spank
