// SPDX-License-Identifier: Apache-2.0
#include "runtime/workload/expression_markdown.hpp"

#include <fmt/format.h>

#include "runtime/base/text.hpp"
#include "runtime/workload/builtins.hpp"
#include "runtime/workload/names.hpp"
#include "runtime/workload/number_units.hpp"
#include "runtime/workload/operators.hpp"

namespace warpstep::workload {
namespace {

std::string operators_table() {
    std::string text = "| Operator | Meaning |\n|---|---|\n";
    for (const BinaryOperator& op : binary_operators)
        text += fmt::format("| `{}` | {} |\n", op.text, op.meaning);
    return text + "| `not` | the opposite of a truth value |\n";
}

std::string units_table() {
    std::string text = "| Unit | Value | Of |\n|---|---|---|\n";
    for (const std::string& name : suffix_names()) {
        const Suffix suffix = *find_suffix(name);
        const std::string value = suffix.divide == 1 ? fmt::format("{}", suffix.multiply)
                                                     : fmt::format("1 / {}", suffix.divide);
        text += fmt::format("| `{}` | {} | {} |\n", name, value, show(suffix.unit));
    }
    return text;
}

std::string functions_table() {
    std::string text = "| Function | Result |\n|---|---|\n";
    for (const Builtin& builtin : builtins())
        text += fmt::format("| `{}` | {} |\n", builtin.usage, builtin.meaning);
    return text;
}

template <typename List>
std::string meanings_table(std::string_view title, const List& list) {
    std::string text = fmt::format("| {} | Meaning |\n|---|---|\n", title);
    for (const auto& entry : list)
        text += fmt::format("| `{}` | {} |\n", entry.name, entry.meaning);
    return text;
}

std::string metrics_table(const std::vector<Metric>& list) {
    std::string text = "| Metric | Unit | When | Meaning |\n|---|---|---|---|\n";
    for (const Metric& metric : list) {
        const std::string unit = metric.unit == no_unit ? "" : show(metric.unit);
        const std::string_view when = metric.when == Metric::When::graph ? "" : show(metric.when);
        text += fmt::format("| `{}` | {} | {} | {} |\n", metric.name, unit, when, metric.meaning);
    }
    return text;
}

std::string expectation_table() {
    std::string text = "| Function | Result |\n|---|---|\n";
    for (const ExpectationFunction& function : expectation_functions())
        text += fmt::format("| `{}` | {} |\n", function.usage, function.meaning);
    return text;
}

}  // namespace

std::string expression_markdown() {
    return "## expressions\n\n"
           "Whole numbers are exact, with 64 bits; leaving that range is an error. Numbers carry "
           "units, and adding or comparing different ones is an error. Operators, the weakest "
           "first:\n\n" +
           operators_table() +
           "\nA unit stands directly behind its number. Letters that mean different things to "
           "different people (`64M`) are refused.\n\n" +
           units_table() + "\n" + functions_table() +
           "\nNames that every rank knows. A name compared with a text is a word: "
           "`device.kind == cuda`.\n\n" +
           meanings_table("Name", reserved()) +
           "\nInside a loop, `with` may use the loop's variable; of a batch it may use `.size` "
           "(rows over all ranks), `.rows` (rows here) and `.index`.\n\n"
           "## metrics\n\n"
           "In `expect` of a step these stand alone; everywhere else as "
           "`steps.<name>.<metric>`. Times and rates have the statistics `." +
           join(statistic_names(), "`, `.") + "`.\n\n" + metrics_table(metric_names()) +
           "\nA step has the numbers of what it runs ([operations.md](operations.md)), and inside "
           "`for_each`, where sizes may change, no rates. Names, units and types are checked "
           "before anything runs. A number that could not be computed makes its expectation "
           "UNKNOWN, with the reason; `mse` that is NaN fails, as does NaN or infinity in a buffer "
           "that an expectation, a result or `report.values` reads (`finite: false` where it "
           "belongs there).\n\nA step with `graph` also has:\n\n" +
           metrics_table(graph_numbers()) + "\nOf a dataset, as `<dataset>.<name>`:\n\n" +
           meanings_table("Name", dataset_names()) +
           "\nFunctions in `expect`, beside those above:\n\n" + expectation_table();
}

}  // namespace warpstep::workload
