// SPDX-License-Identifier: Apache-2.0
#include "runtime/step/pmix_handles.hpp"

#include <fmt/format.h>

#include <limits>

namespace warpstep::step::pmix {
namespace {

template <typename Integer>
std::optional<int> narrow(Integer value) {
    if (static_cast<unsigned long long>(value) > std::numeric_limits<int>::max())
        return std::nullopt;
    return static_cast<int>(value);
}

}  // namespace

pmix_proc_t process(const std::string& name_space, pmix_rank_t rank) {
    pmix_proc_t made;
    PMIX_LOAD_PROCID(&made, name_space.c_str(), rank);
    return made;
}

std::optional<int> number_in(const pmix_value_t& value) {
    switch (value.type) {
        case PMIX_UINT16:
            return narrow(value.data.uint16);
        case PMIX_UINT32:
            return narrow(value.data.uint32);
        case PMIX_UINT64:
            return narrow(value.data.uint64);
        case PMIX_SIZE:
            return narrow(value.data.size);
        case PMIX_UINT:
            return narrow(value.data.uint);
        case PMIX_INT:
            return narrow(value.data.integer);
        case PMIX_INT16:
            return narrow(value.data.int16);
        case PMIX_INT32:
            return narrow(value.data.int32);
        case PMIX_PROC_RANK:
            return narrow(value.data.rank);
        default:
            return std::nullopt;
    }
}

std::optional<std::string> text_in(const pmix_value_t& value) {
    if (value.type != PMIX_STRING || value.data.string == nullptr) return std::nullopt;
    return value.data.string;
}

std::optional<std::string> bytes_in(const pmix_value_t& value) {
    if (value.type != PMIX_BYTE_OBJECT) return std::nullopt;
    if (value.data.bo.size == 0) return "";
    return std::string(value.data.bo.bytes, value.data.bo.size);
}

std::string show(pmix_status_t status) {
    return fmt::format("{} ({})", PMIx_Error_string(status), status);
}

}  // namespace warpstep::step::pmix
