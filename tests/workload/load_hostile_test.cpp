// SPDX-License-Identifier: Apache-2.0
// Damaged files either load or are refused with a ConfigError; nothing else leaves the loader.
#include <doctest/doctest.h>

#include <random>

#include "tests/workload/example.hpp"
#include "tests/workload/message.hpp"

using namespace warpstep::workload;

namespace {

enum class Outcome { loaded, refused, escaped };

Outcome outcome_of(const std::string& text, const std::string& path) {
    try {
        parse_workload(text, path, {}, example_operations());
        return Outcome::loaded;
    } catch (const warpstep::ConfigError& error) {
        return std::string(error.what()).empty() ? Outcome::escaped : Outcome::refused;
    } catch (...) {
        return Outcome::escaped;
    }
}

}  // namespace

TEST_CASE("workload: every prefix of a file loads or is refused") {
    const ExampleFolder folder;
    int loaded = 0;
    for (std::size_t length = 0; length <= example_text.size(); ++length) {
        const Outcome outcome = outcome_of(example_text.substr(0, length), folder.file("w.yaml"));
        if (outcome == Outcome::escaped) FAIL_CHECK("prefix of " << length << " bytes");
        if (outcome == Outcome::loaded) ++loaded;
    }
    CHECK(loaded > 0);
    CHECK(loaded < static_cast<int>(example_text.size()) / 2);
}

TEST_CASE("workload: every file with one wrong byte loads or is refused") {
    const ExampleFolder folder;
    std::mt19937 random(20240229);
    int refused = 0;
    for (int i = 0; i < 2000; ++i) {
        std::string text = example_text;
        const std::size_t position = random() % text.size();
        text[position] = static_cast<char>(random() % 256);
        const Outcome outcome = outcome_of(text, folder.file("w.yaml"));
        if (outcome == Outcome::escaped) FAIL_CHECK("mutation " << i << " at byte " << position);
        if (outcome == Outcome::refused) ++refused;
    }
    CHECK(refused > 500);
}

TEST_CASE("workload: every file with a piece of syntax put in loads or is refused") {
    const ExampleFolder folder;
    std::mt19937 random(7);
    const std::vector<std::string> pieces{"[",     "]",   "{",   "}",   ",", ": ", "- ",  "? ",
                                          "&a ",   "*a ", "!t ", "|\n", "'", "\"", "#",   "---\n",
                                          "...\n", "\t",  "%",   "(",   ")", "\n", "<<: "};
    int refused = 0;
    for (int i = 0; i < 1000; ++i) {
        std::string text = example_text;
        const std::size_t position = random() % text.size();
        text.insert(position, pieces[random() % pieces.size()]);
        const Outcome outcome = outcome_of(text, folder.file("w.yaml"));
        if (outcome == Outcome::escaped) FAIL_CHECK("insertion " << i << " at byte " << position);
        if (outcome == Outcome::refused) ++refused;
    }
    CHECK(refused > 250);
}
