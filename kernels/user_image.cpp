// SPDX-License-Identifier: Apache-2.0
#include "kernels/user_image.hpp"

#include <cxxabi.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <memory>

#include "runtime/base/error.hpp"
#include "runtime/base/text.hpp"

namespace warpstep::kernels {
namespace {

constexpr std::string_view elf_magic = "\177ELF";
constexpr std::uint32_t fatbin_magic = 0xba55ed50;

bool starts_with_fatbin(std::string_view bytes) {
    return bytes.size() >= sizeof fatbin_magic &&
           std::memcmp(bytes.data(), &fatbin_magic, sizeof fatbin_magic) == 0;
}

template <typename T>
T load_fatbin(std::string_view bytes, std::size_t at) {
    if (at > bytes.size() || bytes.size() - at < sizeof(T)) {
        fail<ConfigError>("the fatbin is damaged (it ends too early); compile it again");
    }
    T value;
    std::memcpy(&value, bytes.data() + at, sizeof value);
    return value;
}

// The place of a character outside of all brackets; `from` the end.
std::size_t last_outside(std::string_view text, char wanted) {
    int depth = 0;
    for (std::size_t i = text.size(); i-- > 0;) {
        if (depth == 0 && text[i] == wanted) return i;
        if (text[i] == ')' || text[i] == '>') ++depth;
        if (text[i] == '(' || text[i] == '<') --depth;
        if (depth == 0 && text[i] == wanted) return i;
    }
    return std::string_view::npos;
}

std::string without_spaces(const std::string& text) {
    std::string result;
    for (const char c : text)
        if (c != ' ') result += c;
    return result;
}

}  // namespace

// "void n::scale<float>(float*, int)": the name stands before the last bracket that is outside of
// others, behind the last such space.
std::string readable_name(const std::string& mangled) {
    int status = 0;
    const std::unique_ptr<char, void (*)(void*)> text(
        abi::__cxa_demangle(mangled.c_str(), nullptr, nullptr, &status), std::free);
    if (status != 0 || text == nullptr) return mangled;
    std::string_view name = text.get();
    if (const auto open = last_outside(name, '('); open != std::string_view::npos) {
        name = name.substr(0, open);
    }
    if (const auto space = last_outside(name, ' '); space != std::string_view::npos) {
        name = name.substr(space + 1);
    }
    return std::string(name);
}

// A header (magic, version, its own size, size of the rest), then parts, each with a header of its
// own: kind (1 PTX, 2 cubin), its size at 4, the size of the part at 8.
ImageFacts read_fatbin(std::string_view bytes) {
    ImageFacts facts{ImageKind::fatbin, "", {}, true};
    std::size_t at = load_fatbin<std::uint16_t>(bytes, 6);
    const std::size_t end =
        std::min<std::size_t>(bytes.size(), at + load_fatbin<std::uint64_t>(bytes, 8));
    while (at + 16 <= end) {
        const auto header = load_fatbin<std::uint32_t>(bytes, at + 4);
        const auto size = load_fatbin<std::uint64_t>(bytes, at + 8);
        if (header == 0 || header > end - at || size > end - at - header) break;
        const std::string_view part = bytes.substr(at + header, size);
        if (part.starts_with(elf_magic)) {
            ImageFacts inner = read_cubin(part);
            if (facts.functions.empty()) facts.functions = std::move(inner.functions);
        } else {
            facts.complete = false;
        }
        at += header + size;
    }
    if (facts.functions.empty()) facts.complete = false;
    return facts;
}

ImageFacts read_image(std::string_view bytes) {
    if (bytes.starts_with(elf_magic)) return read_cubin(bytes);
    if (starts_with_fatbin(bytes)) return read_fatbin(bytes);
    if (bytes.find(".version") != std::string_view::npos &&
        bytes.find('\0') >= bytes.find_last_not_of('\0')) {
        return read_ptx(bytes.substr(0, bytes.find('\0')));
    }
    fail<ConfigError>(
        "not an image of CUDA code (neither cubin, fatbin nor PTX); give what nvcc wrote with "
        "-cubin, -fatbin or -ptx");
}

const ImageFunction* find_function(const ImageFacts& image, const std::string& entry,
                                   const std::string& where) {
    std::vector<std::string> names;
    std::vector<const ImageFunction*> found;
    for (const ImageFunction& function : image.functions) {
        if (function.name == entry) return &function;
        names.push_back(readable_name(function.name));
        if (without_spaces(names.back()) == without_spaces(entry)) found.push_back(&function);
    }
    if (found.size() == 1) return found.front();
    if (found.size() > 1) {
        fail<ConfigError>(
            "'{}' names {} kernels of {} (they differ in their parameters); give one "
            "by its mangled name: {} or {}",
            entry, found.size(), where, found[0]->name, found[1]->name);
    }
    if (!image.complete) return nullptr;
    if (names.empty()) {
        fail<ConfigError>("no kernel '{}' in {} (it has none at all); write one with __global__",
                          entry, where);
    }
    fail<ConfigError>("no kernel '{}' in {}{}", entry, where, suggestion(entry, names));
}

}  // namespace warpstep::kernels
