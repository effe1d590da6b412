// SPDX-License-Identifier: Apache-2.0
// `run: store` writes a buffer as an NPY file.
#include <algorithm>
#include <filesystem>

#include "runtime/base/error.hpp"
#include "runtime/base/output_file.hpp"
#include "runtime/base/text.hpp"
#include "runtime/data/npy_header.hpp"
#include "runtime/execution/operation_kinds.hpp"

namespace warpstep::execution {
namespace {

// Bytes that are brought to the host at a time: a rank's memory stays small.
constexpr std::size_t piece_bytes = 16 << 20;

const std::vector<std::string> placeholders{"rank", "device", "epoch"};

bool has(const std::string& file, const std::string& placeholder) {
    return file.find("{" + placeholder + "}") != std::string::npos;
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

std::string filled(std::string file, const std::string& placeholder, const std::string& value) {
    const std::string wanted = "{" + placeholder + "}";
    for (auto at = file.find(wanted); at != std::string::npos; at = file.find(wanted)) {
        file.replace(at, wanted.size(), value);
    }
    return file;
}

class StoreOperation final : public Operation {
  public:
    StoreOperation(const workload::Step& step, const NamedBuffer& buffer, const Machine& machine,
                   const Storage& storage, const plan::RankScope& scope)
        : machine_(machine),
          storage_(storage),
          scope_(scope),
          plan_(buffer.plan),
          file_(step.with.at("file").text) {
        const auto type = data::npy_type(plan_.dtype);
        if (!type) {
            fail<ConfigError>(
                "buffer '{}' is {} (NumPy has no such type); store a buffer of f32 or f16 that a "
                "step has converted it to",
                plan_.name, name_of(plan_.dtype));
        }
        type_ = *type;
        if (!file_.ends_with(".npy")) {
            fail<ConfigError>(
                "'file: {}' does not end in .npy (that is what is written); name it "
                "so",
                file_);
        }
        check_placeholders(file_);
        writes_here_ = is_writer(step);
        if (writes_here_ && !has(file_, "epoch")) check_folder();
    }

    void issue(device::Stream& stream) override {
        if (!writes_here_) return;
        OutputFile out(path());
        out.write(data::npy_header(type_, plan_.shape));
        const auto piece = static_cast<std::int64_t>(piece_bytes / size_of(plan_.dtype));
        for (std::int64_t begin = 0; begin < plan_.count; begin += piece) {
            const auto bytes =
                storage_.read(plan_.name, begin, std::min(piece, plan_.count - begin), stream);
            out.write({bytes.data(), bytes.size()});
        }
        out.commit();
    }
    double bytes() const override { return writes_here_ ? static_cast<double>(plan_.bytes()) : 0; }

  private:
    // One file has one writer: the names of the ranks' and the devices' files must differ.
    bool is_writer(const workload::Step& step) const {
        const auto rank = step.with.find("rank");
        std::int64_t writer = 0;
        if (rank != step.with.end()) {
            writer = rank->second.value.evaluate_count(scope_);
            if (writer < 0 || writer >= machine_.step.size) {
                fail<ConfigError>("'rank' is {} (there are ranks 0 to {}); name one of them",
                                  writer, machine_.step.size - 1);
            }
        }
        const bool every_rank = has(file_, "rank") && rank == step.with.end();
        const bool every_device = has(file_, "device") || step.device.has_value();
        return (every_rank || writer == machine_.step.rank) &&
               (every_device || machine_.device_index == 0);
    }

    // Better before the run than after hours of it.
    void check_folder() const {
        const auto folder = std::filesystem::path(path()).parent_path();
        std::error_code error;
        if (folder.empty() || std::filesystem::is_directory(folder, error)) return;
        fail<EnvironmentError>("cannot write {} ({} is not a folder); make it or name another",
                               path(), folder.string());
    }

    std::string path() const {
        std::string path = filled(file_, "rank", std::to_string(machine_.step.rank));
        path = filled(path, "device", std::to_string(machine_.device_index));
        if (!has(path, "epoch")) return path;
        return filled(path, "epoch", workload::show(*scope_.find("epoch")));
    }

    const Machine& machine_;
    const Storage& storage_;
    const plan::RankScope& scope_;
    plan::BufferPlan plan_;
    std::string file_;
    std::string_view type_;
    bool writes_here_ = false;
};

}  // namespace

std::unique_ptr<Operation> make_store(const workload::Step& step, const Machine& machine,
                                      const Storage& storage, const plan::RankScope& scope) {
    const std::string& name = step.with.at("buffer").value.root().text;
    if (!storage.has(name)) {
        fail<ConfigError>("'buffer: {}' is not a buffer; declare it under 'buffers'", name);
    }
    return std::make_unique<StoreOperation>(step, storage.at(name), machine, storage, scope);
}

}  // namespace warpstep::execution
