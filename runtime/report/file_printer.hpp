// SPDX-License-Identifier: Apache-2.0
// A printer that turns a report into one text and puts it where it was asked for. Private to this
// room.
#pragma once

#include <string>

#include "runtime/report/printer.hpp"

namespace warpstep::report {

class FilePrinter final : public Printer {
  public:
    using Format = std::string (*)(const Report&);
    /// `path` "-" is stdout.
    FilePrinter(std::string path, Format format);
    /// Atomic: a reader sees the old file or the new one. Errors: EnvironmentError naming the path.
    void print(const Report& report) override;

  private:
    std::string path_;
    Format format_;
};

}  // namespace warpstep::report
