// SPDX-License-Identifier: Apache-2.0
// Rows and pages of memory that were taken out of use.
#include <fmt/format.h>

#include "runtime/check/rules/health.hpp"
#include "runtime/check/rules/walks.hpp"

namespace warpstep::check::health {
namespace {

// Source: NVIDIA, "GPU Memory Error Management" (row remapping) and "Dynamic Page Retirement".
constexpr unsigned remaps_possible = 512, remaps_near = 448;
constexpr unsigned pages_possible = 64, pages_near = 60;

void judge_pending(const JudgedGpu& it, Judge& judge) {
    const auto row = it.gpu->health.remap_pending, page = it.gpu->health.retired_pending;
    if (!row && !page) return judge.skip("this model remaps no rows and retires no pages");
    if (!row.value_or(false) && !page.value_or(false))
        return judge.pass(it.subject(), "no row or page waits for a reset");
    judge.fire(it.subject(),
               row.value_or(false) ? "a row of memory waits for a reset to be remapped"
                                   : "a page of memory waits for a reset to be retired",
               {"pending", "none", ""},
               fmt::format("scontrol update nodename={} state=drain reason=\"memory repair "
                           "pending\"; when it is idle: nvidia-smi --gpu-reset -i {}",
                           it.node->name, it.gpu->uuid));
}

void judge_failed(const JudgedGpu& it, Judge& judge) {
    const auto failed = it.gpu->health.remap_failed;
    if (!failed) return judge.skip("this model remaps no rows");
    if (!*failed) return judge.pass(it.subject(), "no row failed to be remapped");
    judge.fire(it.subject(), "the driver says that a row of memory could not be remapped",
               {"failed", "none", ""},
               fmt::format(
                   "scontrol update nodename={} state=drain reason=\"row remap failed\"; "
                   "have the GPU {} replaced",
                   it.node->name,
                   it.gpu->serial.empty() ? it.gpu->uuid : "with serial number " + it.gpu->serial));
}

void judge_pages(const JudgedGpu& it, Judge& judge) {
    const auto pages = it.gpu->health.retired_pages;
    if (!pages) return judge.skip("this model tells no spare rows or pages");
    if (*pages < pages_near)
        return judge.pass(it.subject(), fmt::format("fewer than {} retired pages", pages_near));
    judge.fire(it.subject(),
               fmt::format("{} of {} pages that can be retired are", *pages, pages_possible),
               {std::to_string(*pages), fmt::format("< {}", pages_near), "pages"},
               "plan the replacement of the GPU; nvidia-smi -q -d PAGE_RETIREMENT is the evidence");
}

void judge_spare(const JudgedGpu& it, Judge& judge) {
    const GpuHealth& health = it.gpu->health;
    const bool counted_rows = health.remapped_correctable && health.remapped_uncorrectable;
    if (!health.remap_histogram && !counted_rows) return judge_pages(it, judge);
    const unsigned short_of =
        health.remap_histogram ? health.remap_histogram->low + health.remap_histogram->none : 0;
    const unsigned rows =
        counted_rows ? *health.remapped_correctable + *health.remapped_uncorrectable : 0;
    if (short_of > 0)
        judge.fire(it.subject(),
                   fmt::format("{} banks of memory have few spare rows or none (none: {})",
                               short_of, health.remap_histogram->none),
                   {std::to_string(short_of), "0", "banks"});
    else if (rows >= remaps_near)
        judge.fire(it.subject(),
                   fmt::format("{} of {} rows that can be remapped are", rows, remaps_possible),
                   {std::to_string(rows), fmt::format("< {}", remaps_near), "rows"});
    else
        judge.pass(it.subject(), "every bank of memory has spare rows");
}

}  // namespace

std::vector<Rule> remaps() {
    return {
        {"remap-pending", "GPU health", Severity::warning, Privilege::user, Level::quick,
         "Corrected or uncorrectable memory errors until the GPU is reset.",
         "A failing row (before Ampere: page) of memory was marked, and is replaced by a spare "
         "one at the next reset.",
         "NVML's pending flags of row remapping and of page retirement.",
         "drain the node and reset the GPU: nvidia-smi --gpu-reset", each_gpu(judge_pending)},
        {"remap-failed", "GPU health", Severity::error, Privilege::user, Level::quick,
         "Memory errors that come back after each reset.",
         "A failing row of memory could not be replaced: its bank has no spare row left.",
         "NVML's failure flag of row remapping.", "drain the node and have the GPU replaced",
         each_gpu(judge_failed)},
        {"remap-spare-low", "GPU health", Severity::warning, Privilege::user, Level::quick,
         "Nothing yet.",
         "So many rows of the GPU's memory were replaced that little is left for the next error.",
         "NVML's histogram of spare rows by bank, and the number of remapped rows against 512; "
         "before Ampere, retired pages against 64.",
         "plan the replacement of the GPU; nvidia-smi -q -d ROW_REMAPPER is the evidence",
         each_gpu(judge_spare)},
    };
}

}  // namespace warpstep::check::health
