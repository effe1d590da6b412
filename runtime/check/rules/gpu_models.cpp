// SPDX-License-Identifier: Apache-2.0
#include "runtime/check/rules/gpu_models.hpp"

#include <algorithm>
#include <iterator>
#include <string_view>
#include <vector>

namespace warpstep::check {
namespace {

enum class Sockets {
    never,   ///< PCIe cards only: bridges at most
    named,   ///< socketed when its name says SXM
    unless,  ///< socketed unless its name says PCIe, NVL or HBM2e
};

struct Row {
    std::string_view word;
    unsigned nvlinks;  ///< of the socketed board
    Sockets sockets;
};

// Source: NVIDIA's architecture white papers: links for each GPU of an HGX or DGX board.
constexpr Row rows[] = {
    {"P100", 4, Sockets::named},   {"V100", 6, Sockets::named},    {"A100", 12, Sockets::named},
    {"A800", 8, Sockets::named},   {"H100", 18, Sockets::unless},  {"H200", 18, Sockets::unless},
    {"H20", 18, Sockets::unless},  {"B100", 18, Sockets::unless},  {"B200", 18, Sockets::unless},
    {"B300", 18, Sockets::unless}, {"GB200", 18, Sockets::unless}, {"GB300", 18, Sockets::unless},
    {"GH200", 0, Sockets::never},  {"H800", 0, Sockets::never},    {"A30", 0, Sockets::never},
    {"A40", 0, Sockets::never},    {"A10", 0, Sockets::never},     {"A16", 0, Sockets::never},
    {"A2", 0, Sockets::never},     {"L4", 0, Sockets::never},      {"L20", 0, Sockets::never},
    {"L40", 0, Sockets::never},    {"L40S", 0, Sockets::never},    {"T4", 0, Sockets::never},
};

/// Words of "NVIDIA A100-SXM4-80GB": NVIDIA, A100, SXM4, 80GB.
std::vector<std::string> words_of(const std::string& name) {
    std::vector<std::string> words(1);
    for (const char letter : name) {
        if (letter == ' ' || letter == '-')
            words.emplace_back();
        else
            words.back() += letter;
    }
    return words;
}

bool is_socketed(const Row& row, const std::string& name) {
    const auto says = [&](const char* word) { return name.find(word) != std::string::npos; };
    if (row.sockets == Sockets::never) return false;
    if (row.sockets == Sockets::named) return says("SXM");
    return !says("PCIe") && !says("NVL") && !says("HBM2e");
}

// Superchips with a CPU of NVIDIA's. Source: NVIDIA MNNVL User Guide.
constexpr std::string_view rack_words[] = {"GB200", "GB300", "GH200", "VR200",
                                           "NVL32", "NVL36", "NVL72", "NVL144"};

}  // namespace

std::optional<GpuModel> model_of(const std::string& name) {
    // A MIG slice or a workstation card ("RTX A6000", "RTX PRO 6000") is none of these.
    if (name.find("RTX") != std::string::npos || name.find("MIG") != std::string::npos)
        return std::nullopt;
    const std::vector<std::string> words = words_of(name);
    for (const Row& row : rows) {
        if (std::find(words.begin(), words.end(), row.word) == words.end()) continue;
        GpuModel model;
        if (is_socketed(row, name)) model.nvlinks = row.nvlinks;
        return model;
    }
    return std::nullopt;
}

bool joins_rack_fabric(const std::string& name) {
    const std::vector<std::string> words = words_of(name);
    return std::any_of(std::begin(rack_words), std::end(rack_words), [&](std::string_view word) {
        return std::find(words.begin(), words.end(), word) != words.end();
    });
}

}  // namespace warpstep::check
