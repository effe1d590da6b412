// SPDX-License-Identifier: Apache-2.0
// Where `run: store` writes.
#pragma once

#include <optional>
#include <string>

#include "runtime/plan/buffers.hpp"
#include "runtime/plan/rank_scope.hpp"
#include "runtime/workload/workload.hpp"

namespace warpstep::plan {

/// What this device writes.
struct StoreFile {
    std::string file;          ///< as written in the workload
    std::string_view type;     ///< of the elements, as NumPy names it
    bool writes_here = false;  ///< one file has one writer
};

/// Errors: ConfigError for a type that NumPy has not, a path that is none, a rank that is none.
StoreFile store_file(const workload::Step& step, const BufferPlan& buffer, const RankScope& scope);
/// `file` with {rank}, {device} and {epoch} filled in.
std::string filled_path(const std::string& file, const RankScope& scope);

/// A folder that must be there before the run.
struct NeededFolder {
    std::string path;  ///< of the file
    std::string folder;
};
/// Of a `store` that writes here into one folder; what depends on the epoch is seen at its turn.
/// Precondition: store_file() accepts the step.
std::optional<NeededFolder> folder_of(const workload::Step& step, const RankScope& scope);
/// Errors: EnvironmentError.
void check_folder(const NeededFolder& needed);

}  // namespace warpstep::plan
