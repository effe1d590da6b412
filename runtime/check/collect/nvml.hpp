// SPDX-License-Identifier: Apache-2.0
// Private to the room: NVML's readings as facts.
#pragma once

#include "runtime/check/gpu_facts.hpp"
#include "runtime/topology/nvml_library.hpp"

namespace warpstep::check {

/// UUID, PCI address, model, VBIOS, minor number, memory. What NVML does not tell stays empty.
void read_identity(const topology::nvml::Library& nvml, topology::nvml::Device device,
                   GpuFacts& gpu);
/// Memory in use, utilisation and processes (their ids and memory only).
void read_use(const topology::nvml::Library& nvml, topology::nvml::Device device, GpuFacts& gpu);
GpuHealth read_health(const topology::nvml::Library& nvml, topology::nvml::Device device);
GpuSpeed read_speed(const topology::nvml::Library& nvml, topology::nvml::Device device);
GpuModes read_modes(const topology::nvml::Library& nvml, topology::nvml::Device device);
GpuLinks read_links(const topology::nvml::Library& nvml, topology::nvml::Device device);

}  // namespace warpstep::check
