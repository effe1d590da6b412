// SPDX-License-Identifier: Apache-2.0
// What editors and readers need to know of workload files.
#include <cstdio>

#include "runtime/cli/commands.hpp"
#include "runtime/workload/schema_text.hpp"

namespace warpstep::cli {

int schema(SchemaForm form) {
    const std::string text =
        form == SchemaForm::json ? workload::json_schema() : workload::reference_markdown();
    std::fputs(text.c_str(), stdout);
    return std::fflush(stdout) == 0 ? 0 : 1;
}

}  // namespace warpstep::cli
