// SPDX-License-Identifier: Apache-2.0
// PTX text: `.visible .entry saxpy( .param .u64 saxpy_param_0, … )`.
#include <algorithm>
#include <charconv>
#include <map>

#include "kernels/user_image.hpp"
#include "runtime/base/error.hpp"

namespace warpstep::kernels {
namespace {

constexpr std::string_view spaces = " \t\r\n\v\f";

std::string without_comments(std::string_view text) {
    std::string result;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool line = text.compare(i, 2, "//") == 0;
        if (line || text.compare(i, 2, "/*") == 0) {
            const std::size_t end = line ? text.find('\n', i) : text.find("*/", i + 2);
            result += ' ';
            if (end == std::string_view::npos) break;
            i = line ? end : end + 1;
            continue;
        }
        result += text[i];
    }
    return result;
}

/// The words of a text: names, directives and numbers; any other character is a word of its own.
class Words {
  public:
    explicit Words(std::string_view text) : text_(text) {}

    /// "" at the end.
    std::string_view next() {
        const std::size_t start = text_.find_first_not_of(spaces, at_);
        if (start == std::string_view::npos) return {};
        at_ = start;
        while (at_ < text_.size() && is_part(text_[at_])) ++at_;
        if (at_ == start) ++at_;
        return text_.substr(start, at_ - start);
    }

  private:
    static bool is_part(char c) {
        const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        return letter || (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '$' || c == '%';
    }

    std::string_view text_;
    std::size_t at_ = 0;
};

std::size_t size_of_type(std::string_view directive) {
    static const std::map<std::string_view, std::size_t> sizes{
        {".b8", 1},   {".u8", 1},  {".s8", 1},  {".b16", 2}, {".u16", 2}, {".s16", 2},
        {".f16", 2},  {".b32", 4}, {".u32", 4}, {".s32", 4}, {".f32", 4}, {".f16x2", 4},
        {".bf16", 2}, {".b64", 8}, {".u64", 8}, {".s64", 8}, {".f64", 8}, {".b128", 16}};
    const auto it = sizes.find(directive);
    return it == sizes.end() ? 0 : it->second;
}

std::size_t number(std::string_view word) {
    std::size_t value = 0;
    std::from_chars(word.data(), word.data() + word.size(), value);
    return value;
}

// `.param .align 8 .b8 name[24]`, `.param .u64 .ptr .global .align 4 name`: the first .align is of
// the parameter unless a .ptr came before it, then it is of what it points to.
struct Parameter {
    std::size_t element = 0, count = 1, alignment = 0;
};

std::vector<ParameterSlot> placed(const std::vector<Parameter>& parameters) {
    std::vector<ParameterSlot> slots;
    std::size_t at = 0;
    for (const Parameter& parameter : parameters) {
        const std::size_t step = std::max<std::size_t>({1, parameter.element, parameter.alignment});
        at = (at + step - 1) / step * step;
        slots.push_back({at, parameter.element * parameter.count});
        at += slots.back().bytes;
    }
    return slots;
}

ImageFunction read_entry(Words& words) {
    ImageFunction function;
    function.name = words.next();
    std::vector<Parameter> parameters;
    if (words.next() != "(") return function;
    bool pointer = false;
    for (std::string_view word = words.next(); word != ")" && !word.empty(); word = words.next()) {
        if (word == ".param") {
            parameters.emplace_back();
            pointer = false;
        }
        if (parameters.empty()) continue;
        Parameter& last = parameters.back();
        if (word == ".ptr") pointer = true;
        if (word == ".align") {
            const std::size_t alignment = number(words.next());
            if (!pointer) last.alignment = alignment;
        }
        if (word == "[") last.count = number(words.next());
        if (const std::size_t bytes = size_of_type(word); bytes != 0) last.element = bytes;
    }
    function.parameters = placed(parameters);
    return function;
}

}  // namespace

ImageFacts read_ptx(std::string_view text) {
    const std::string code = without_comments(text);
    Words words(code);
    ImageFacts facts{ImageKind::ptx, "", {}};
    for (std::string_view word = words.next(); !word.empty(); word = words.next()) {
        if (word == ".target" && facts.arch.empty()) facts.arch = words.next();
        if (word == ".entry") facts.functions.push_back(read_entry(words));
    }
    if (facts.arch.empty()) {
        fail<ConfigError>("not PTX (it has no .target); give what nvcc -ptx wrote");
    }
    const auto by_name = [](const auto& a, const auto& b) { return a.name < b.name; };
    std::sort(facts.functions.begin(), facts.functions.end(), by_name);
    return facts;
}

}  // namespace warpstep::kernels
