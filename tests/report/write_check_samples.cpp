// SPDX-License-Identifier: Apache-2.0
// write_check_samples FOLDER: reports of checks in every format, for other programs to read.
#include <fmt/format.h>

#include "runtime/base/file.hpp"
#include "tests/report/sample_check.hpp"

using namespace warpstep;

int main(int count, char** arguments) {
    if (count != 2) return 2;
    const std::string folder = arguments[1];
    const auto write = [&](const std::string& name, const report::CheckReport& report) {
        for (const auto& [format, ending] : {std::pair{"text", "txt"},
                                             {"json", "json"},
                                             {"junit", "xml"},
                                             {"prometheus", "prom"},
                                             {"html", "html"},
                                             {"nagios", "nagios"}}) {
            write_file_atomically(fmt::format("{}/{}.{}", folder, name, ending),
                                  report::show(report, format));
        }
    };
    const auto healthy = test::healthy_check_facts(), broken = test::broken_check_facts(),
               awkward = test::awkward_check_facts();
    write("small", test::small_check());
    write("healthy", test::healthy_check(healthy));
    write("broken", test::broken_check(broken));
    write("awkward", test::awkward_check(awkward));
    write("empty", report::CheckReport{});
    return 0;
}
