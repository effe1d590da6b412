// SPDX-License-Identifier: Apache-2.0
#include "runtime/check/rules/recovery.hpp"

#include <fmt/format.h>

#include <charconv>

namespace warpstep::check {

std::optional<Recovery> recovery_of(unsigned number, const std::string& gpu_uuid,
                                    const std::string& node) {
    const std::string reset = fmt::format("nvidia-smi --gpu-reset -i {}", gpu_uuid);
    const std::string reboot = fmt::format("scontrol reboot ASAP {}", node);
    const std::string end_peers = "end every job that reaches it over NVLink, then";
    switch (number) {
        case 0:
            return Recovery{number, "nothing", "", true};
        case 1:
            return Recovery{number, "a reset of the GPU", reset, true};
        case 2:
            return Recovery{number, "a reboot of the node", reboot, false};
        case 3:
            return Recovery{number, "an end of all peer traffic with the GPU",
                            end_peers + " look at this check again", true};
        case 4:
            return Recovery{number, "an end of all peer traffic and a reset of the GPU",
                            fmt::format("{}: {}", end_peers, reset), true};
        case 5:
            return Recovery{number, "a recovery of the IMEX domain",
                            "nvidia-imex-ctl -N; restart nvidia-imex on the domain's nodes", true};
        case 6:
            return Recovery{number, "a reset of the GPU's PCIe bus", reboot, true};
        case 7:
            return Recovery{number, "a reboot of the system", reboot, false};
        default:
            return std::nullopt;
    }
}

std::optional<unsigned> recovery_number(std::string_view action) {
    unsigned number = 0;
    if (!action.starts_with("0x")) return std::nullopt;
    const auto [end, error] =
        std::from_chars(action.data() + 2, action.data() + action.size(), number, 16);
    if (error != std::errc{}) return std::nullopt;
    return number;
}

}  // namespace warpstep::check
