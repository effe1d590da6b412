// SPDX-License-Identifier: Apache-2.0
#include "runtime/base/log.hpp"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <cstdlib>
#include <memory>

namespace warpstep::log {
namespace {

spdlog::logger& logger() {
    static const auto instance = [] {
        auto made = std::make_shared<spdlog::logger>(
            "warpstep", std::make_shared<spdlog::sinks::stderr_sink_mt>());
        made->set_pattern("warpstep: %v");
        made->flush_on(spdlog::level::debug);
        const char* level = std::getenv("WARPSTEP_LOG");
        if (level != nullptr && std::string_view(level) == "debug") {
            made->set_level(spdlog::level::debug);
        }
        return made;
    }();
    return *instance;
}

}  // namespace

void set_speaker(const std::string& speaker) {
    logger().set_pattern("warpstep: " + speaker + ": %v");
}

void set_verbose(bool verbose) {
    logger().set_level(verbose ? spdlog::level::debug : spdlog::level::info);
}

void debug(std::string_view message) {
    logger().debug("{}", message);
}
void info(std::string_view message) {
    logger().info("{}", message);
}
void warn(std::string_view message) {
    logger().warn("warning: {}", message);
}
void error(std::string_view message) {
    logger().error("{}", message);
}

}  // namespace warpstep::log
