// SPDX-License-Identifier: Apache-2.0
#include "kernels/catalog_entries.hpp"
#include "kernels/memtest.hpp"
#include "kernels/spin.hpp"
#include "kernels/transpose.hpp"

namespace warpstep::kernels {
namespace {

template <Pattern pattern>
double pattern_bytes(const Arguments& a) {
    return 2.0 * phases(pattern) * elements(a, "buffer") * size(a, "buffer");
}
double transpose_bytes(const Arguments& a) {
    return 2 * elements(a, "from") * size(a, "from");
}
double no_bytes(const Arguments&) {
    return 0;
}

template <Pattern pattern>
Kernel memory_test(const std::string& name, std::string summary, std::vector<Parameter> more,
                   void (*check)(const Arguments&),
                   void (*host)(const Arguments&, const device::host::Cores&)) {
    std::vector<Parameter> parameters{
        write("buffer", types::any, "n", "multiples of 8 bytes; its content is lost"),
        write("report", "i64", "3", "errors, index of the first, wrong bits")};
    for (Parameter& parameter : more) parameters.push_back(std::move(parameter));
    return {"memtest." + name,
            std::move(summary),
            std::move(parameters),
            std::to_string(2 * phases(pattern)) + " n size",
            "0",
            pattern_bytes<pattern>,
            no_flops,
            check,
            host,
            {{"errors", "wrong words that the test found"},
             {"first", "index of the first of them; -1: none"},
             {"mask", "the bits that were wrong in any of them"}}};
}

}  // namespace

std::vector<Kernel> memory_kernels() {
    using memtest::check_memtest;
    return {
        memory_test<Pattern::walking_bit>("walking_bit", "one bit set, moved through every word",
                                          {}, check_memtest, memtest::walking_bit),
        memory_test<Pattern::own_address>("own_address", "every word holds its index", {},
                                          check_memtest, memtest::own_address),
        memory_test<Pattern::moving_inversions>("moving_inversions", "a pattern and its complement",
                                                {}, check_memtest, memtest::moving_inversions),
        memory_test<Pattern::random>("random", "random words and their complements",
                                     {optional_value("seed", 0, "1")}, check_memtest,
                                     memtest::random),
        memory_test<Pattern::bit_fade>(
            "bit_fade", "ones and zeros that must last `seconds`",
            {optional_value("seconds", 1, "0.1", "between writing and reading")},
            memtest::check_bit_fade, memtest::bit_fade),
        {"spin",
         "keeps the device busy for `seconds`",
         {value("seconds", "0.01", "0 to 3600")},
         "0",
         "0",
         no_bytes,
         no_flops,
         check_spin,
         spin},
        {"transpose",
         "to[j, i] = from[i, j]",
         {read("from", types::any, "rows columns"), write("to", types::any, "columns rows")},
         "2 n size",
         "0",
         transpose_bytes,
         no_flops,
         check_transpose,
         transpose},
    };
}

}  // namespace warpstep::kernels
