// SPDX-License-Identifier: Apache-2.0
// What NVIDIA's data-centre models have, by the name that NVML gives them.
#pragma once

#include <optional>
#include <string>

namespace warpstep::check {

/// A model of the table: it has ECC, on as delivered.
struct GpuModel {
    /// NVLinks that must be active; nothing: depends on bridges or on what the board connects.
    std::optional<unsigned> nvlinks;
};

/// "NVIDIA A100-SXM4-80GB" is an A100 with 12 links, "NVIDIA A100 80GB PCIe" one with as many as
/// its bridges connect. Nothing for a model that is not in the table (workstations, games).
std::optional<GpuModel> model_of(const std::string& name);

/// Its NVLinks go to the switch trays of a rack (GB200 NVL72 and its like), where the fabric
/// manager runs: none belongs on the node.
bool joins_rack_fabric(const std::string& name);

}  // namespace warpstep::check
