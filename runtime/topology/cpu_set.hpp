// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

struct hwloc_bitmap_s;

namespace warpstep::topology {

/// A set of OS processor indices (P#): a value around hwloc's bitmap.
class CpuSet {
  public:
    CpuSet();
    explicit CpuSet(const std::vector<int>& cpus);
    explicit CpuSet(const hwloc_bitmap_s* bitmap);  ///< copies
    CpuSet(const CpuSet& other);
    CpuSet(CpuSet&& other) noexcept;
    CpuSet& operator=(CpuSet other) noexcept;
    ~CpuSet();

    /// From "0-3,8". Errors: ConfigError for anything that is not such a list.
    static CpuSet parse(std::string_view list);

    bool empty() const;
    int size() const;
    /// False: hwloc's "everything from here on", or numbers that no machine has; then do not count.
    bool is_finite() const;
    bool contains(int cpu) const;
    bool contains(const CpuSet& other) const;
    bool intersects(const CpuSet& other) const;
    void add(int cpu);
    std::vector<int> cpus() const;  ///< ascending
    const hwloc_bitmap_s* get() const { return bitmap_; }

    friend CpuSet operator&(const CpuSet& a, const CpuSet& b);
    friend CpuSet operator|(const CpuSet& a, const CpuSet& b);
    friend CpuSet operator-(const CpuSet& a, const CpuSet& b);
    friend bool operator==(const CpuSet& a, const CpuSet& b);

  private:
    hwloc_bitmap_s* bitmap_;
};

/// "0-3,8"; "" for the empty set.
std::string show(const CpuSet& set);

}  // namespace warpstep::topology
