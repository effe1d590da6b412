// SPDX-License-Identifier: Apache-2.0
#include "runtime/workload/lexer.hpp"

#include <array>
#include <charconv>
#include <string_view>
#include <system_error>
#include <utility>

#include "runtime/base/text.hpp"
#include "runtime/workload/arithmetic.hpp"
#include "runtime/workload/number_units.hpp"
#include "runtime/workload/place.hpp"

namespace warpstep::workload {
namespace {

constexpr std::size_t longest_expression = 4096;

bool is_space(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}
bool starts_name(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
bool in_name(char c) {
    return starts_name(c) || is_digit(c);
}

// What people write in other languages, and what to write here.
constexpr std::array<std::pair<std::string_view, std::string_view>, 10> foreign{{
    {"&&", "write 'and'"},
    {"||", "write 'or'"},
    {"**", "write pow(base, exponent)"},
    {"^", "write pow(base, exponent)"},
    {"!", "write 'not'"},
    {"?", "write select(condition, a, b)"},
    {"=", "write '==' to compare"},
    {"'", "words and names stand without quotes"},
    {"\"", "words and names stand without quotes"},
    {"$", "names stand without $ and braces"},
}};

class Lexer {
  public:
    Lexer(const std::string& text, const Mark& mark) : text_(text), mark_(mark) {}

    std::vector<Token> all() {
        std::vector<Token> tokens;
        do {
            tokens.push_back(next());
        } while (tokens.back().kind != Token::Kind::end);
        return tokens;
    }

  private:
    Token next() {
        while (is_space(at(0))) ++position_;
        const std::size_t start = position_;
        if (start == text_.size()) return token(Token::Kind::end, start);
        if (is_digit(at(0)) || (at(0) == '.' && is_digit(at(1)))) return number();
        if (starts_name(at(0))) return name();
        return symbol();
    }

    Token name() {
        const std::size_t start = position_;
        skip_part(false);
        // A step's name may hold dashes: steps.copy-up.time.
        bool step = text_.compare(start, position_ - start, "steps") == 0;
        while (at(0) == '.' && in_name(at(1))) {
            ++position_;
            skip_part(step);
            step = false;
        }
        return token(Token::Kind::name, start);
    }

    void skip_part(bool dashes) {
        while (in_name(at(0)) || (dashes && at(0) == '-' && in_name(at(1)))) ++position_;
    }

    Token number() {
        const std::size_t start = position_;
        const Value value = plain_number();
        const std::string suffix = suffix_text();
        if (suffix == "%" && (in_name(at(0)) || at(0) == '(')) {
            fail_here(position_ - 1,
                      "'%' directly behind a number is a percentage; write a remainder with "
                      "spaces: a % b");
        }
        Token result = token(Token::Kind::number, start);
        try {
            result.value = suffix.empty() ? value : with_suffix(value, known_suffix(suffix, start));
        } catch (const Problem& problem) {
            fail_here(start, "{}", problem.text);
        }
        return result;
    }

    // Digits, point and exponent. A number with neither point nor exponent is an exact integer.
    Value plain_number() {
        const std::size_t start = position_;
        while (is_digit(at(0))) ++position_;
        bool real = false;
        if (at(0) == '.') {
            real = true;
            ++position_;
            if (!is_digit(at(0))) fail_here(position_, "expected digits behind the point");
            while (is_digit(at(0))) ++position_;
        }
        const std::size_t sign = at(1) == '+' || at(1) == '-' ? 1 : 0;
        if ((at(0) == 'e' || at(0) == 'E') && is_digit(at(1 + sign))) {
            real = true;
            position_ += 1 + sign;
            while (is_digit(at(0))) ++position_;
        }
        return real ? Value{converted<double>(start), no_unit}
                    : Value{converted<std::int64_t>(start), no_unit};
    }

    template <typename T>
    T converted(std::size_t start) const {
        T value{};
        const char* end = text_.data() + position_;
        const auto result = std::from_chars(text_.data() + start, end, value);
        if (result.ec != std::errc{} || result.ptr != end) {
            fail_here(start, "the number {} is out of range (64 bits)",
                      text_.substr(start, position_ - start));
        }
        return value;
    }

    std::string suffix_text() {
        const std::size_t start = position_;
        if (at(0) == '%') {
            ++position_;
            return "%";
        }
        while (in_name(at(0))) ++position_;
        const bool rate = at(0) == '/' && at(1) == 's' && !in_name(at(2)) && position_ > start;
        if (rate && find_suffix(text_.substr(start, position_ - start + 2))) position_ += 2;
        return text_.substr(start, position_ - start);
    }

    Suffix known_suffix(const std::string& suffix, std::size_t start) const {
        if (const auto known = find_suffix(suffix)) return *known;
        const std::size_t column = position_ - suffix.size();
        const std::string digits = text_.substr(start, column - start);
        constexpr std::string_view prefixes = "kKMGTP";
        if (suffix.size() == 1 && prefixes.find(suffix[0]) != std::string_view::npos) {
            const char prefix = suffix[0] == 'k' ? 'K' : suffix[0];
            fail_here(column,
                      "'{0}{1}' is ambiguous (a power of 10 or of 2, a count or bytes?); write "
                      "{0}{2}i for a "
                      "count, {0}{2}iB or {0}{2}B for bytes",
                      digits, suffix, prefix);
        }
        fail_here(column, "unknown unit '{}'{}", suffix, suggestion(suffix, suffix_names()));
    }

    Token symbol() {
        const std::size_t start = position_;
        constexpr std::array<std::string_view, 4> pairs{"<=", ">=", "==", "!="};
        for (const std::string_view pair : pairs) {
            if (text_.compare(start, 2, pair) == 0) return consumed(2);
        }
        for (const auto& [symbol, instead] : foreign) {
            if (text_.compare(start, symbol.size(), symbol) == 0) {
                fail_here(start, "'{}' is not part of expressions; {}", symbol, instead);
            }
        }
        constexpr std::string_view singles = "+-*/%(),<>";
        if (singles.find(text_[start]) != std::string_view::npos) return consumed(1);
        if (text_[start] > ' ' && text_[start] <= '~') {
            fail_here(start, "unexpected character '{}'", text_[start]);
        }
        fail_here(start, "unexpected character (code {})",
                  static_cast<unsigned char>(text_[start]));
    }

    Token consumed(std::size_t length) {
        const std::size_t start = position_;
        position_ += length;
        return token(Token::Kind::symbol, start);
    }

    Token token(Token::Kind kind, std::size_t start) const {
        return {kind, text_.substr(start, position_ - start), {}, static_cast<int>(start)};
    }

    // The character `ahead` of the position, or 0 behind the end.
    char at(std::size_t ahead) const {
        return position_ + ahead < text_.size() ? text_[position_ + ahead] : '\0';
    }

    template <typename... Args>
    [[noreturn]] void fail_here(std::size_t column, fmt::format_string<Args...> format,
                                Args&&... args) const {
        fail_at(shifted(mark_, static_cast<int>(column)), "{}",
                fmt::format(format, std::forward<Args>(args)...));
    }

    const std::string& text_;
    const Mark& mark_;
    std::size_t position_ = 0;
};

}  // namespace

std::vector<Token> tokenize(const std::string& text, const Mark& mark) {
    if (text.size() > longest_expression) {
        fail_at(mark, "the expression is too long ({} characters, at most {})", text.size(),
                longest_expression);
    }
    return Lexer(text, mark).all();
}

}  // namespace warpstep::workload
