// SPDX-License-Identifier: Apache-2.0
#include "runtime/execution/operation_kinds.hpp"

namespace warpstep::execution {
namespace {

class CopyOperation final : public Operation {
  public:
    CopyOperation(const NamedBuffer& from, const NamedBuffer& to, device::Device& device)
        : from_(from), to_(to), device_(device) {}
    void issue(device::Stream& stream) override {
        device_.copy(to_.data(), from_.data(), from_.plan.bytes(), stream);
    }
    double bytes() const override { return 2 * static_cast<double>(from_.plan.bytes()); }
    std::vector<std::string> writes() const override { return {to_.plan.name}; }

  private:
    const NamedBuffer& from_;
    const NamedBuffer& to_;
    device::Device& device_;
};

}  // namespace

std::unique_ptr<Operation> make_copy(const workload::Step& step, Bindings& bindings) {
    return std::make_unique<CopyOperation>(buffer_argument(step, "from", bindings),
                                           buffer_argument(step, "to", bindings),
                                           bindings.machine.device);
}

}  // namespace warpstep::execution
