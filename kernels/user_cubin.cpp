// SPDX-License-Identifier: Apache-2.0
// Cubins: an ELF-64 file with one section .nv.info.KERNEL for each kernel.
#include <elf.h>

#include <algorithm>
#include <cstring>
#include <map>

#include "kernels/user_image.hpp"
#include "runtime/base/error.hpp"

namespace warpstep::kernels {
namespace {

// Of .nv.info: what a record is about, and the form that has a size of its own.
constexpr unsigned char attribute_parameter = 0x17;
constexpr unsigned char attribute_registers = 0x2f;
constexpr unsigned char attribute_most_threads = 0x05;
constexpr unsigned char form_sized = 4;
// In st_other of a symbol: a function that can be launched.
constexpr unsigned char kernel_symbol = 0x10;
// From sm_90 on, the toolkit counts this much of every block for itself.
constexpr std::size_t reserved_shared = 1024;
constexpr unsigned first_reserving = 90;

[[noreturn]] void refuse_damaged(const char* why) {
    fail<ConfigError>("the cubin is damaged ({}); compile it again", why);
}

template <typename T>
T load_elf(std::string_view bytes, std::size_t at) {
    if (at > bytes.size() || bytes.size() - at < sizeof(T)) refuse_damaged("it ends too early");
    T value;
    std::memcpy(&value, bytes.data() + at, sizeof value);
    return value;
}

std::string_view piece(std::string_view bytes, std::size_t at, std::size_t size) {
    if (at > bytes.size() || bytes.size() - at < size) refuse_damaged("it ends too early");
    return bytes.substr(at, size);
}

std::string text_at(std::string_view strings, std::size_t at) {
    if (at >= strings.size()) refuse_damaged("a name lies outside of it");
    const auto end = strings.find('\0', at);
    return std::string(strings.substr(at, end == std::string_view::npos ? end : end - at));
}

struct Record {
    unsigned char attribute;
    std::string_view data;
};

std::vector<Record> records_of(std::string_view section) {
    std::vector<Record> records;
    for (std::size_t at = 0; at + 4 <= section.size();) {
        const auto form = load_elf<unsigned char>(section, at);
        const auto attribute = load_elf<unsigned char>(section, at + 1);
        const std::size_t size = form == form_sized ? load_elf<std::uint16_t>(section, at + 2) : 0;
        records.push_back({attribute, piece(section, at + 4, size)});
        at += 4 + size;
    }
    return records;
}

class Cubin {
  public:
    explicit Cubin(std::string_view bytes)
        : bytes_(bytes), header_(load_elf<Elf64_Ehdr>(bytes, 0)) {
        if (header_.e_shentsize != sizeof(Elf64_Shdr)) refuse_damaged("its sections have no size");
        for (std::size_t i = 0; i < header_.e_shnum; ++i) {
            sections_.push_back(
                load_elf<Elf64_Shdr>(bytes, header_.e_shoff + i * sizeof(Elf64_Shdr)));
        }
        if (header_.e_shstrndx >= sections_.size()) refuse_damaged("its sections have no names");
        const std::string_view names = content(sections_[header_.e_shstrndx]);
        for (std::size_t i = 0; i < sections_.size(); ++i) {
            by_name_.emplace(text_at(names, sections_[i].sh_name), i);
        }
    }

    // Since toolkit 13 the second byte of the flags holds it, before the first one.
    unsigned capability() const {
        const bool recent = header_.e_ident[EI_ABIVERSION] >= 8;
        return recent ? header_.e_flags >> 8 & 0xff : header_.e_flags & 0xff;
    }

    std::vector<ImageFunction> functions() const {
        std::vector<ImageFunction> result;
        const auto registers = registers_by_symbol();
        const std::size_t table = section_of(SHT_SYMTAB);
        if (table == sections_.size()) return result;
        const std::string_view symbols = content(sections_[table]);
        const std::size_t strings = sections_[table].sh_link;
        if (strings >= sections_.size()) refuse_damaged("its symbols have no names");
        for (std::size_t i = 0; (i + 1) * sizeof(Elf64_Sym) <= symbols.size(); ++i) {
            const auto symbol = load_elf<Elf64_Sym>(symbols, i * sizeof(Elf64_Sym));
            const bool is_function = ELF64_ST_TYPE(symbol.st_info) == STT_FUNC;
            if (!is_function || (symbol.st_other & kernel_symbol) == 0) continue;
            ImageFunction function = about(text_at(content(sections_[strings]), symbol.st_name));
            const auto count = registers.find(static_cast<std::uint32_t>(i));
            if (count != registers.end()) function.registers = count->second;
            result.push_back(std::move(function));
        }
        return result;
    }

  private:
    std::string_view content(const Elf64_Shdr& section) const {
        if (section.sh_type == SHT_NOBITS) return {};
        return piece(bytes_, section.sh_offset, section.sh_size);
    }

    std::size_t section_of(std::uint32_t type) const {
        const auto it = std::find_if(sections_.begin(), sections_.end(),
                                     [&](const Elf64_Shdr& s) { return s.sh_type == type; });
        return static_cast<std::size_t>(it - sections_.begin());
    }

    const Elf64_Shdr* find(const std::string& name) const {
        const auto it = by_name_.find(name);
        return it == by_name_.end() ? nullptr : &sections_[it->second];
    }

    std::map<std::uint32_t, int> registers_by_symbol() const {
        std::map<std::uint32_t, int> result;
        const Elf64_Shdr* section = find(".nv.info");
        if (section == nullptr) return result;
        for (const Record& record : records_of(content(*section))) {
            if (record.attribute != attribute_registers || record.data.size() < 8) continue;
            result[load_elf<std::uint32_t>(record.data, 0)] =
                static_cast<int>(load_elf<std::uint32_t>(record.data, 4));
        }
        return result;
    }

    ImageFunction about(const std::string& name) const {
        ImageFunction function{name, {}, {}, std::size_t{0}};
        if (const Elf64_Shdr* shared = find(".nv.shared." + name)) {
            const bool reserves = capability() >= first_reserving;
            const std::size_t own = reserves ? reserved_shared : 0;
            function.shared_bytes = shared->sh_size > own ? shared->sh_size - own : 0;
        }
        if (const Elf64_Shdr* info = find(".nv.info." + name)) {
            function.parameters = parameters(content(*info));
            function.bounded_threads = bounded_threads(content(*info));
        }
        return function;
    }

    // The extents of the largest block.
    static std::optional<std::uint64_t> bounded_threads(std::string_view info) {
        for (const Record& record : records_of(info)) {
            if (record.attribute != attribute_most_threads || record.data.size() < 12) continue;
            std::uint64_t threads = 1;
            for (const std::size_t at : {0, 4, 8}) {
                threads *= load_elf<std::uint32_t>(record.data, at);
            }
            return threads;
        }
        return std::nullopt;
    }

    // A record holds an index of its own, the ordinal and offset of the parameter, and a word whose
    // upper 14 bits are its size. They stand in any order.
    static std::vector<ParameterSlot> parameters(std::string_view info) {
        std::map<std::uint16_t, ParameterSlot> by_ordinal;
        for (const Record& record : records_of(info)) {
            if (record.attribute != attribute_parameter || record.data.size() < 12) continue;
            by_ordinal[load_elf<std::uint16_t>(record.data, 4)] = {
                load_elf<std::uint16_t>(record.data, 6),
                load_elf<std::uint32_t>(record.data, 8) >> 18};
        }
        std::vector<ParameterSlot> result;
        for (const auto& [ordinal, slot] : by_ordinal) result.push_back(slot);
        return result;
    }

    std::string_view bytes_;
    Elf64_Ehdr header_;
    std::vector<Elf64_Shdr> sections_;
    std::map<std::string, std::size_t> by_name_;
};

}  // namespace

ImageFacts read_cubin(std::string_view bytes) {
    constexpr std::uint16_t machine_cuda = 190;
    const auto header = load_elf<Elf64_Ehdr>(bytes, 0);
    if (header.e_ident[EI_CLASS] != ELFCLASS64 || header.e_machine != machine_cuda) {
        fail<ConfigError>(
            "not a cubin (an ELF file, but not for a GPU); give what nvcc -cubin wrote");
    }
    const Cubin cubin(bytes);
    ImageFacts facts{ImageKind::cubin, fmt::format("sm_{}", cubin.capability()), cubin.functions()};
    const auto by_name = [](const auto& a, const auto& b) { return a.name < b.name; };
    std::sort(facts.functions.begin(), facts.functions.end(), by_name);
    return facts;
}

}  // namespace warpstep::kernels
