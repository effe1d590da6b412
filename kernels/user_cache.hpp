// SPDX-License-Identifier: Apache-2.0
// Compiled images on disk, so that the tasks of a node compile a kernel once, and the next job not
// at all.
#pragma once

#include <functional>
#include <string>

#include "kernels/user_kernel.hpp"
#include "runtime/base/deadline.hpp"

namespace warpstep::kernels {

/// What an image depends on, as text: source, place, options, architecture, compiler, headers. ""
/// when it cannot be told (HeaderScan::complete), which means: compile every time.
std::string image_key(const KernelSource& source, const std::string& arch,
                      const std::string& compiler);

/// WARPSTEP_CACHE_DIR, else XDG_CACHE_HOME/warpstep, else HOME/.cache/warpstep, else
/// /tmp/warpstep-UID; made when it is missing. "" when that cannot be written, or when it is not
/// the caller's or others could write there; of WARPSTEP_CACHE_DIR that is said, once.
std::string image_cache_folder();

/// Safe for any number of tasks and threads at once, on file systems with and without locks.
/// Entries are written under a temporary name and renamed; damaged ones are made again.
class ImageCache {
  public:
    static constexpr int most_entries = 256;

    /// `folder` "": every get() makes its image.
    explicit ImageCache(std::string folder) : folder_(std::move(folder)) {}

    /// The image of `key`; where there is none, one task calls `make` and the others wait for it
    /// until the deadline, then make their own. Errors: those of `make`, also in tasks that waited
    /// for one that failed. Never fails because of the folder.
    KernelImage get(const std::string& key, Deadline deadline,
                    const std::function<KernelImage()>& make) const;

    /// The file that holds the image of `key`, "" without a folder.
    std::string file_of(const std::string& key) const;

  private:
    std::string folder_;
};

}  // namespace warpstep::kernels
