// SPDX-License-Identifier: Apache-2.0
// The part of NVIDIA's management library (libnvidia-ml.so.1) that we call, declared here so that
// neither its header nor the library is needed to build or to start. Nothing here creates a CUDA
// context. Any call may block for as long as the driver hangs: call it where that is bearable.
// Source: NVML API reference, docs.nvidia.com/deploy/nvml-api; the layouts are its ABI.
#pragma once

#include <string>

#include "runtime/base/shared_library.hpp"

namespace warpstep::topology::nvml {

/// nvmlReturn_t, as far as somebody looks at it.
enum Status : int {
    success = 0,
    invalid_argument = 2,
    not_supported = 3,
    no_permission = 4,
    not_found = 6,
    insufficient_size = 7,
    gpu_is_lost = 15
};

using Device = struct OpaqueDevice*;

/// nvmlInitWithFlags: initialise even where there is no GPU, so that "no GPU" is told from "no
/// driver".
constexpr unsigned init_no_gpus = 1;

// Enumerations: only the values that are asked for.
constexpr int clock_sm = 1, clock_memory = 2;                  // nvmlClockType_t
constexpr int error_corrected = 0, error_uncorrected = 1;      // nvmlMemoryErrorType_t
constexpr int counter_volatile = 0, counter_aggregate = 1;     // nvmlEccCounterType_t
constexpr int location_sram = 7;                               // nvmlMemoryLocation_t
constexpr int retired_single_bit = 0, retired_double_bit = 1;  // nvmlPageRetirementCause_t
constexpr int policy_power = 0, policy_thermal = 1, policy_board = 3,
              policy_reliability = 5;                  // nvmlPerfPolicyType_t
constexpr int sensor_gpu = 0, threshold_slowdown = 1;  // temperatures
constexpr unsigned most_links = 36;                    // of any GPU; 18 on H100 and B200
constexpr unsigned link_replay = 0, link_recovery = 1, link_crc_flit = 2,
                   link_crc_data = 3;  // nvmlNvLinkErrorCounter_t

// Numbers of field values (NVML_FI_DEV_…); those of links want the link as the scope.
constexpr unsigned field_link_replay = 161, field_link_recovery = 162, field_link_crc = 163;
constexpr unsigned field_link_malformed = 206, field_link_overrun = 207, field_link_receive = 208,
                   field_link_recoveries = 215;
constexpr unsigned field_recovery_action = 230;

/// nvmlPciInfo_t as nvmlDeviceGetPciInfo_v3 fills it.
struct PciInfo {
    char legacy_bus_id[16];
    unsigned domain, bus, device;
    unsigned device_id;  ///< device in the upper 16 bits, vendor in the lower
    unsigned subsystem_id;
    char bus_id[32];
};
static_assert(sizeof(PciInfo) == 68);

/// The version that NVML wants in the first member of some structures.
template <typename Structure>
constexpr unsigned version_of(unsigned number) {
    return static_cast<unsigned>(sizeof(Structure)) | number << 24;
}

/// nvmlMemory_t, in bytes; `used` includes what the driver keeps for itself.
struct Memory {
    unsigned long long total, free, used;
};
/// nvmlMemory_v2_t, version 2; `used` is what programs have.
struct Memory2 {
    unsigned version;
    unsigned long long total, reserved, free, used;
};
static_assert(version_of<Memory2>(2) == 0x02000028);

/// nvmlUtilization_t, percent of the last sample period.
struct Utilization {
    unsigned gpu, memory;
};

/// nvmlRowRemapperHistogramValues_t: banks by the spare rows they have left.
struct RemapHistogram {
    unsigned max, high, partial, low, none;
};

/// nvmlViolationTime_t: microseconds and nanoseconds.
struct Violation {
    unsigned long long reference_us, violation_ns;
};

/// nvmlEccSramErrorStatus_v1_t.
struct SramStatus {
    unsigned version;
    unsigned long long aggregate_parity, aggregate_sec_ded, aggregate_corrected;
    unsigned long long volatile_parity, volatile_sec_ded, volatile_corrected;
    unsigned long long bucket_l2, bucket_sm, bucket_pcie, bucket_mcu, bucket_other;
    unsigned threshold_exceeded;
};
static_assert(version_of<SramStatus>(1) == 0x01000068);

/// nvmlGpuFabricInfo_t, of drivers before 545.
struct FabricInfo {
    unsigned char cluster[16];
    int status;
    unsigned clique;
    unsigned char state;
};
static_assert(sizeof(FabricInfo) == 28);
/// nvmlGpuFabricInfo_v2_t, version 2.
struct FabricInfo2 {
    unsigned version;
    unsigned char cluster[16];
    int status;
    unsigned clique;
    unsigned char state;
    unsigned health_mask;
};
static_assert(version_of<FabricInfo2>(2) == 0x02000024);

/// nvmlProcessInfo_v1_t, which the functions without a suffix fill.
struct Process1 {
    unsigned pid;
    unsigned long long memory_bytes;  ///< all ones: not told
};
static_assert(sizeof(Process1) == 16);
/// nvmlProcessInfo_v2_t, which functions of suffix _v2 and _v3 fill. (Releases 535.43 to 535.86
/// put 8 bytes behind each.)
struct Process2 {
    unsigned pid;
    unsigned long long memory_bytes;
    unsigned gpu_instance, compute_instance;
};
static_assert(sizeof(Process2) == 24);

/// nvmlValue_t and nvmlValueType_t.
union Value {
    double real;
    unsigned number;
    unsigned long word;
    unsigned long long long_word;
    long long signed_word;
    int signed_number;
    unsigned short short_number;
};
enum ValueType : int {
    value_real = 0,
    value_number = 1,
    value_word = 2,
    value_long_word = 3,
    value_signed_word = 4,
    value_signed_number = 5,
    value_short_number = 6
};
/// nvmlFieldValue_t: `field` and `scope` are asked for, the rest is the answer.
struct FieldValue {
    unsigned field, scope;
    long long time_us, latency_us;
    int type, status;
    Value value;
};
static_assert(sizeof(FieldValue) == 40);

/// The library with its functions. Those that some drivers lack are null, and which of the others
/// a GPU supports, its status says.
class Library {
  public:
    /// `path` is a file or a name for the dynamic linker. When it cannot be used, `problem` says
    /// why and nothing else may be called.
    explicit Library(const std::string& path);

    /// "GPU is lost (NVML error 15)"
    std::string explain(int status) const;

    std::string problem;
    int (*init)() = nullptr;
    int (*init_with_flags)(unsigned flags) = nullptr;
    int (*shutdown)() = nullptr;
    const char* (*error_string)(int status) = nullptr;
    int (*driver_version)(char* text, unsigned length) = nullptr;
    int (*cuda_driver_version)(int* version) = nullptr;  ///< 13000: 13.0
    int (*device_count)(unsigned* count) = nullptr;
    int (*device)(unsigned index, Device* device) = nullptr;

    // Identity.
    int (*pci_info)(Device device, PciInfo* info) = nullptr;
    int (*name)(Device device, char* text, unsigned length) = nullptr;
    int (*uuid)(Device device, char* text, unsigned length) = nullptr;
    int (*serial)(Device device, char* text, unsigned length) = nullptr;
    int (*vbios)(Device device, char* text, unsigned length) = nullptr;
    int (*minor)(Device device, unsigned* number) = nullptr;
    int (*memory_affinity)(Device device, unsigned words, unsigned long* nodes,
                           unsigned scope) = nullptr;

    // Use.
    int (*memory)(Device device, Memory* memory) = nullptr;
    int (*memory2)(Device device, Memory2* memory) = nullptr;
    int (*utilization)(Device device, Utilization* percent) = nullptr;
    int (*processes1)(Device device, unsigned* count, Process1* list) = nullptr;
    int (*processes)(Device device, unsigned* count, Process2* list) = nullptr;
    int (*graphics_processes)(Device device, unsigned* count, Process2* list) = nullptr;

    // Health of the memory.
    int (*ecc_mode)(Device device, int* current, int* pending) = nullptr;
    int (*ecc_total)(Device device, int type, int counter, unsigned long long* count) = nullptr;
    int (*ecc_counter)(Device device, int type, int counter, int location,
                       unsigned long long* count) = nullptr;
    int (*sram_status)(Device device, SramStatus* status) = nullptr;
    int (*remapped_rows)(Device device, unsigned* correctable, unsigned* uncorrectable,
                         unsigned* pending, unsigned* failed) = nullptr;
    int (*remap_histogram)(Device device, RemapHistogram* banks) = nullptr;
    int (*retired_pages)(Device device, int cause, unsigned* count,
                         unsigned long long* addresses) = nullptr;
    int (*retired_pending)(Device device, int* pending) = nullptr;
    int (*field_values)(Device device, int count, FieldValue* values) = nullptr;

    // Speed.
    int (*throttle_reasons)(Device device, unsigned long long* bits) = nullptr;
    int (*violation)(Device device, int policy, Violation* time) = nullptr;
    int (*power)(Device device, unsigned* milliwatts) = nullptr;
    int (*power_limit)(Device device, unsigned* milliwatts) = nullptr;  ///< that is enforced
    int (*power_default)(Device device, unsigned* milliwatts) = nullptr;
    int (*power_range)(Device device, unsigned* least, unsigned* most) = nullptr;
    int (*clock)(Device device, int type, unsigned* mhz) = nullptr;
    int (*clock_max)(Device device, int type, unsigned* mhz) = nullptr;
    int (*clock_application)(Device device, int type, unsigned* mhz) = nullptr;
    int (*clock_default)(Device device, int type, unsigned* mhz) = nullptr;
    int (*temperature)(Device device, int sensor, unsigned* celsius) = nullptr;
    int (*temperature_threshold)(Device device, int threshold, unsigned* celsius) = nullptr;

    // Modes.
    int (*persistence)(Device device, int* mode) = nullptr;
    int (*compute_mode)(Device device, int* mode) = nullptr;
    int (*mig_mode)(Device device, unsigned* current, unsigned* pending) = nullptr;
    int (*mig_count)(Device device, unsigned* largest) = nullptr;
    int (*mig_device)(Device device, unsigned index, Device* instance) = nullptr;
    int (*gpu_instance_id)(Device instance, unsigned* id) = nullptr;
    int (*compute_instance_id)(Device instance, unsigned* id) = nullptr;

    // Links.
    int (*link_state)(Device device, unsigned link, int* active) = nullptr;
    int (*link_errors)(Device device, unsigned link, unsigned counter,
                       unsigned long long* count) = nullptr;
    int (*fabric)(Device device, FabricInfo* info) = nullptr;
    int (*fabric2)(Device device, FabricInfo2* info) = nullptr;
    int (*pcie_generation)(Device device, unsigned* generation) = nullptr;
    int (*pcie_width)(Device device, unsigned* lanes) = nullptr;
    int (*pcie_max_generation)(Device device, unsigned* generation) = nullptr;
    int (*pcie_max_width)(Device device, unsigned* lanes) = nullptr;
    int (*pcie_replays)(Device device, unsigned* count) = nullptr;

  private:
    SharedLibrary file_;
};

}  // namespace warpstep::topology::nvml
