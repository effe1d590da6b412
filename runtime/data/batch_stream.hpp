// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <memory>
#include <vector>

#include "runtime/data/background.hpp"
#include "runtime/data/batch.hpp"
#include "runtime/data/seen_rows.hpp"
#include "runtime/device/device.hpp"
#include "runtime/device/host/cores.hpp"

namespace warpstep::data {

/// One member's batches, one after the other, epoch by epoch; it is itself the current batch.
/// Large batches are prepared while the one before is computed on: threads gather them, and on
/// CUDA a stream of its own copies them from page-locked memory, so there is memory for two.
/// Small ones are prepared when they are asked for, which costs less than waking a thread.
class BatchStream final : public Batch {
  public:
    /// A batch of this many bytes or more is prepared ahead, unless it lies in the memory of the
    /// host device already.
    static constexpr std::int64_t ahead_bytes = 256 * 1024;

    /// In the shares of `dataset.cut()`. Errors: DeviceError; ConfigError when there is no batch.
    BatchStream(device::Device& device, const device::host::Cores& cores, const Dataset& dataset,
                int member, int members);
    /// In other shares.
    BatchStream(device::Device& device, const device::host::Cores& cores, const Dataset& dataset,
                const Cut& cut, int member, int members);
    ~BatchStream();
    BatchStream(const BatchStream&) = delete;
    BatchStream& operator=(const BatchStream&) = delete;

    /// Batches of an epoch, the same on all members.
    std::int64_t turns() const { return turns_; }
    /// In the order of this epoch. Errors: those of preparing its first batch, later.
    void begin_epoch(std::int64_t epoch);
    /// The next batch of the epoch becomes the current one; false after the last. Work issued on
    /// `compute` so far may still use the one before; what is issued from now on finds the new one.
    /// Errors: ConfigError for a number that is not finite, with file and row; DeviceError.
    bool next(device::Stream& compute);

    /// The current batch's targets where the CPU reaches them, until next().
    const float* host_targets() const;
    /// For once_per_epoch().
    const SeenRows& seen() const { return seen_; }
    /// Rows of an epoch that `uneven: wrap` reads once more.
    std::int64_t repeats() const { return cut_.repeats(members_); }

  private:
    struct Slot {
        std::unique_ptr<device::Buffer> inputs, targets;
        std::unique_ptr<device::Buffer> staged_inputs, staged_targets;  ///< CUDA only
        std::unique_ptr<device::Event> copied, used;                    ///< CUDA only
        std::vector<std::int64_t> rows;  ///< of the table, in the order of the batch
        Places places;
    };
    void allocate(Slot& slot, std::int64_t rows) const;
    void aim(Slot& slot, std::int64_t turn) const;
    void gather(Slot& slot, std::int64_t begin, std::int64_t end) const;
    void gather_by_cores(Slot& slot) const;
    void copy(Slot& slot, device::Stream& stream) const;
    void prepare_ahead(std::int64_t turn);
    void show(const Slot& slot, std::int64_t turn);
    void note(const Slot& slot);

    device::Device& device_;
    const device::host::Cores& cores_;
    Cut cut_;
    int member_, members_;
    std::int64_t turns_, turn_ = 0;
    bool staged_, ahead_;
    std::shared_ptr<const EpochOrder> order_;
    std::array<Slot, 2> slots_;
    std::size_t slot_ = 0;  ///< of the current batch
    SeenRows seen_;
    std::unique_ptr<device::Stream> copies_;
    Background background_;  ///< last: ends before what it uses
};

}  // namespace warpstep::data
