// SPDX-License-Identifier: Apache-2.0
// Source of the grammar: POSIX.1-2017, Shell Command Language, sections 2.2 to 2.10.
#include "runtime/lint/shell_commands.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>

namespace warpstep::check::lint {
namespace {

constexpr std::array keywords{"if",    "then",  "elif",  "else", "fi",  "do",      "done",
                              "while", "until", "!",     "{",    "}",   "(",       ")",
                              "time",  "exec",  "nohup", "then", "env", "command", "stdbuf"};

bool is_keyword(const std::string& word) {
    return std::find(keywords.begin(), keywords.end(), word) != keywords.end();
}

std::optional<Assignment> assignment_in(const std::string& word) {
    const auto equals = word.find('=');
    if (equals == 0 || equals == word.npos) return std::nullopt;
    for (std::size_t i = 0; i < equals; ++i) {
        const auto c = static_cast<unsigned char>(word[i]);
        if (std::isalnum(c) == 0 && c != '_') return std::nullopt;
    }
    if (std::isdigit(static_cast<unsigned char>(word[0])) != 0) return std::nullopt;
    return Assignment{word.substr(0, equals), word.substr(equals + 1)};
}

/// Reads one script from its beginning to its end.
class Reader {
  public:
    explicit Reader(std::string_view text) : text_(text) {}

    std::vector<Command> read() {
        while (at_ < text_.size()) step();
        end_command(false);
        return std::move(commands_);
    }

  private:
    char peek(std::size_t ahead = 0) const {
        return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
    }
    void advance() {
        if (text_[at_] == '\n') ++line_;
        ++at_;
    }

    void step() {
        const char c = peek();
        if (c == '\\' && peek(1) == '\n') {
            advance();
            advance();
        } else if (c == '\n') {
            end_command(false);
            advance();
            skip_here_documents();
        } else if (c == ' ' || c == '\t' || c == '\r') {
            end_word();
            advance();
        } else if (c == '#' && !in_word_) {
            while (at_ < text_.size() && peek() != '\n') advance();
        } else if (c == '<' && peek(1) == '<') {
            note_here_document();
        } else if (((c == '>' || c == '<') && peek(1) == '&') || (c == '&' && peek(1) == '>')) {
            put(c);
            put(peek());
        } else if (c == ';' || c == '&' || c == '|' || c == '(' || c == ')') {
            separator(c);
        } else {
            part_of_word(c);
        }
    }

    void separator(char c) {
        const bool background = c == '&' && peek(1) != '&';
        end_command(background);
        advance();
        if ((c == '&' || c == '|' || c == ';') && peek() == c) advance();
    }

    void put(char c) {
        begin_word();
        word_ += c;
        advance();
    }

    void part_of_word(char c) {
        begin_word();
        if (c == '\'') {
            quoted_single();
        } else if (c == '"') {
            quoted_double();
        } else if (c == '$' && peek(1) == '(') {
            substitution('(', ')');
        } else if (c == '$' && peek(1) == '{') {
            substitution('{', '}');
        } else if (c == '`') {
            word_ += c;
            advance();
            while (at_ < text_.size() && peek() != '`') put_raw();
            if (at_ < text_.size()) put_raw();
        } else if (c == '\\' && at_ + 1 < text_.size()) {
            advance();
            put_raw();
        } else {
            put_raw();
        }
    }

    void put_raw() {
        word_ += peek();
        advance();
    }

    void quoted_single() {
        advance();
        while (at_ < text_.size() && peek() != '\'') put_raw();
        if (at_ < text_.size()) advance();
    }

    void quoted_double() {
        advance();
        while (at_ < text_.size() && peek() != '"') {
            if (peek() == '\\' && peek(1) == '\n') {
                advance();
                advance();
                continue;
            }
            if (peek() == '\\' && at_ + 1 < text_.size()) advance();
            put_raw();
        }
        if (at_ < text_.size()) advance();
    }

    void substitution(char open, char close) {
        put_raw();  // $
        int depth = 0;
        do {
            if (peek() == open) ++depth;
            if (peek() == close) --depth;
            put_raw();
        } while (at_ < text_.size() && depth > 0);
    }

    void note_here_document() {
        end_word();
        advance();
        advance();
        if (peek() == '<') {  // a here-string: the next word is its text
            advance();
            return;
        }
        const bool tabs = peek() == '-';
        if (tabs) advance();
        while (peek() == ' ') advance();
        std::string end;
        while (at_ < text_.size() && std::isspace(static_cast<unsigned char>(peek())) == 0 &&
               peek() != ';') {
            if (peek() != '\'' && peek() != '"' && peek() != '\\') end += peek();
            advance();
        }
        here_.push_back(end);
    }

    void skip_here_documents() {
        for (const std::string& end : here_) {
            while (at_ < text_.size()) {
                std::string line;
                while (at_ < text_.size() && peek() != '\n') {
                    line += peek();
                    advance();
                }
                if (at_ < text_.size()) advance();
                line.erase(0, line.find_first_not_of('\t'));
                if (line == end) break;
            }
        }
        here_.clear();
    }

    void begin_word() {
        if (!in_word_ && command_.words.empty() && command_.assignments.empty())
            command_.line = line_;
        in_word_ = true;
    }

    void end_word() {
        if (!in_word_) return;
        in_word_ = false;
        std::string word = std::move(word_);
        word_.clear();
        if (command_.words.empty()) {
            if (is_keyword(word)) return;
            if (auto assignment = assignment_in(word)) {
                command_.assignments.push_back(std::move(*assignment));
                return;
            }
        }
        command_.words.push_back(std::move(word));
    }

    void end_command(bool background) {
        end_word();
        if (command_.words.empty() && command_.assignments.empty()) return;
        command_.background = background;
        commands_.push_back(std::move(command_));
        command_ = {};
    }

    std::string_view text_;
    std::size_t at_ = 0;
    int line_ = 1;
    bool in_word_ = false;
    std::string word_;
    Command command_;
    std::vector<std::string> here_;
    std::vector<Command> commands_;
};

}  // namespace

std::string Command::name() const {
    if (words.empty()) return "";
    return words[0].substr(words[0].rfind('/') + 1);
}

std::vector<Command> shell_commands(std::string_view script) {
    return Reader(script).read();
}

}  // namespace warpstep::check::lint
