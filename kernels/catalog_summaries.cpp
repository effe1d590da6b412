// SPDX-License-Identifier: Apache-2.0
#include "kernels/catalog_entries.hpp"
#include "kernels/checksum.hpp"
#include "kernels/histogram.hpp"
#include "kernels/reduce.hpp"
#include "kernels/scan.hpp"

namespace warpstep::kernels {
namespace {

template <int k>
double moves_x(const Arguments& a) {
    return k * elements(a, "x") * size(a, "x");
}
double flops_x(const Arguments& a) {
    return elements(a, "x");
}

}  // namespace

std::vector<Kernel> summary_kernels() {
    return {
        {"checksum",
         "sum = 64-bit hash of the bytes of x",
         {read("x", types::any, "n"), write("sum", "i64", "1")},
         "n size",
         "0",
         moves_x<1>,
         no_flops,
         check_checksum,
         checksum},
        {"histogram",
         "bins = counts of x in equal parts of [lo, hi)",
         {read("x", types::computable, "n"), write("bins", "i64", "bins"), value("lo", "0"),
          value("hi", "1", "lo < hi; what lies outside is not counted")},
         "n size",
         "0",
         moves_x<1>,
         no_flops,
         check_histogram,
         histogram},
        {"reduction",
         "result = sum, min or max of x",
         {read("x", types::computable, "n"),
          write("result", "f64 i64", "1", "i64 where x holds integers"),
          word("op", {"sum", "min", "max"}, "", "max")},
         "n size",
         "n",
         moves_x<1>,
         flops_x,
         check_reduce,
         reduce},
        {"scan",
         "y = running sums of x",
         {read("x", types::computable, "n"), write("y", types::computable, "n"),
          word("kind", {"inclusive", "exclusive"})},
         "2 n size",
         "n",
         moves_x<2>,
         flops_x,
         check_scan,
         scan},
    };
}

}  // namespace warpstep::kernels
