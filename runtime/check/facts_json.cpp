// SPDX-License-Identifier: Apache-2.0
#include "runtime/check/facts_json.hpp"

#include <nlohmann/json.hpp>

#include "runtime/base/error.hpp"
#include "runtime/check/baseline_json.hpp"

namespace nlohmann {

template <typename Value>
struct adl_serializer<std::optional<Value>> {
    static void to_json(json& document, const std::optional<Value>& value) {
        if (value)
            document = *value;
        else
            document = nullptr;
    }
    static void from_json(const json& document, std::optional<Value>& value) {
        if (document.is_null())
            value.reset();
        else
            value = document.get<Value>();
    }
};

}  // namespace nlohmann

namespace warpstep::check {

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(PmixAnswer, asked, answered, problem, name_space,
                                                rank, size, local_rank, local_size, node_of_rank,
                                                node_names)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(Interface, name, up, loopback, addresses)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(Limit, soft, hard)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(SignalFacts, caught, ignored, blocked)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(SeenGpu, uuid, pci, minor, openable)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(StaleSegment, path, user, bytes)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(
    RankFacts, rank, size, local_rank, local_size, node, host_name, boot_id, pid, user, clock_s,
    clock_offset_s, started_by, cgroup, env, pmix, pmix_directory_exists, munge_plugin_loads,
    command, command_links_mpi, cpus, online_cpus, mems, memory_policy, cpu_quota, omp_threads,
    memlock, open_files, core_size, signals, shm_bytes, shm_free_bytes, stale_segments, nvml_gpus,
    nvml_problem, uvm_openable, cuda_status, cuda_gpus, driver, cuda_runtime, nccl, warpstep,
    interfaces, own_addresses, master_address_problem, master_addresses, master_port_free,
    ephemeral_low, ephemeral_high)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(GpuProcess, pid, command, user, memory_bytes,
                                                of_this_step, of_this_job)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(XidEvent, code, severity, action, line)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(RemapHistogram, max, high, partial, low, none)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(
    GpuHealth, ecc_current, ecc_pending, ecc_volatile_uncorrectable, ecc_volatile_correctable,
    ecc_aggregate_uncorrectable, ecc_aggregate_sram_uncorrectable, sram_threshold_exceeded,
    remap_pending, remap_failed, remapped_correctable, remapped_uncorrectable, remap_histogram,
    retired_pages, retired_pending, recovery_action, xids, xid_times_s, xid_events)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(GpuSpeed, throttle_reasons, violation_power_ns,
                                                violation_thermal_ns, violation_board_ns,
                                                violation_reliability_ns, power_mw, power_limit_mw,
                                                power_default_mw, power_max_mw, sm_mhz, memory_mhz,
                                                sm_max_mhz, memory_max_mhz, sm_application_mhz,
                                                sm_default_application_mhz, temperature_c,
                                                temperature_slowdown_c)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(GpuModes, persistence, compute_mode, mig_current,
                                                mig_pending, mig_instances)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(GpuLinks, nvlinks_supported, nvlinks_active,
                                                nvlink_errors, fabric_state, fabric_status,
                                                pcie_gen, pcie_width, pcie_max_gen, pcie_max_width,
                                                pcie_replays)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(GpuFacts, uuid, serial, pci, name, vbios, index,
                                                minor, on_bus, in_nvml, problem, openable, granted,
                                                memory_bytes, memory_used_bytes,
                                                utilization_percent, processes, numa, near_cpus,
                                                health, speed, modes, links)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(NumaFacts, os_index, cpus, memory_bytes, free_bytes)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(NicFacts, name, pci, fabric, numa, near_cpus, port,
                                                state, link_layer, rate_gbit_s, errors)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(
    NodeFacts, name, boot_id, ranks, described, kernel, machine, packages, cores, cpus,
    allowed_cpus, numa, memory_bytes, nics, has_nvidia, gpu_problem, collector_problem, gpus,
    device_files, driver, kernel_module, cuda_driver_version, modules, dma_buf, mps, governors,
    numa_balancing, offline_cpus, acs_redirect, iommu_translating, aer_errors, kernel_log_readable,
    virtual_machine, slurm_version, configured_gpus, node_state, node_reason, constrain_devices,
    job_end_s, job_unlimited, job_requeues, job_gpus_detail)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(UsedGpu, uuid, memory_bytes)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(ProgramFacts, node, pid, parent, command, state,
                                                rank, local_rank, is_task, step, env, cpus, mems,
                                                threads, signals, gpus, open_gpu_minors, maps_cuda,
                                                maps_mpi, maps_nccl, has_cuda_context)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(Subject, node, rank, gpu_uuid, serial, pci)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(Sample, probe, places, model, unit, qualifier,
                                                repeats, value, p99, verified, algorithm, state,
                                                checksum, problem)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(Floor, model, probe, qualifier, value, unit, source)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(Intent, level, checkpoints, run_s, share,
                                                pinned_bytes, watched_step, as_root)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(Facts, intent, size, ranks, silent_ranks, silence,
                                                nodes, programs, samples, floors, baseline)

namespace {

template <typename Value>
Value decoded(std::string_view bytes, const char* what) {
    try {
        return nlohmann::json::parse(bytes).get<Value>();
    } catch (const nlohmann::json::exception& error) {
        fail<CommError>("these are no facts of {} ({}); use the same warpstep everywhere", what,
                        error.what());
    }
}

template <typename Value>
std::string dumped(const Value& value) {
    return nlohmann::json(value).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace

std::string encode(const RankFacts& facts) {
    return dumped(facts);
}

std::string encode(const NodeFacts& facts) {
    return dumped(facts);
}

std::string encode(const std::vector<ProgramFacts>& facts) {
    return dumped(facts);
}

std::string encode(const Sample& sample) {
    return dumped(sample);
}

std::string encode(const Facts& facts) {
    nlohmann::json document = facts;
    document["schema"] = facts_schema;
    return document.dump(1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

RankFacts decode_rank(std::string_view bytes) {
    return decoded<RankFacts>(bytes, "a rank");
}

NodeFacts decode_node(std::string_view bytes) {
    return decoded<NodeFacts>(bytes, "a node");
}

std::vector<ProgramFacts> decode_programs(std::string_view bytes) {
    return decoded<std::vector<ProgramFacts>>(bytes, "programs");
}

Sample decode_sample(std::string_view bytes) {
    return decoded<Sample>(bytes, "a measurement");
}

Facts decode_facts(std::string_view bytes, const std::string& file) {
    try {
        const auto document = nlohmann::json::parse(bytes);
        const auto schema =
            document.is_object() ? document.value("schema", nlohmann::json()) : nlohmann::json();
        if (schema != facts_schema) {
            fail<ConfigError>(
                "{} is no file of facts (its schema is {}, not \"{}\"); write one with warpstep "
                "check --save-facts FILE",
                file, schema.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace),
                facts_schema);
        }
        return document.get<Facts>();
    } catch (const nlohmann::json::exception& error) {
        fail<ConfigError>(
            "{} is no file of facts ({}); write one with warpstep check --save-facts FILE", file,
            error.what());
    }
}

}  // namespace warpstep::check
