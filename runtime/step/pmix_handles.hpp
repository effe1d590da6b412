// SPDX-License-Identifier: Apache-2.0
// Owners for PMIx's C values. Private to this room: the only header that shows PMIx types.
#pragma once

#include <pmix.h>

#include <cstdlib>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace warpstep::step::pmix {

inline constexpr pmix_rank_t wildcard = PMIX_RANK_WILDCARD;

struct ReleaseValue {
    void operator()(pmix_value_t* value) const { PMIX_VALUE_RELEASE(value); }
};
using Value = std::unique_ptr<pmix_value_t, ReleaseValue>;

struct FreeText {
    void operator()(char* text) const { std::free(text); }
};
using Text = std::unique_ptr<char, FreeText>;

/// The directives of one call.
class Directives {
  public:
    Directives() { infos_.reserve(4); }
    Directives(const Directives&) = delete;
    Directives& operator=(const Directives&) = delete;
    ~Directives() {
        for (auto& info : infos_) PMIX_INFO_DESTRUCT(&info);
    }
    void flag(const char* key) {
        const bool yes = true;
        PMIX_INFO_LOAD(&infos_.emplace_back(), key, &yes, PMIX_BOOL);
    }
    void text(const char* key, const std::string& value) {
        PMIX_INFO_LOAD(&infos_.emplace_back(), key, value.c_str(), PMIX_STRING);
    }
    const pmix_info_t* data() const { return infos_.data(); }
    std::size_t size() const { return infos_.size(); }

  private:
    std::vector<pmix_info_t> infos_;
};

pmix_proc_t process(const std::string& name_space, pmix_rank_t rank);
/// Any integer type: servers differ in which they store.
std::optional<int> number_in(const pmix_value_t& value);
std::optional<std::string> text_in(const pmix_value_t& value);
std::optional<std::string> bytes_in(const pmix_value_t& value);
/// "UNREACHABLE (-25)"
std::string show(pmix_status_t status);

}  // namespace warpstep::step::pmix
