// SPDX-License-Identifier: Apache-2.0
#include "runtime/device/gpu_models_file.hpp"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <set>

#include "runtime/base/error.hpp"

namespace warpstep::device {
namespace {

constexpr double giga = 1e9;
constexpr std::uint64_t kibi = 1024;

template <typename... Args>
[[noreturn]] void refuse_entry(const YAML::Node& node, fmt::format_string<Args...> format,
                               Args&&... args) {
    fail<LogicError>("gpu-models.yaml:{}: {}", node.Mark().line + 1,
                     fmt::format(format, std::forward<Args>(args)...));
}

/// A map whose keys are all asked for.
class Entry {
  public:
    explicit Entry(const YAML::Node& node) : node_(node) {
        if (!node.IsMap()) refuse_entry(node, "no map");
    }

    YAML::Node at(const char* key) {
        asked_.insert(key);
        const YAML::Node value = node_[key];
        if (!value) refuse_entry(node_, "no '{}'", key);
        return value;
    }
    template <typename T>
    T get(const char* key) {
        return at(key).as<T>();
    }
    std::uint64_t kib(const char* key) { return get<std::uint64_t>(key) * kibi; }
    bool has(const char* key) const { return static_cast<bool>(node_[key]); }

    void end() const {
        for (const auto& entry : node_) {
            const auto key = entry.first.as<std::string>();
            if (asked_.count(key) == 0) refuse_entry(entry.first, "unknown key '{}'", key);
        }
    }

  private:
    YAML::Node node_;
    std::set<std::string> asked_;
};

LaunchLimits read_launch(Entry entry) {
    using Extents = std::array<std::uint32_t, 3>;
    LaunchLimits launch;
    launch.threads_of_block = entry.get<std::uint64_t>("threads_of_block");
    launch.block = entry.get<Extents>("block");
    launch.grid = entry.get<Extents>("grid");
    launch.registers_of_thread = entry.get<int>("registers_of_thread");
    launch.registers_of_block = entry.get<int>("registers_of_block");
    launch.registers_of_sm = entry.get<int>("registers_of_sm");
    launch.shared_of_block = entry.kib("shared_kib_of_block");
    entry.end();
    return launch;
}

GpuArchitecture read_architecture(const std::string& name, Entry entry) {
    GpuArchitecture architecture;
    architecture.name = name;
    architecture.threads_of_sm = entry.get<int>("threads_of_sm");
    architecture.blocks_of_sm = entry.get<int>("blocks_of_sm");
    architecture.shared_of_block = entry.kib("shared_kib_of_block");
    architecture.shared_of_sm = entry.kib("shared_kib_of_sm");
    entry.end();
    return architecture;
}

NvLinks read_nvlinks(Entry entry) {
    NvLinks links;
    links.generation = entry.get<int>("generation");
    links.links = entry.get<unsigned>("links");
    links.link_bandwidth = entry.get<double>("gb_s") * giga;
    entry.end();
    return links;
}

GpuFamily read_family(const std::string& word, Entry entry) {
    GpuFamily family;
    family.word = word;
    family.arch = entry.get<std::string>("arch");
    if (entry.has("nvlink")) {
        const YAML::Node boards = entry.at("boards");
        const auto which = boards.as<std::string>();
        if (which != "sxm" && which != "socket") refuse_entry(boards, "no boards '{}'", which);
        family.boards = which == "sxm" ? Boards::sxm : Boards::socket;
        family.nvlinks = read_nvlinks(Entry(entry.at("nvlink")));
    }
    entry.end();
    return family;
}

GpuModel read_model(const std::string& word, Entry entry, const std::vector<GpuFamily>& families) {
    GpuModel model;
    model.word = word;
    model.name = entry.get<std::string>("name");
    const YAML::Node named = entry.at("family");
    model.family = named.as<std::string>();
    const auto family = std::find_if(families.begin(), families.end(), [&](const GpuFamily& one) {
        return one.word == model.family;
    });
    if (family == families.end()) refuse_entry(named, "no family '{}'", model.family);
    model.arch = family->arch;
    model.sm_count = entry.get<int>("sms");
    model.memory_bytes = entry.get<std::uint64_t>("memory_gb") * static_cast<std::uint64_t>(giga);
    model.memory_bandwidth = entry.get<double>("memory_gb_s") * giga;
    for (const auto& type : entry.at("teraflops")) {
        model.teraflops.emplace_back(type.first.as<std::string>(), type.second.as<double>());
    }
    entry.end();
    return model;
}

GpuModels read_sections(Entry file) {
    GpuModels all;
    all.launch = read_launch(Entry(file.at("launch")));
    for (const auto& entry : file.at("architectures")) {
        all.architectures.push_back(
            read_architecture(entry.first.as<std::string>(), Entry(entry.second)));
    }
    for (const auto& entry : file.at("families")) {
        all.families.push_back(read_family(entry.first.as<std::string>(), Entry(entry.second)));
        const auto& arch = all.families.back().arch;
        const bool known =
            std::any_of(all.architectures.begin(), all.architectures.end(),
                        [&](const GpuArchitecture& one) { return one.name == arch; });
        if (!known) refuse_entry(entry.second, "no architecture '{}'", arch);
    }
    all.rack_words = file.get<std::vector<std::string>>("racks");
    for (const auto& entry : file.at("models")) {
        all.models.push_back(
            read_model(entry.first.as<std::string>(), Entry(entry.second), all.families));
    }
    file.end();
    return all;
}

}  // namespace

GpuModels read_gpu_models(const std::string& text) {
    try {
        return read_sections(Entry(YAML::Load(text)));
    } catch (const YAML::Exception& error) {
        fail<LogicError>("gpu-models.yaml:{}: {}", error.mark.line + 1, error.msg);
    }
}

}  // namespace warpstep::device
