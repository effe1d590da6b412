// SPDX-License-Identifier: Apache-2.0
// Whatever the bytes: a workload file, a params file and an expression either parse or are refused
// with a ConfigError. libFuzzer reports anything else, and what the sanitizers see.
#include <cstddef>
#include <cstdint>
#include <string>

#include "runtime/base/error.hpp"
#include "runtime/workload/load.hpp"
#include "runtime/workload/matrix.hpp"
#include "tests/workload/example.hpp"

namespace {

using namespace warpstep;
using namespace warpstep::workload;

class NoNames final : public Scope {
  public:
    std::optional<Value> find(std::string_view) const override { return std::nullopt; }
};

void expression(const std::string& text) {
    try {
        (void)show(Expression::parse(text).evaluate(NoNames{}));
    } catch (const ConfigError&) {
    }
}

// The whole value is read, so that a dangling part of it is seen.
std::size_t size_of(const std::vector<Step>& steps) {
    std::size_t size = 0;
    for (const Step& step : steps) {
        size += step.name.size() + step.with.size() + step.needs.size() + size_of(step.steps);
        for (const VerifyRule& rule : step.verify) size += rule.buffer.size() + rule.same_as.size();
        for (const Expectation& expectation : step.expect) size += expectation.that.text().size();
    }
    return size;
}

void file(const std::string& text) {
    static const ExampleFolder folder;
    static const std::string path = folder.file("w.yaml");
    try {
        const Workload workload = parse_workload(text, path, {}, example_operations());
        volatile std::size_t size = size_of(workload.steps);
        for (const auto& values : combinations(workload))
            size = size + combination_suffix(values).size();
    } catch (const ConfigError&) {
    }
}

void override(const std::string& text) {
    try {
        parse_workload("version: 1\nparams: { n: 1 }\nsteps: [ { name: meet, run: barrier } ]\n",
                       "w.yaml", {text}, example_operations());
    } catch (const ConfigError&) {
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text(reinterpret_cast<const char*>(data), size);
    // Short inputs are worth trying as expressions; the first byte must not decide, so that files
    // serve as a corpus.
    if (size < 200) {
        expression(text);
        override(text);
    }
    file(text);
    return 0;
}
