// SPDX-License-Identifier: Apache-2.0
// Steps that run a kernel of the user's.
#include "runtime/base/error.hpp"
#include "runtime/execution/operation_kinds.hpp"
#include "runtime/execution/user_kernel.hpp"

namespace warpstep::execution {
namespace {

using Role = workload::KernelArgument::Role;

class UserKernelOperation final : public Operation {
  public:
    UserKernelOperation(const workload::KernelSpec& spec, Bindings& bindings)
        : plan_(plan::plan_launch(spec, bindings.scope)),
          kernel_(bindings.kernels.load(spec, bindings.machine)) {
        for (std::size_t i = 0; i < spec.args.size(); ++i) bind(spec.args[i], i, bindings.storage);
        // The addresses of pointers_ stay: it is full from here on.
        for (std::size_t i = 0; i < spec.args.size(); ++i) {
            values_.push_back(spec.args[i].value ? static_cast<void*>(plan_.bits[i].data())
                                                 : &pointers_[i]);
        }
        if (plan_.empty) return;
        try {
            kernel_->check(plan_.shape);
        } catch (const ConfigError& error) {
            fail<ConfigError>("{}: kernel '{}': {}", show(spec.mark), spec.name, error.what());
        }
    }

    void issue(device::Stream& stream) override {
        if (!plan_.empty) kernel_->launch(plan_.shape, values_, stream);
    }

    double bytes() const override { return plan_.bytes; }
    double flops() const override { return plan_.flops; }
    std::vector<std::string> writes() const override { return writes_; }
    std::vector<std::string> updates() const override { return updates_; }

  private:
    void bind(const workload::KernelArgument& argument, std::size_t i, const Storage& storage) {
        pointers_.push_back(nullptr);
        if (argument.role == Role::value) return;
        pointers_[i] = storage.at(argument.buffer).data();
        if (argument.role == Role::read) return;
        writes_.push_back(argument.buffer);
        if (argument.role == Role::update) updates_.push_back(argument.buffer);
    }

    plan::LaunchPlan plan_;
    std::shared_ptr<kernels::LoadedKernel> kernel_;
    std::vector<void*> pointers_, values_;
    std::vector<std::string> writes_, updates_;
};

}  // namespace

std::unique_ptr<Operation> make_user_kernel_operation(const workload::KernelSpec& spec,
                                                      Bindings& bindings) {
    return std::make_unique<UserKernelOperation>(spec, bindings);
}

}  // namespace warpstep::execution
