// SPDX-License-Identifier: Apache-2.0
// Errors of the GPUs' memory.
#include <fmt/format.h>

#include "runtime/check/rules/gpus.hpp"
#include "runtime/check/rules/health.hpp"
#include "runtime/check/rules/walks.hpp"
#include "runtime/device/gpu_models.hpp"

namespace warpstep::check::health {
namespace {

constexpr std::uint64_t sram_errors_allowed = 4;  ///< where the driver tells no threshold
/// Corrected errors during the load: more than this many times one more than the others' median.
constexpr double correctable_factor = 5;

std::string drain_and_reset(const JudgedGpu& it, const char* reason) {
    return fmt::format(
        "scontrol update nodename={} state=drain reason=\"{}\"; when it is idle: nvidia-smi "
        "--gpu-reset -i {}",
        it.node->name, reason, it.gpu->uuid);
}

/// ECC can count here; else SKIP, or UNKNOWN on a model that has it, is written.
bool counts_errors(const JudgedGpu& it, bool told, Judge& judge) {
    if (told) return true;
    if (it.gpu->health.ecc_current && !*it.gpu->health.ecc_current)
        judge.skip("ECC is off, so that errors are not counted");
    else if (device::family_of(it.gpu->name) == nullptr)
        judge.skip("this model counts no ECC errors");
    else
        judge.unknown(it.subject(), "NVML does not tell this counter, though the model has ECC");
    return false;
}

void judge_off(const JudgedGpu& it, Judge& judge) {
    const auto current = it.gpu->health.ecc_current, pending = it.gpu->health.ecc_pending;
    const bool data_centre = device::family_of(it.gpu->name) != nullptr;
    if (!current && data_centre)
        judge.unknown(it.subject(), "NVML does not tell the ECC mode, though the model has it");
    else if (!current)
        judge.skip("this model has no ECC");
    else if (!*current && !data_centre && pending.value_or(false) == *current)
        judge.skip("ECC is off, as this model is delivered");
    else if (pending && *pending != *current)
        judge.fire(it.subject(), "the ECC mode changes at the next reset",
                   fmt::format("ECC is {} and will be {} after the next reset",
                               *current ? "on" : "off", *pending ? "on" : "off"),
                   {*current ? "on" : "off", *pending ? "on" : "off", ""},
                   *pending ? fmt::format("nvidia-smi --gpu-reset -i {}", it.gpu->uuid)
                            : fmt::format("nvidia-smi -i {} --ecc-config=1", it.gpu->uuid));
    else if (!*current)
        judge.fire(it.subject(), "ECC is off",
                   fmt::format("ECC is off on the {}: its memory errors go unseen", it.gpu->name),
                   {"off", "on", ""},
                   fmt::format("nvidia-smi -i {0} --ecc-config=1; nvidia-smi --gpu-reset -i {0}",
                               it.gpu->uuid));
    else
        judge.pass(it.subject(), "ECC is on");
}

void judge_uncorrectable(const JudgedGpu& it, Judge& judge) {
    const auto errors = it.gpu->health.ecc_volatile_uncorrectable;
    if (!counts_errors(it, errors.has_value(), judge)) return;
    if (*errors == 0)
        return judge.pass(it.subject(), "no uncorrectable error since the driver was loaded");
    const auto ever = it.gpu->health.ecc_aggregate_uncorrectable;
    judge.fire(it.subject(), "uncorrectable memory errors",
               fmt::format("{} uncorrectable memory errors since the driver was loaded{}", *errors,
                           ever ? fmt::format(", {} in the GPU's life", *ever) : ""),
               {std::to_string(*errors), "0", "errors"},
               drain_and_reset(it, "uncorrectable ECC errors") +
                   "; check it again at level full, and have it replaced when they return");
}

void judge_sram(const JudgedGpu& it, Judge& judge) {
    const auto exceeded = it.gpu->health.sram_threshold_exceeded;
    const auto errors = it.gpu->health.ecc_aggregate_sram_uncorrectable;
    if (!counts_errors(it, exceeded || errors, judge)) return;
    const Figure figure{errors ? std::to_string(*errors) : "",
                        fmt::format("<= {}", sram_errors_allowed), "errors"};
    const std::string counted_errors =
        errors ? fmt::format("{} uncorrectable SRAM errors in the GPU's life", *errors) : "";
    if (exceeded.value_or(false))
        judge.fire(it.subject(), "the threshold of SRAM errors is exceeded",
                   "the driver says that the threshold of SRAM errors is exceeded" +
                       (errors ? "; " + counted_errors : ""),
                   figure);
    else if (errors.value_or(0) > sram_errors_allowed)
        judge.fire(it.subject(), "too many SRAM errors", counted_errors, figure);
    else
        judge.pass(it.subject(), "SRAM errors are below the threshold");
}

struct Rise {
    JudgedGpu gpu;
    double errors;
};

double median_of_others(const std::vector<Rise>& rises, std::size_t own) {
    std::vector<double> others;
    for (std::size_t i = 0; i < rises.size(); ++i) {
        if (i != own) others.push_back(rises[i].errors);
    }
    return others.empty() ? 0 : median(std::move(others));
}

void judge_correctable(const Facts& facts, Judge& judge) {
    std::vector<Rise> rises;
    for (const JudgedGpu& it : judged_gpus(facts, judge)) {
        const auto rise = load_of(facts, *it.gpu).sum("ecc_correctable");
        if (rise)
            rises.push_back({it, *rise});
        else if (!counts_errors(it, it.gpu->health.ecc_volatile_correctable.has_value(), judge))
            continue;
        else if (measures(facts))
            judge.unknown(it.subject(),
                          "counted once only: no probe told how many came under load");
        else
            judge.skip("a rise needs load: warpstep check --level standard");
    }
    for (std::size_t i = 0; i < rises.size(); ++i) {
        const auto& [it, errors] = rises[i];
        const double others = median_of_others(rises, i);
        if (errors <= correctable_factor * (others + 1)) {
            judge.pass(it.subject(), "corrected memory errors rise no faster than on the others");
            continue;
        }
        judge.fire(it.subject(), "corrected memory errors rise faster than on the others",
                   fmt::format("{:.0f} corrected memory errors during the probes, the others have "
                               "{:.0f} (median)",
                               errors, others),
                   {plain(errors), "<= " + plain(correctable_factor * (others + 1)), "errors",
                    fmt::format("median {:.0f} of {} others", others, rises.size() - 1)});
    }
}

}  // namespace

std::vector<Rule> ecc() {
    return {
        {"ecc-off", "GPU health", Severity::error, Privilege::user, Level::quick,
         "Nothing, or wrong results that nobody notices.",
         "Error correction of the GPU's memory was switched off, or its mode changes at the next "
         "reset, so that nodes of one job differ.",
         "The current and the pending ECC mode of data-centre models, which must both be on.",
         "nvidia-smi --ecc-config=1, then nvidia-smi --gpu-reset", each_gpu(judge_off)},
        {"ecc-uncorrectable", "GPU health", Severity::error, Privilege::user, Level::quick,
         "'uncorrectable ECC error encountered' (CUDA error 214), now and then on one GPU.",
         "A memory cell or its path lost more bits than ECC can correct.",
         "NVML's volatile counter of uncorrectable errors, which must be 0.",
         "drain the node, reset the GPU, check it again at level full, and have it replaced when "
         "the errors return",
         each_gpu(judge_uncorrectable)},
        {"ecc-sram-threshold", "GPU health", Severity::error, Privilege::user, Level::quick,
         "Uncorrectable errors that come back after each reset.",
         "The GPU's on-chip memory has failed so often that the vendor takes it back.",
         "The driver's threshold flag; also more than 4 uncorrectable SRAM errors in the GPU's "
         "life.",
         "drain the node and have the GPU replaced; nvidia-smi -q -d ECC is the evidence to send",
         each_gpu(judge_sram)},
        {"ecc-correctable-rate", "GPU health", Severity::warning, Privilege::user, Level::standard,
         "Nothing yet: every error was corrected.",
         "A part of the GPU's memory is wearing out or too hot.",
         "The rise of corrected errors under the probes' load against 5 times one more than the "
         "median of the other GPUs.",
         "watch the counter (nvidia-smi -q -d ECC) and repeat the memory test: warpstep check "
         "--level full",
         over_gpu_states(judge_correctable)},
    };
}

}  // namespace warpstep::check::health
