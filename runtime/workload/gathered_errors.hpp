// SPDX-License-Identifier: Apache-2.0
// The errors of one file, so that its author mends them in one round.
#pragma once

#include <string>
#include <vector>

#include "runtime/workload/place.hpp"

namespace warpstep::workload {

/// Several of them as one error, a line each.
struct ManyErrors : ConfigError {
    explicit ManyErrors(std::vector<PlacedError> all);
    std::vector<PlacedError> each;
};

class GatheredErrors {
  public:
    /// Whether `read` went through; its ConfigError is kept.
    template <typename Read>
    bool gather(const Read& read) {
        try {
            read();
            return true;
        } catch (const ManyErrors& errors) {
            for (const PlacedError& error : errors.each) add(error);
        } catch (const PlacedError& error) {
            add(error);
        } catch (const ConfigError& error) {
            add(PlacedError({}, error.what()));
        }
        return false;
    }
    /// Errors: what was gathered, in the order of the file: the one, or ManyErrors.
    void conclude() const;

  private:
    void add(const PlacedError& error);

    std::vector<PlacedError> errors_;
};

}  // namespace warpstep::workload
