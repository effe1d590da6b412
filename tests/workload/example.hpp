// SPDX-License-Identifier: Apache-2.0
// A workload file that uses every key of the language, and the operations it runs.
#pragma once

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "runtime/workload/load.hpp"

namespace warpstep::workload {

inline const std::vector<OperationSignature>& example_operations() {
    static const std::vector<OperationSignature> operations = [] {
        std::vector<OperationSignature> list{
            {"all_reduce",
             {},
             {"buffer", "from", "to", "op"},
             {{"op", {"avg", "max", "min", "prod", "sum"}}}},
            {"axpy", {"alpha", "x", "y"}, {}},
            {"barrier", {}, {}},
            {"broadcast", {"buffer"}, {"root"}},
            {"copy", {"from", "to"}, {}},
            {"gemm", {"a", "b", "c"}, {"compute"}, {{"compute", {"f32", "tf32"}}}},
            {"gemm.naive", {"a", "b", "c"}, {"compute"}, {{"compute", {"f32", "tf32"}}}},
            {"linear.evaluate", {"data", "w"}, {}},
            {"linear.gradient", {"data", "w", "grad"}, {}},
            {"store", {"buffer", "file"}, {"rank"}, {}, {"file"}},
            {"stream.triad", {"a", "b", "c"}, {"scalar"}}};
        for (OperationSignature& operation : list) {
            operation.collective = operation.name == "all_reduce" || operation.name == "barrier" ||
                                   operation.name == "broadcast";
            operation.needs_host = operation.name == "linear.evaluate" || operation.name == "store";
            if (operation.name == "linear.evaluate") operation.numbers = {"mse", "r2"};
            if (operation.name == "all_reduce") operation.rates = {"algbw", "busbw"};
            if (operation.name == "stream.triad") operation.rates = {"bandwidth", "flops"};
        }
        return list;
    }();
    return operations;
}

/// A folder of its own with the files that the examples name, removed at the end.
class ExampleFolder {
  public:
    ExampleFolder()
        : path_(std::filesystem::temp_directory_path() /
                ("warpstep-workload-test-" + std::to_string(::getpid()))) {
        std::filesystem::create_directories(path_ / "folder.csv");
        std::ofstream(path_ / "train.csv") << "x,y\n1,2\n";
        for (const char* name : {"train.npy", "values.npy", "k.cu"})
            std::ofstream(path_ / name) << "no real content";
        std::filesystem::create_directories(path_ / "headers");
    }
    ExampleFolder(const ExampleFolder&) = delete;
    ExampleFolder& operator=(const ExampleFolder&) = delete;
    ~ExampleFolder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }

    std::string file(const std::string& name) const { return path_ / name; }

  private:
    std::filesystem::path path_;
};

inline const std::string example_text = R"yaml(# nearly every key once
version: 1
name: example
description: "all of it: really"
params:
  n: select(device.kind == cuda, 256Mi, 4Mi)
  half: n / 2
  rate: 0.05
ranks: { exact: 4, min: 1, max: 8, multiple_of: 2, per_node: 2 }
placement:
  gpus_per_task: 1
  cpus_per_task: auto
  share: 2
  cpu: near_gpu
  memory: inherit
  strict: true
datasets:
  train:
    file: train.csv
    target: y
    standardize: true
    intercept: false
    batch: { global: 64 }
    shuffle: { seed: 7, every: epoch }
  plain: { file: train.npy, target: last, batch: { per_rank: 8 } }
buffers:
  a: { dtype: f64, count: n, memory: host_pinned }
  b: { dtype: f64, count: n, init: { random: uniform, seed: 1 } }
  c: { dtype: f64, count: n, memory: host, init: iota }
  w: { shape: [half, "max(2, 3)"], init: rank + 1 }
  grad: { count: 11, init: zero, memory: device }
steps:
  - name: triad
    run: stream.triad
    with: { a: a, b: b, c: c, scalar: -rate * 2 }
    if: rank == 0 or device.kind == host
    repeat: { warmup: 5, times: 100 }
    timeout: 30s
    verify:
      a: { equals: before(a) + b * index, ulp: 1, allow_nan: false }
      b: { equals: b, rtol: 1e-6, atol: 1e-9 }
      c: { same_on_all_ranks: true }
    expect:
      - bandwidth.median >= 1GB/s
      - { that: spread(time.median) <= 3%, when: device.kind == cuda }
  - name: train-all
    for_each: [ { epoch: range(half / 2) }, { batch: train } ]
    steps:
      - { name: gradient, run: linear.gradient, with: { data: batch, w: w, grad: grad } }
      - { name: reduce, run: all_reduce, with: { buffer: grad, op: sum } }
      - { name: update, run: axpy, with: { alpha: -rate / batch.size * epoch, x: grad, y: w } }
    verify: { w: { equals: 0, exact: true } }
  - { name: meet, run: barrier }
  - { name: keep, run: store, needs: [meet], with: { buffer: w, file: "w-{rank}.npy", rank: 0 } }
  - { name: up, run: copy, stream: side, device: 1, continue_on_error: true, with: { from: c, to: a } }
  - name: pipeline
    needs: up
    graph: { launches: 200, warmup: 10 }
    steps:
      - { name: one, stream: side, run: axpy, with: { alpha: 1, x: b, y: a } }
      - { name: two, needs: [one], run: axpy, with: { alpha: rate, x: b, y: a } }
    verify: { a: { reference: gemm.naive }, b: { same_as: a } }
    expect: [ time.median <= 1.10 * critical_path ]
  - { name: low, run: all_reduce, group: rank < 2, with: { buffer: w } }
  - { name: pairs, run: all_reduce, group: { by: rank % 2 }, with: { buffer: w } }
matrix: { m: [1Ki, 1Mi], k: [1, 2, 3] }
streams: { side: { priority: high }, other: {} }
expect:
  - steps.train-all.time.median < 10s
  - mean_squared_error(train, w) < 2e-4 or max_abs(w - index) < 2e-3
checkpoint: { every: { steps: 10 }, save: [w], keep: 3, dir: saved }
report: { values: [w, grad], json: a.json, junit: a.xml, csv: a.csv, prometheus: a.prom }
)yaml";

}  // namespace warpstep::workload
