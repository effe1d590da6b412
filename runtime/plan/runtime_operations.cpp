// SPDX-License-Identifier: Apache-2.0
#include "runtime/plan/runtime_operations.hpp"

#include <utility>

#include "runtime/plan/operation_checks.hpp"

namespace warpstep::plan {
namespace {

using Argument = OperationArgument;
using Arguments = std::vector<Argument>;
using Role = Argument::Role;
using Compared = OperationRow::Compared;

constexpr const char* any = "any";

Argument buffer(Role role, const std::string& name, std::string shape, std::string note = "") {
    return {name, role, true, any, std::move(shape), std::move(note), name, {}};
}
Argument from(std::string shape, std::string note = "") {
    return buffer(Role::read, "from", std::move(shape), std::move(note));
}
Argument to(std::string shape, std::string note = "") {
    return buffer(Role::write, "to", std::move(shape), std::move(note));
}
Argument value(std::string name, std::optional<std::string> example, std::string note) {
    return {std::move(name), Role::value, false, "", "", std::move(note), std::move(example), {}};
}
Argument optional(Argument argument) {
    argument.required = false;
    return argument;
}
Argument left_out(Argument argument) {
    argument.example.reset();
    return optional(std::move(argument));
}

workload::Metric number(std::string name, std::string meaning, std::string no_value = "") {
    workload::Metric metric{std::move(name)};
    metric.meaning = std::move(meaning);
    metric.no_value = std::move(no_value);
    return metric;
}

std::vector<workload::Metric> message_rates() {
    return {workload::metric_of("algbw"), workload::metric_of("busbw")};
}

/// Either one buffer or two.
Arguments in_place(const Arguments& more) {
    Arguments all{optional(buffer(Role::update, "buffer", "n", "in place; or from and to")),
                  left_out(from("n", "with to, instead of buffer")),
                  left_out(to("n", "with from, instead of buffer"))};
    all.insert(all.end(), more.begin(), more.end());
    return all;
}

/// What members do together on memory that they allocate together.
OperationRow collective(std::string name, std::string summary, std::string bytes,
                        Arguments arguments) {
    OperationRow row{std::move(name), std::move(summary), std::move(bytes), "0",
                     std::move(arguments)};
    row.collective = row.together = true;
    row.rates = message_rates();
    row.compared = Compared::elements;
    row.check = check_collective;
    return row;
}

std::vector<OperationRow> collectives() {
    const Argument op{"op", Role::word, false, "",
                      "",   "",         "sum", {"avg", "max", "min", "prod", "sum"}};
    const Argument root = value("root", "0", "a rank; default 0");
    const Argument shift = value("shift", "1", "places further in the ring; default 1");
    const std::string part = "n", all = "n*ranks";
    OperationRow barrier =
        collective("barrier", "no rank goes on before all have come", "0", Arguments{});
    barrier.check = nullptr;
    barrier.rates.clear();
    return {
        barrier,
        collective("all_gather", "to = the parts of all ranks, in their order", "n ranks size",
                   {from(part), to(all)}),
        collective("all_reduce", "the sum (or avg, min, max, prod) over all ranks, on every rank",
                   "n size", in_place({op})),
        collective("all_to_all", "part i goes to rank i", "n ranks size", {from(all), to(all)}),
        collective("broadcast", "the root's content, on every rank", "n size",
                   {buffer(Role::update, "buffer", "n"), root}),
        collective("gather", "to on the root = the parts of all ranks", "n ranks size",
                   {from(part), to(all), root}),
        collective("reduce", "the sum (or avg, min, max, prod) over all ranks, on the root",
                   "n size", in_place({op, root})),
        collective("reduce_scatter", "to = this rank's part of the sum over all ranks",
                   "n ranks size", {from(all), to(part), op}),
        collective("scatter", "to = this rank's part of the root's from", "n ranks size",
                   {from(all), to(part), root}),
        collective("send_recv", "from goes to rank + shift, to comes from rank - shift", "n size",
                   {from("n"), to("n"), shift}),
    };
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
    row.compared = Compared::columns;
    row.check = check_halo_exchange;
    return row;
}

OperationRow linear_evaluate() {
    OperationRow row{"linear.evaluate", "mse and r2 of a linear model over all rows of a dataset",
                     "rows (features + 1) size", "rows (2 features + 2)"};
    Argument weights = buffer(Role::read, "w", "features", "one more with an intercept");
    weights.types = "f32";
    row.arguments = {{"data", Role::dataset, true, "f32", "", "", "data", {}}, weights};
    row.numbers = {number("mse", "mean of the squared errors, in the target's own units"),
                   number("r2", "1 - mse / variance of the target", "the target does not vary")};
    row.collective = row.needs_host = true;
    row.check = check_linear_evaluate;
    return row;
}

// What peers open through CUDA IPC must be the device's own memory.
OperationRow peer_copy() {
    OperationRow row{"peer_copy", "to = from of another task of the node, read directly", "n size",
                     "0"};
    row.arguments = {from("n"), to("n", "of from's type and count"),
                     value("shift", "1", "places further in the ring; default 1")};
    row.collective = true;
    row.rates = {workload::metric_of("bandwidth")};
    row.compared = Compared::bytes;
    row.check = check_peer_copy;
    return row;
}

OperationRow copy() {
    OperationRow row{"copy", "to = from, between any two kinds of memory", "2 n size", "0"};
    row.arguments = {from("n"), to("n", "of from's type and count")};
    row.rates = {workload::metric_of("bandwidth")};
    row.check = check_copy;
    return row;
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
    std::vector<OperationRow> rows = collectives();
    for (auto* make : {copy, halo_exchange, linear_evaluate, peer_copy, store}) {
        rows.push_back(make());
    }
    return rows;
}

}  // namespace warpstep::plan
