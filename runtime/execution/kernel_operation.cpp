// SPDX-License-Identifier: Apache-2.0
// Steps that run a kernel of the catalog.
#include <cstring>
#include <optional>
#include <utility>

#include "kernels/catalog.hpp"
#include "runtime/base/error.hpp"
#include "runtime/execution/operation_kinds.hpp"

namespace warpstep::execution {
namespace {

using kernels::Parameter;

class KernelOperation final : public Operation {
  public:
    KernelOperation(const kernels::Kernel& kernel, const workload::Step& step, Bindings& bindings)
        : kernel_(kernel), scope_(bindings.scope), storage_(bindings.storage) {
        bind_rows(step, bindings);
        for (const auto& parameter : kernel.parameters) bind(parameter, step, bindings);
        launch_.emplace(kernel, arguments_, bindings.machine);
        if (!kernel.report.empty() && step.with.count("report") > 0) {
            report_ = &buffer_argument(step, "report", bindings);
            stream_ = bindings.machine.device.make_stream();
        }
    }

    void issue(device::Stream& stream) override {
        if (batch_ != nullptr) {
            arguments_.set_buffer("x", batch_->inputs(),
                                  batch_->rows() * batch_->dataset().features());
            arguments_.set_buffer("y", batch_->targets(), batch_->rows());
        }
        for (const auto& [name, expression] : numbers_each_time_) {
            arguments_.set_number(name, expression.evaluate_number(scope_));
        }
        if (batch_ != nullptr || !numbers_each_time_.empty()) launch_->update();
        (*launch_)(stream);
    }

    double bytes() const override { return kernel_.bytes(arguments_); }
    double flops() const override { return kernel_.flops(arguments_); }
    std::vector<std::string> writes() const override { return writes_; }
    std::vector<std::string> updates() const override { return updates_; }
    std::map<std::string, double> numbers() const override {
        std::map<std::string, double> found;
        if (report_ == nullptr) return found;
        const auto words = storage_.read(report_->plan.name, 0, report_->plan.count, *stream_);
        for (std::size_t i = 0; i < kernel_.report.size(); ++i) {
            std::int64_t word = 0;
            std::memcpy(&word, words.data() + i * sizeof word, sizeof word);
            found.emplace(kernel_.report[i].name, static_cast<double>(word));
        }
        return found;
    }

  private:
    void bind_rows(const workload::Step& step, Bindings& bindings) {
        const auto it = step.with.find("data");
        if (it == step.with.end()) return;
        batch_ = bindings.batches.at(it->second.value.root().text);
        arguments_.buffer("x", batch_->inputs(), 0, DType::f32);
        arguments_.buffer("y", batch_->targets(), 0, DType::f32);
        // One row is enough to prepare a launch; issue() sets the rows of each batch.
        arguments_.set_buffer("x", batch_->inputs(), batch_->dataset().features());
        arguments_.set_buffer("y", batch_->targets(), 1);
    }

    void bind(const Parameter& parameter, const workload::Step& step, Bindings& bindings) {
        if (batch_ != nullptr && (parameter.name == "x" || parameter.name == "y")) return;
        const auto it = step.with.find(parameter.name);
        if (it == step.with.end()) {
            if (parameter.role == Parameter::Role::word) {
                arguments_.word(parameter.name, parameter.words.front());
            } else if (parameter.role == Parameter::Role::value) {
                arguments_.number(parameter.name, parameter.default_number);
            }
            return;
        }
        if (parameter.role == Parameter::Role::word) {
            arguments_.word(parameter.name, it->second.value.root().text);
            return;
        }
        if (parameter.role == Parameter::Role::value) {
            bind_number(parameter.name, it->second.value);
            return;
        }
        const NamedBuffer& buffer = buffer_argument(step, parameter.name, bindings);
        arguments_.buffer(parameter.name, buffer.data(), buffer.plan.shape, buffer.plan.dtype);
        if (parameter.role != Parameter::Role::read) writes_.push_back(buffer.plan.name);
        if (parameter.role == Parameter::Role::update) updates_.push_back(buffer.plan.name);
    }

    // A value that reads a loop variable is evaluated at every launch, any other one once.
    void bind_number(const std::string& name, const workload::Expression& expression) {
        for (const auto& used : expression.names()) {
            if (!scope_.is_loop_name(used)) continue;
            numbers_each_time_.emplace_back(name, expression);
            arguments_.number(name, 0);
            return;
        }
        arguments_.number(name, expression.evaluate_number(scope_));
    }

    const kernels::Kernel& kernel_;
    const plan::RankScope& scope_;
    const Storage& storage_;
    std::unique_ptr<device::Stream> stream_;  ///< reads the report
    const NamedBuffer* report_ = nullptr;
    const data::Batch* batch_ = nullptr;
    kernels::Arguments arguments_;
    std::optional<Launch> launch_;
    std::vector<std::pair<std::string, workload::Expression>> numbers_each_time_;
    std::vector<std::string> writes_, updates_;
};

}  // namespace

Launch::Launch(const kernels::Kernel& kernel, const kernels::Arguments& arguments,
               const Machine& machine)
    : kernel_(kernel), arguments_(arguments), cores_(machine.cores) {
    if (machine.device.facts().kind == device::Kind::host) return;
    prepared_ = machine.cuda->prepare(machine.device, kernel.name, arguments);
    if (prepared_ == nullptr) {
        fail<EnvironmentError>(
            "the CUDA module has no kernel '{}' (it is older than this warpstep); install both "
            "together",
            kernel.name);
    }
}

void Launch::update() {
    if (prepared_ != nullptr) prepared_->update(arguments_);
}

void Launch::operator()(device::Stream& stream) const {
    if (prepared_ != nullptr) {
        prepared_->issue(stream);
    } else {
        kernel_.host(arguments_, cores_);
    }
}

const NamedBuffer& buffer_argument(const workload::Step& step, const std::string& argument,
                                   const Bindings& bindings) {
    return bindings.storage.at(step.with.at(argument).value.root().text);
}

std::unique_ptr<Operation> make_kernel_operation(const workload::Step& step, Bindings& bindings) {
    const kernels::Kernel* kernel = kernels::find(step.run);
    if (kernel == nullptr) fail<LogicError>("no operation '{}'", step.run);
    return std::make_unique<KernelOperation>(*kernel, step, bindings);
}

}  // namespace warpstep::execution
