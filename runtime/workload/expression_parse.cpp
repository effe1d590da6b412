// SPDX-License-Identifier: Apache-2.0
// A Pratt parser: each operator has a power, and an operand extends as far as stronger operators
// follow.
#include <memory>
#include <utility>

#include "runtime/workload/builtins.hpp"
#include "runtime/workload/lexer.hpp"
#include "runtime/workload/number_units.hpp"
#include "runtime/workload/operators.hpp"
#include "runtime/workload/place.hpp"

namespace warpstep::workload {
namespace {

// Both bound the height of the tree, and with it the stack of everything that walks it.
constexpr int deepest = 200;
constexpr int most_operators = 500;

class Parser {
  public:
    Parser(const std::string& text, const Mark& mark)
        : mark_(mark), tokens_(tokenize(text, mark)) {}

    Node whole() {
        if (peek().kind == Token::Kind::end)
            fail_at(mark_, "the expression is empty; write a value");
        Node root = expression(power_any);
        if (peek().kind != Token::Kind::end) refuse_rest();
        return root;
    }

  private:
    Node expression(int least_power) {
        if (++depth_ > deepest) {
            fail_here(peek(),
                      "the expression is nested more than {} deep; use params for its parts",
                      deepest);
        }
        Node left = prefix(least_power);
        for (int power = power_of(peek()); power >= least_power; power = power_of(peek())) {
            const Token& op = take();
            count_operator(op);
            Node right = expression(power + 1);
            left = make(Node::Kind::binary, op, {std::move(left), std::move(right)});
            if (power == power_comparison && power_of(peek()) == power_comparison) {
                fail_here(peek(), "comparisons do not chain; write 'a {} b and b {} c'", op.text,
                          peek().text);
            }
        }
        --depth_;
        return left;
    }

    Node prefix(int least_power) {
        const Token& token = take();
        switch (token.kind) {
            case Token::Kind::number:
                return literal(token, token.value);
            case Token::Kind::name:
                return named(token, least_power);
            case Token::Kind::symbol:
                break;
            case Token::Kind::end:
                fail_here(token, "the expression ends where a value should follow{}", comma_hint());
        }
        if (token.text == "-") {
            count_operator(token);
            return make(Node::Kind::unary, token, {expression(power_negation)});
        }
        if (token.text != "(") fail_here(token, "expected a value, not '{}'", token.text);
        ++open_;
        Node inner = expression(power_any);
        close();
        return inner;
    }

    Node named(const Token& token, int least_power) {
        if (token.text == "true") return literal(token, {true, no_unit});
        if (token.text == "false") return literal(token, {false, no_unit});
        if (token.text == "and" || token.text == "or") {
            fail_here(token, "expected a value, not '{}'", token.text);
        }
        if (token.text == "not") {
            if (least_power > power_not) fail_here(token, "'not' needs parentheses here: (not …)");
            count_operator(token);
            return make(Node::Kind::unary, token, {expression(power_not)});
        }
        if (peek().text == "(") return call(token);
        return make(Node::Kind::name, token, {});
    }

    Node call(const Token& function) {
        take();
        ++open_;
        Node node = make(Node::Kind::call, function, {});
        if (peek().text != ")") {
            node.operands.push_back(expression(power_any));
            while (peek().text == ",") {
                take();
                node.operands.push_back(expression(power_any));
            }
        }
        close();
        check_arity(function, node.operands.size());
        return node;
    }

    void check_arity(const Token& function, std::size_t given) const {
        const Builtin* builtin = find_builtin(function.text);
        if (builtin == nullptr || (given >= builtin->least && given <= builtin->most)) return;
        fail_here(function, "wrong number of arguments ({}); write {}", given, builtin->usage);
    }

    void close() {
        if (peek().kind == Token::Kind::end) fail_here(peek(), "expected ')'{}", comma_hint());
        if (peek().text != ")") fail_here(peek(), "expected ')', not '{}'", peek().text);
        take();
        --open_;
    }

    [[noreturn]] void refuse_rest() const {
        const Token& rest = peek();
        const bool behind_number =
            position_ > 0 && tokens_[position_ - 1].kind == Token::Kind::number;
        if (behind_number && find_suffix(rest.text)) {
            fail_here(rest,
                      "expected an operator, not '{0}'; write the unit directly behind the number: "
                      "{1}{0}",
                      rest.text, tokens_[position_ - 1].text);
        }
        fail_here(rest, "expected an operator, not '{}'", rest.text);
    }

    std::string comma_hint() const {
        if (open_ == 0) return "";
        return " (a comma ends a value inside { } and [ ]); put quotes around an expression with "
               "commas";
    }

    void count_operator(const Token& token) {
        if (++operators_ > most_operators) {
            fail_here(token, "the expression has more than {} operators; use params for its parts",
                      most_operators);
        }
    }

    static int power_of(const Token& token) {
        if (token.kind != Token::Kind::symbol && token.kind != Token::Kind::name) return 0;
        for (const BinaryOperator& op : binary_operators) {
            if (op.text == token.text) return op.power;
        }
        return 0;
    }

    static Node make(Node::Kind kind, const Token& token, std::vector<Node> operands) {
        return {kind, {}, token.text, std::move(operands), token.column};
    }
    static Node literal(const Token& token, Value value) {
        return {Node::Kind::number, std::move(value), token.text, {}, token.column};
    }

    const Token& peek() const { return tokens_[position_]; }
    const Token& take() {
        const Token& token = peek();
        if (token.kind != Token::Kind::end) ++position_;
        return token;
    }

    template <typename... Args>
    [[noreturn]] void fail_here(const Token& token, fmt::format_string<Args...> format,
                                Args&&... args) const {
        fail_at(shifted(mark_, token.column), "{}",
                fmt::format(format, std::forward<Args>(args)...));
    }

    const Mark& mark_;
    std::vector<Token> tokens_;
    std::size_t position_ = 0;
    int depth_ = 0;
    int operators_ = 0;
    int open_ = 0;
};

}  // namespace

Expression Expression::parse(std::string text, Mark mark) {
    // Without a file, the text itself starts at column 1.
    if (mark.column == 0) mark.column = 1;
    Expression result;
    result.root_ = std::make_shared<const Node>(Parser(text, mark).whole());
    result.text_ = std::move(text);
    result.mark_ = std::move(mark);
    return result;
}

}  // namespace warpstep::workload
