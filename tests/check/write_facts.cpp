// SPDX-License-Identifier: Apache-2.0
// write_facts: a sound node's facts on standard output, for scripts to break.
#include <cstdio>
#include <string>

#include "runtime/check/facts_json.hpp"
#include "tests/check/healthy_step.hpp"

int main() {
    const std::string text = warpstep::check::encode(warpstep::test::healthy_node(8));
    return std::fwrite(text.data(), 1, text.size(), stdout) == text.size() ? 0 : 1;
}
