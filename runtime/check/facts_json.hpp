// SPDX-License-Identifier: Apache-2.0
// Facts as JSON: how they travel between processes and ranks, and what `check --facts FILE` keeps.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "runtime/check/facts.hpp"

namespace warpstep::check {

/// The version of the layout; a file of another one is refused.
inline constexpr char facts_schema[] = "warpstep.facts/1";

std::string encode(const RankFacts& facts);
std::string encode(const NodeFacts& facts);
std::string encode(const std::vector<ProgramFacts>& facts);
std::string encode(const Sample& sample);
std::string encode(const Facts& facts);  ///< indented, with the schema's name

/// Errors: CommError for bytes that are no such facts. Absent keys keep their defaults.
RankFacts decode_rank(std::string_view bytes);
NodeFacts decode_node(std::string_view bytes);
std::vector<ProgramFacts> decode_programs(std::string_view bytes);
Sample decode_sample(std::string_view bytes);
/// What `file` holds. Errors: ConfigError that names it.
Facts decode_facts(std::string_view bytes, const std::string& file);

}  // namespace warpstep::check
