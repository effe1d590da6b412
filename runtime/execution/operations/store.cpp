// SPDX-License-Identifier: Apache-2.0
// `run: store` writes a buffer as an NPY file.
#include <algorithm>

#include "runtime/base/error.hpp"
#include "runtime/base/output_file.hpp"
#include "runtime/data/npy_header.hpp"
#include "runtime/execution/operation_kinds.hpp"
#include "runtime/plan/store_file.hpp"

namespace warpstep::execution {
namespace {

// Bytes that are brought to the host at a time: a rank's memory stays small.
constexpr std::size_t piece_bytes = 16 << 20;

class StoreOperation final : public Operation {
  public:
    StoreOperation(const workload::Step& step, const NamedBuffer& buffer, const Storage& storage,
                   const plan::RankScope& scope)
        : storage_(storage),
          scope_(scope),
          plan_(buffer.plan),
          store_(plan::store_file(step, plan_, scope)) {}

    void issue(device::Stream& stream) override {
        if (!store_.writes_here) return;
        OutputFile out(plan::filled_path(store_.file, scope_));
        out.write(data::npy_header(store_.type, plan_.shape));
        const auto piece = static_cast<std::int64_t>(piece_bytes / size_of(plan_.dtype));
        for (std::int64_t begin = 0; begin < plan_.count; begin += piece) {
            const auto bytes =
                storage_.read(plan_.name, begin, std::min(piece, plan_.count - begin), stream);
            out.write({bytes.data(), bytes.size()});
        }
        out.commit();
    }
    double bytes() const override {
        return store_.writes_here ? static_cast<double>(plan_.bytes()) : 0;
    }

  private:
    const Storage& storage_;
    const plan::RankScope& scope_;
    plan::BufferPlan plan_;
    plan::StoreFile store_;
};

}  // namespace

std::unique_ptr<Operation> make_store(const workload::Step& step, Bindings& bindings) {
    return std::make_unique<StoreOperation>(step, buffer_argument(step, "buffer", bindings),
                                            bindings.storage, bindings.scope);
}

}  // namespace warpstep::execution
