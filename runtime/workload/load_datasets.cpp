// SPDX-License-Identifier: Apache-2.0
// `datasets:`, tables of rows.
#include <filesystem>

#include "runtime/workload/load_sections.hpp"

namespace warpstep::workload {
namespace {

namespace fs = std::filesystem;

std::string load_file(const YamlNode& node, const LoadContext& context) {
    const std::string extension = fs::path(node.text()).extension();
    if (extension != ".csv" && extension != ".npy") {
        node.fail("cannot read '{}' as a table (its name does not end in .csv or .npy); convert it",
                  node.text());
    }
    return load_path(node, context);
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

LinearData load_generate(const YamlNode& node, const LoadContext& context) {
    const Fields fields(Fields(node, generate_section()).at("linear"), linear_section());
    return {*load_count(fields, "samples", context), *load_count(fields, "features", context),
            load_fixed(fields, "noise", context), load_count(fields, "seed", context)};
}

void load_batch(const YamlNode& node, const LoadContext& context, DatasetSpec& spec) {
    const Fields fields(node, batch_section());
    const bool global = fields.find("global") != nullptr;
    spec.split = global ? DatasetSpec::Split::global : DatasetSpec::Split::per_rank;
    spec.batch = *load_count(fields, global ? "global" : "per_rank", context);
}

void load_shuffle(const YamlNode& node, const LoadContext& context, DatasetSpec& spec) {
    const Fields fields(node, shuffle_section());
    spec.shuffle_seed = load_count(fields, "seed", context);
    spec.shuffle_once = fields.word("every", shuffle_words, false);
}

void load_shard(const YamlNode& node, DatasetSpec& spec) {
    const Fields fields(node, shard_section());
    if (spec.split == DatasetSpec::Split::global) {
        node.fail(
            "'shard' deals rows out before they are put in batches, 'batch.global' afterwards "
            "(line {}); write batch: {{ per_rank: N }} or remove 'shard'",
            spec.batch.mark().line);
    }
    spec.shard = fields.word("uneven", uneven_words, Uneven::wrap);
}

DatasetSpec load_dataset(const YamlMap::Entry& entry, const LoadContext& context) {
    const Fields fields(entry.value, dataset_section());
    DatasetSpec spec;
    spec.name = entry.key;
    spec.mark = entry.mark;
    if (const YamlNode* file = fields.find("file")) {
        spec.file = load_file(*file, context);
        spec.target = load_target(fields.at("target"), spec.file);
    } else {
        spec.generate = load_generate(fields.at("generate"), context);
    }
    spec.standardize = fields.truth("standardize");
    spec.intercept = fields.truth("intercept");
    load_batch(fields.at("batch"), context, spec);
    if (const YamlNode* node = fields.find("shuffle")) load_shuffle(*node, context, spec);
    if (const YamlNode* node = fields.find("shard")) load_shard(*node, spec);
    return spec;
}

}  // namespace

std::vector<DatasetSpec> load_datasets(const YamlNode* node, LoadContext& context) {
    std::vector<DatasetSpec> specs;
    if (node == nullptr) return specs;
    const YamlMap map = node->map();
    for (const YamlMap::Entry& entry : map.entries()) {
        context.names.declare(DeclaredNames::Kind::dataset, entry.key, entry.mark);
        context.errors.gather([&] { specs.push_back(load_dataset(entry, context)); });
    }
    return specs;
}

}  // namespace warpstep::workload
