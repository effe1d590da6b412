// SPDX-License-Identifier: Apache-2.0
// `datasets:`, tables of rows on disk.
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "runtime/workload/load_sections.hpp"

namespace warpstep::workload {
namespace {

namespace fs = std::filesystem;

std::string load_file(const YamlNode& node, const std::string& workload_path) {
    const fs::path file = fs::path(workload_path).parent_path() / node.text();
    const std::string extension = file.extension();
    if (extension != ".csv" && extension != ".npy") {
        node.fail("cannot read '{}' as a table (its name does not end in .csv or .npy); convert it",
                  node.text());
    }
    std::error_code error;
    if (fs::is_directory(file, error))
        node.fail("cannot read {} (it is a directory); name a file", file.string());
    if (::access(file.c_str(), R_OK) != 0) {
        node.fail("cannot read {} ({}); paths are relative to the workload file", file.string(),
                  std::strerror(errno));
    }
    return file.string();
}

std::string load_target(const YamlNode& node, const std::string& file) {
    std::string target = node.text();
    if (target.empty()) node.fail("'target' is empty; name a column");
    if (fs::path(file).extension() == ".npy" && target != "last") {
        node.fail("the target of an .npy file must be 'last' (its columns have no names), not '{}'",
                  target);
    }
    return target;
}

void load_batch(const YamlNode& node, const LoadContext& context, DatasetSpec& spec) {
    const YamlMap map = node.map();
    map.allow({"global", "per_rank"});
    const YamlNode* global = map.find("global");
    const YamlNode* per_rank = map.find("per_rank");
    if ((global == nullptr) == (per_rank == nullptr)) {
        node.fail("'batch' needs exactly one of 'global' and 'per_rank'");
    }
    spec.split = global != nullptr ? DatasetSpec::Split::global : DatasetSpec::Split::per_rank;
    spec.batch = load_count(global != nullptr ? *global : *per_rank, context, 1);
}

Expression load_shuffle(const YamlNode& node, const LoadContext& context) {
    const YamlMap map = node.map();
    map.allow({"seed", "every"});
    if (const YamlNode* every = map.find("every")) every->one_of({"epoch"});
    return load_count(map.require("seed"), context, 0);
}

DatasetSpec load_dataset(const YamlMap::Entry& entry, const LoadContext& context) {
    const YamlMap map = entry.value.map();
    map.allow({"file", "target", "standardize", "intercept", "batch", "shuffle"},
              {{"generate", "tables are read from files"},
               {"shard", "the rows of every batch are split over the ranks"}});
    DatasetSpec spec;
    spec.name = entry.key;
    spec.mark = entry.mark;
    spec.file = load_file(map.require("file"), context.path);
    spec.target = load_target(map.require("target"), spec.file);
    if (const YamlNode* node = map.find("standardize")) spec.standardize = node->truth();
    if (const YamlNode* node = map.find("intercept")) spec.intercept = node->truth();
    load_batch(map.require("batch"), context, spec);
    if (const YamlNode* node = map.find("shuffle"))
        spec.shuffle_seed = load_shuffle(*node, context);
    return spec;
}

}  // namespace

std::vector<DatasetSpec> load_datasets(const YamlNode* node, LoadContext& context) {
    std::vector<DatasetSpec> specs;
    if (node == nullptr) return specs;
    const YamlMap map = node->map();
    for (const YamlMap::Entry& entry : map.entries()) {
        context.names.declare(DeclaredNames::Kind::dataset, entry.key, entry.mark);
        specs.push_back(load_dataset(entry, context));
    }
    return specs;
}

}  // namespace warpstep::workload
