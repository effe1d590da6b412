// SPDX-License-Identifier: Apache-2.0
#include "runtime/topology/cpu_set.hpp"

#include <hwloc/bitmap.h>

#include <charconv>
#include <cstdlib>
#include <memory>
#include <new>
#include <utility>

#include "runtime/base/error.hpp"
#include "runtime/base/text.hpp"

namespace warpstep::topology {

namespace {

// Far above any kernel's NR_CPUS; it keeps a typing slip from allocating a huge bitmap.
constexpr int largest_cpu = 65535;

hwloc_bitmap_s* checked(hwloc_bitmap_s* bitmap) {
    if (!bitmap) throw std::bad_alloc();
    return bitmap;
}

[[noreturn]] void not_a_list(std::string_view list) {
    fail<ConfigError>(
        "'{}' is not a list of CPUs (numbers from 0 to {} and ranges); write it like 0-3,8", list,
        largest_cpu);
}

int parse_cpu(std::string_view text, std::string_view list) {
    int cpu = -1;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), cpu);
    const bool whole = error == std::errc{} && end == text.data() + text.size();
    if (!whole || cpu < 0 || cpu > largest_cpu) not_a_list(list);
    return cpu;
}

}  // namespace

CpuSet::CpuSet() : bitmap_(checked(hwloc_bitmap_alloc())) {}

CpuSet::CpuSet(const std::vector<int>& cpus) : CpuSet() {
    for (const int cpu : cpus) add(cpu);
}

CpuSet::CpuSet(const hwloc_bitmap_s* bitmap) : bitmap_(checked(hwloc_bitmap_dup(bitmap))) {}

CpuSet::CpuSet(const CpuSet& other) : CpuSet(other.bitmap_) {}

CpuSet::CpuSet(CpuSet&& other) noexcept : bitmap_(std::exchange(other.bitmap_, nullptr)) {}

CpuSet& CpuSet::operator=(CpuSet other) noexcept {
    std::swap(bitmap_, other.bitmap_);
    return *this;
}

CpuSet::~CpuSet() {
    hwloc_bitmap_free(bitmap_);
}

CpuSet CpuSet::parse(std::string_view list) {
    CpuSet set;
    if (trim(list).empty()) return set;
    if (trim(list).back() == ',') not_a_list(list);
    for (const std::string& piece : split(list, ',')) {
        const std::string_view range = trim(piece);
        const auto dash = range.find('-');
        const int first = parse_cpu(range.substr(0, dash), list);
        const int last = dash == range.npos ? first : parse_cpu(range.substr(dash + 1), list);
        if (last < first) not_a_list(list);
        hwloc_bitmap_set_range(set.bitmap_, static_cast<unsigned>(first), last);
    }
    return set;
}

bool CpuSet::empty() const {
    return hwloc_bitmap_iszero(bitmap_) != 0;
}

int CpuSet::size() const {
    return hwloc_bitmap_weight(bitmap_);
}

bool CpuSet::is_finite() const {
    return hwloc_bitmap_weight(bitmap_) >= 0 && hwloc_bitmap_last(bitmap_) <= largest_cpu;
}

bool CpuSet::contains(int cpu) const {
    return cpu >= 0 && hwloc_bitmap_isset(bitmap_, static_cast<unsigned>(cpu)) != 0;
}

bool CpuSet::contains(const CpuSet& other) const {
    return hwloc_bitmap_isincluded(other.bitmap_, bitmap_) != 0;
}

bool CpuSet::intersects(const CpuSet& other) const {
    return hwloc_bitmap_intersects(bitmap_, other.bitmap_) != 0;
}

void CpuSet::add(int cpu) {
    if (cpu < 0 || cpu > largest_cpu) fail<LogicError>("{} is no CPU number", cpu);
    if (hwloc_bitmap_set(bitmap_, static_cast<unsigned>(cpu)) != 0) throw std::bad_alloc();
}

std::vector<int> CpuSet::cpus() const {
    std::vector<int> result;
    for (int cpu = hwloc_bitmap_first(bitmap_); cpu != -1; cpu = hwloc_bitmap_next(bitmap_, cpu))
        result.push_back(cpu);
    return result;
}

CpuSet operator&(const CpuSet& a, const CpuSet& b) {
    CpuSet result;
    hwloc_bitmap_and(result.bitmap_, a.bitmap_, b.bitmap_);
    return result;
}

CpuSet operator|(const CpuSet& a, const CpuSet& b) {
    CpuSet result;
    hwloc_bitmap_or(result.bitmap_, a.bitmap_, b.bitmap_);
    return result;
}

CpuSet operator-(const CpuSet& a, const CpuSet& b) {
    CpuSet result;
    hwloc_bitmap_andnot(result.bitmap_, a.bitmap_, b.bitmap_);
    return result;
}

bool operator==(const CpuSet& a, const CpuSet& b) {
    return hwloc_bitmap_isequal(a.bitmap_, b.bitmap_) != 0;
}

std::string show(const CpuSet& set) {
    char* text = nullptr;
    if (hwloc_bitmap_list_asprintf(&text, set.get()) < 0) throw std::bad_alloc();
    const std::unique_ptr<char, decltype(&std::free)> owner(text, &std::free);
    return text;
}

}  // namespace warpstep::topology
