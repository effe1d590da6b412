// SPDX-License-Identifier: Apache-2.0
// What only the runtime can do and is no collective: what an operation refuses of its arguments, by
// sizes and types alone, and below it its row. What runs it is the file of that name in
// runtime/execution/operations.
#include "kernels/catalog.hpp"
#include "runtime/base/error.hpp"
#include "runtime/plan/kernel_check.hpp"
#include "runtime/plan/operation_entries.hpp"
#include "runtime/plan/store_file.hpp"

namespace warpstep::plan {
namespace {

using namespace entry;
using workload::Step;

void check_copy(const Step& step, const Fitting& fitting) {
    const BufferPlan& from = buffer_given(step, "from", fitting);
    const BufferPlan& to = buffer_given(step, "to", fitting);
    if (from.count == to.count && from.dtype == to.dtype) return;
    fail<ConfigError>(
        "'{}' is {} {} but '{}' is {} {} (a copy needs the same type and count); change one",
        from.name, from.count, name_of(from.dtype), to.name, to.count, name_of(to.dtype));
}

OperationRow copy() {
    OperationRow row{"copy", "to = from, between any two kinds of memory", "2 n size", "0"};
    row.arguments = {from("n"), to("n", "of from's type and count")};
    row.rates = {workload::metric_of("bandwidth")};
    row.check = check_copy;
    return row;
}

void check_halo_exchange(const Step& step, const Fitting& fitting) {
    const BufferPlan& grid = buffer_given(step, "buffer", fitting);
    if (grid.shape.size() == 2 && grid.shape[0] >= 3) return;
    fail<ConfigError>(
        "'{}' has {} (rows of other ranks lie above and below at least one own row); use shape: "
        "[own rows + 2, columns]",
        grid.name,
        grid.shape.size() != 2 ? fmt::format("{} dimensions", grid.shape.size())
                               : fmt::format("{} rows", grid.shape[0]));
}

// Ranks have different numbers of a grid's rows, and cannot allocate them together.
OperationRow halo_exchange() {
    OperationRow row{"halo_exchange", "first and last row = the neighbours' nearest own rows",
                     "2 columns size", "0"};
    row.arguments = {buffer(Role::update, "buffer", "rows columns", "own rows and two halos"),
                     {"periodic",
                      Role::word,
                      false,
                      "",
                      "",
                      "yes: first and last rank are neighbours",
                      std::nullopt,
                      {"no", "yes"}}};
    row.collective = true;
    row.rates = message_rates();
    row.rates[0].no_value = "there is no neighbour";
    row.compared = OperationRow::Compared::columns;
    row.check = check_halo_exchange;
    return row;
}

// What it computes is a kernel's sum over the rows.
void check_linear_evaluate(const Step& step, const Fitting& fitting) {
    const std::string* data = word_given(step, "data");
    const auto found = data == nullptr ? fitting.datasets.end() : fitting.datasets.find(*data);
    if (found == fitting.datasets.end()) {
        fail<ConfigError>(
            "'data: {}' is not a dataset (this step reads all rows); name one of 'datasets'",
            data == nullptr ? "" : *data);
    }
    const BufferPlan& weights = buffer_given(step, "w", fitting);
    Addresses addresses;
    kernels::Arguments arguments;
    arguments.buffer("x", addresses.of("x", 0), found->second, DType::f32)
        .buffer("y", addresses.of("y", 0), 1, DType::f32)
        .buffer("w", addresses.of("w", weights.bytes()), weights.count, weights.dtype)
        .buffer("error", addresses.of("error", 0), 1, DType::f64);
    kernels::find("linear.squared_error")->check(arguments);
}

OperationRow linear_evaluate() {
    OperationRow row{"linear.evaluate", "mse and r2 of a linear model over all rows of a dataset",
                     "rows (features + 1) size", "rows (2 features + 2)"};
    Argument weights = buffer(Role::read, "w", "features", "one more with an intercept");
    weights.types = "f32";
    row.arguments = {{"data", Role::dataset, true, "f32", "", "", "data", {}}, weights};
    row.numbers = {number("mse", "mean of the squared errors, in the target's own units"),
                   number("r2", "1 - mse / variance of the target", "the targets do not vary")};
    row.collective = row.needs_host = true;
    row.check = check_linear_evaluate;
    return row;
}

void check_peer_copy(const Step& step, const Fitting& fitting) {
    const BufferPlan& from = buffer_given(step, "from", fitting);
    const BufferPlan& to = buffer_given(step, "to", fitting);
    if (from.count == to.count && from.dtype == to.dtype && from.name != to.name) return;
    fail<ConfigError>(
        "'{}' is {} {} but '{}' is {} {} (a peer copy needs two buffers of one type and count); "
        "change one",
        from.name, from.count, name_of(from.dtype), to.name, to.count, name_of(to.dtype));
}

// What peers open through CUDA IPC must be the device's own memory.
OperationRow peer_copy() {
    OperationRow row{"peer_copy", "to = from of another task of the node, read directly", "n size",
                     "0"};
    row.arguments = {from("n"), to("n", "of from's type and count"),
                     value("shift", "1", "places further in the ring; default 1")};
    row.collective = true;
    row.rates = {workload::metric_of("bandwidth")};
    row.compared = OperationRow::Compared::bytes;
    row.check = check_peer_copy;
    return row;
}

void check_store(const Step& step, const Fitting& fitting) {
    store_file(step, buffer_given(step, "buffer", fitting), fitting.scope);
}

OperationRow store() {
    OperationRow row{"store", "writes the buffer as an NPY file, all at once", "n size", "0"};
    row.arguments = {
        buffer(Role::read, "buffer", "n"),
        {"file",
         Role::text,
         true,
         "",
         "",
         "path; {rank}, {device} and {epoch} are filled in",
         "result.npy",
         {}},
        value("rank", std::nullopt, "which one writes; default 0, or all with {rank} in the path")};
    row.needs_host = true;
    row.rates = {workload::metric_of("bandwidth")};
    row.check = check_store;
    return row;
}

}  // namespace

std::vector<OperationRow> runtime_operations() {
    return {copy(), halo_exchange(), linear_evaluate(), peer_copy(), store()};
}

}  // namespace warpstep::plan
