// SPDX-License-Identifier: Apache-2.0
// The exchange of the rows that neighbouring ranks share.
#include <algorithm>

#include "runtime/base/error.hpp"
#include "runtime/execution/operation_kinds.hpp"

namespace warpstep::execution {
namespace {

/// One grid whose rows are dealt out to the ranks in blocks, from the top: rank r has its own rows
/// between two halos, which this fills.
///     row 0 <- the last own row of rank - 1,  the last row <- the first own row of rank + 1
/// Shape:  buffer [own rows + 2, columns] of any type; at least one own row, and as many columns on
///         every rank; ranks may have different numbers of rows.
/// Words:  periodic: no leaves the first row of the first rank and the last row of the last one as
///         they are; yes closes the ring.
/// Units:  a rank sends two rows of columns elements (one where there are two ranks).
/// Collective. Rows that are sent are not changed, so halos are all that it writes.
class HaloExchange final : public Operation {
  public:
    HaloExchange(const NamedBuffer& grid, bool periodic, comm::Communicator& communicator)
        : grid_(grid), communicator_(communicator) {
        const int rank = communicator.rank();
        const int n = communicator.size();
        if (periodic || rank > 0) above_ = (rank + n - 1) % n;
        if (periodic || rank + 1 < n) below_ = (rank + 1) % n;
        messages_ = periodic ? 2 : std::min(n - 1, 2);
    }

    void issue(device::Stream& stream) override {
        const std::int64_t last = grid_.plan.shape[0] - 1;
        const DType dtype = grid_.plan.dtype;
        const auto columns = static_cast<std::size_t>(grid_.plan.shape[1]);
        if (columns == 0) return;
        // Where both neighbours are one rank, its messages are told apart by their order alone:
        // what goes down is sent first and received first.
        communicator_.group([&] {
            if (below_ >= 0) communicator_.send(row(last - 1), columns, dtype, below_, stream);
            if (above_ >= 0) communicator_.send(row(1), columns, dtype, above_, stream);
            if (above_ >= 0) communicator_.recv(row(0), columns, dtype, above_, stream);
            if (below_ >= 0) communicator_.recv(row(last), columns, dtype, below_, stream);
        });
    }
    double message_bytes() const override {
        return messages_ * static_cast<double>(grid_.plan.shape[1]) *
               static_cast<double>(size_of(grid_.plan.dtype));
    }
    double bus_factor() const override { return communicator_.size() > 1 ? 1 : 0; }
    std::vector<std::string> writes() const override { return {grid_.plan.name}; }
    std::vector<std::string> updates() const override { return {grid_.plan.name}; }

  private:
    void* row(std::int64_t i) const {
        const auto bytes =
            static_cast<std::size_t>(grid_.plan.shape[1]) * size_of(grid_.plan.dtype);
        return static_cast<char*>(grid_.data()) + static_cast<std::size_t>(i) * bytes;
    }

    const NamedBuffer& grid_;
    comm::Communicator& communicator_;
    int above_ = -1, below_ = -1;  ///< -1: none
    int messages_ = 0;             ///< of the rank that sends most
};

}  // namespace

std::unique_ptr<Operation> make_halo_exchange(const workload::Step& step, Bindings& bindings) {
    const auto word = step.with.find("periodic");
    const bool periodic = word != step.with.end() && word->second.value.root().text == "yes";
    return std::make_unique<HaloExchange>(buffer_argument(step, "buffer", bindings), periodic,
                                          bindings.machine.communicator);
}

}  // namespace warpstep::execution
