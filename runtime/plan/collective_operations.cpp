// SPDX-License-Identifier: Apache-2.0
// One row is one collective; what it takes and gives stands in collectives.cpp.
#include <utility>

#include "runtime/base/error.hpp"
#include "runtime/plan/collectives.hpp"
#include "runtime/plan/operation_entries.hpp"

namespace warpstep::plan {
namespace {

using namespace entry;
using Arguments = std::vector<Argument>;

void check_collective(const workload::Step& step, const Fitting& fitting) {
    const bool in_place = step.with.count("buffer") > 0;
    if (in_place == (step.with.count("from") > 0 || step.with.count("to") > 0)) {
        fail<ConfigError>("{} needs either 'buffer' (in place) or 'from' and 'to'; give one form",
                          step.run);
    }
    if (in_place) {
        buffer_given(step, "buffer", fitting);
        return;
    }
    const BufferPlan& from = buffer_given(step, "from", fitting);
    const BufferPlan& to = buffer_given(step, "to", fitting);
    if (from.name == to.name && !find_collective(step.run)->can_be_in_place()) {
        fail<ConfigError>(
            "'from' and 'to' are both '{}' ({} cannot work in place); use two buffers", to.name,
            step.run);
    }
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
    row.compared = OperationRow::Compared::elements;
    row.check = check_collective;
    return row;
}

}  // namespace

std::vector<OperationRow> collective_operations() {
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

}  // namespace warpstep::plan
