// SPDX-License-Identifier: Apache-2.0
#include "runtime/plan/store_file.hpp"

#include <algorithm>
#include <filesystem>
#include <vector>

#include "runtime/base/error.hpp"
#include "runtime/base/text.hpp"
#include "runtime/data/npy_header.hpp"

namespace warpstep::plan {
namespace {

const std::vector<std::string> placeholders{"rank", "device", "epoch"};

bool has(const std::string& file, const std::string& placeholder) {
    return file.find("{" + placeholder + "}") != std::string::npos;
}

void fill(std::string& file, const std::string& placeholder, std::string_view name,
          const RankScope& scope) {
    const std::string wanted = "{" + placeholder + "}";
    for (auto at = file.find(wanted); at != std::string::npos; at = file.find(wanted)) {
        file.replace(at, wanted.size(), workload::show(*scope.find(name)));
    }
}

void check_placeholders(const std::string& file) {
    for (auto open = file.find('{'); open != std::string::npos; open = file.find('{', open + 1)) {
        const auto close = file.find('}', open);
        const std::string name = file.substr(open + 1, close - open - 1);
        if (close == std::string::npos ||
            std::find(placeholders.begin(), placeholders.end(), name) == placeholders.end()) {
            fail<ConfigError>("'file: {}' has an unknown placeholder '{{{}}}'{}", file, name,
                              suggestion(name, placeholders));
        }
    }
}

// One file has one writer: the names of the ranks' and the devices' files must differ.
bool is_writer(const workload::Step& step, const std::string& file, const RankScope& scope) {
    const auto rank = step.with.find("rank");
    std::int64_t writer = 0;
    if (rank != step.with.end()) {
        writer = rank->second.value.evaluate_count(scope);
        const std::int64_t ranks = scope.count("ranks");
        if (writer < 0 || writer >= ranks) {
            fail<ConfigError>("'rank' is {} (there are ranks 0 to {}); name one of them", writer,
                              ranks - 1);
        }
    }
    const bool every_rank = has(file, "rank") && rank == step.with.end();
    const bool every_device = has(file, "device") || step.device.has_value();
    return (every_rank || writer == scope.count("rank")) &&
           (every_device || scope.count("device.index") == 0);
}

}  // namespace

StoreFile store_file(const workload::Step& step, const BufferPlan& buffer, const RankScope& scope) {
    StoreFile store{step.with.at("file").text, {}, false};
    const auto type = data::npy_type(buffer.dtype);
    if (!type) {
        fail<ConfigError>(
            "buffer '{}' is {} (NumPy has no such type); store a buffer of f32 or f16 that a "
            "step has converted it to",
            buffer.name, name_of(buffer.dtype));
    }
    store.type = *type;
    if (!store.file.ends_with(".npy")) {
        fail<ConfigError>("'file: {}' does not end in .npy (that is what is written); name it so",
                          store.file);
    }
    check_placeholders(store.file);
    store.writes_here = is_writer(step, store.file, scope);
    return store;
}

std::string filled_path(const std::string& file, const RankScope& scope) {
    std::string path = file;
    fill(path, "rank", "rank", scope);
    fill(path, "device", "device.index", scope);
    fill(path, "epoch", "epoch", scope);
    return path;
}

std::optional<NeededFolder> folder_of(const workload::Step& step, const RankScope& scope) {
    if (step.run != "store") return std::nullopt;
    const std::string& file = step.with.at("file").text;
    if (has(file, "epoch") || !is_writer(step, file, scope)) return std::nullopt;
    const std::string path = filled_path(file, scope);
    std::string folder = std::filesystem::path(path).parent_path().string();
    if (folder.empty()) return std::nullopt;
    return NeededFolder{path, std::move(folder)};
}

// Better before the run than after hours of it.
void check_folder(const NeededFolder& needed) {
    std::error_code error;
    if (std::filesystem::is_directory(needed.folder, error)) return;
    fail<EnvironmentError>("cannot write {} ({} is not a folder); make it or name another",
                           needed.path, needed.folder);
}

}  // namespace warpstep::plan
