// SPDX-License-Identifier: Apache-2.0
#include "runtime/topology/nvidia_driver.hpp"

#include <fstream>
#include <sstream>

#include "runtime/base/text.hpp"

namespace warpstep::topology {

void add_driver_information(std::string_view information, Gpu& gpu) {
    for (const std::string& line : split(information, '\n')) {
        const auto colon = line.find(':');
        if (colon == line.npos) continue;
        const std::string key = line.substr(0, colon);
        const std::string value(trim(std::string_view(line).substr(colon + 1)));
        if (key == "Model" && gpu.name.empty()) gpu.name = value;
        // Question marks stand for a GPU that the driver has not looked at yet.
        const bool known = value.find('?') == value.npos;
        if (key == "GPU UUID" && gpu.uuid.empty() && known) gpu.uuid = value;
    }
}

void add_driver_information(std::vector<Gpu>& gpus) {
    for (Gpu& gpu : gpus) {
        std::ifstream file("/proc/driver/nvidia/gpus/" + show(gpu.pci) + "/information");
        std::stringstream text;
        if (file && text << file.rdbuf()) add_driver_information(text.str(), gpu);
    }
}

}  // namespace warpstep::topology
