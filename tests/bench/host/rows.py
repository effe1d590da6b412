# SPDX-License-Identifier: Apache-2.0
"""The host rows of scripts/bench. Every function measures one table beside its peers, alternately, and returns it as a
Section: lines of Markdown. Programs print seconds per operation, one line per round."""
import json
import os
import statistics
import subprocess
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
HERE = os.path.join(ROOT, "tests/bench/host")
WARPSTEP = os.path.join(ROOT, "build/bin/warpstep")
BENCH = os.path.join(ROOT, "build/bin/warpstep_host_bench")
DEBIAN_PYTHON = "/usr/bin/python3"  # the one that has Debian's python3-torch
LINEAR_REGRESSION = os.path.join(ROOT, "configs/linear-regression.yaml")
NOT_HERE = "not installed"

# bytes, ranks, turns in one round
ALL_REDUCES = [(4, 2, 3000), (64 << 10, 2, 1000), (1 << 20, 2, 100), (64 << 20, 2, 2),
               (4, 4, 500), (64 << 10, 4, 300), (1 << 20, 4, 50), (64 << 20, 4, 1)]
STREAMED_ROWS, STREAMED_COLUMNS = 16 << 20, 64  # 4 GiB of f32
STREAMED_BATCHES = [16 << 10, 64 << 10]


def run(command, limit=180, **options):
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=limit, **options)


def rounds_of(command):
    return [float(line) for line in run(command).stdout.split()]


def table(head, lines):
    return ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)] + lines


def alternately(commands, times):
    """Rounds of every command of a dict, in turns."""
    found = {name: [] for name in commands}
    for _ in range(times):
        for name, command in commands.items():
            found[name] += rounds_of(command)
    return {name: statistics.median(rounds) for name, rounds in found.items()}


def shown_bytes(count):
    return f"{count >> 20} MiB" if count >> 20 else f"{count >> 10} KiB" if count >> 10 else f"{count} B"


def all_reduce(scratch):
    """All-reduce of f32 between ranks of one node, beside Open MPI and the least that must be done."""
    peer = os.path.join(scratch, "all_reduce_peer")
    run(["mpicc", "-O2", "-o", peer, os.path.join(HERE, "all_reduce_peer.c")])
    lines = []
    for count, ranks, turns in ALL_REDUCES:
        rounds = "5" if count < 64 << 20 else "3"
        words = [str(ranks), str(count), rounds, str(turns)]
        mpirun = ["mpirun", "--allow-run-as-root", "--oversubscribe", "-n", str(ranks)]
        time_of = alternately({"ours": [BENCH, "all_reduce", *words],
                               "in place": [BENCH, "all_reduce_in_place", *words],
                               "direct": [BENCH, "direct_reduction", *words],
                               "mpi": [*mpirun, peer, str(count), rounds, str(turns)]}, 3)
        ours = time_of["ours"]
        cells = [shown_bytes(count), str(ranks)] + [f"{time_of[name] * 1e6:.2f}" for name in
                                                    ("ours", "in place", "mpi", "direct")]
        cells += [f"**{time_of['mpi'] / ours:.2f}x**", f"**{time_of['direct'] / ours:.0%}**",
                  f"{time_of['direct'] / time_of['in place']:.0%}"]
        lines.append("| " + " | ".join(cells) + " |")
    head = ["bytes", "ranks", "warpstep, µs", "in place, µs", "Open MPI, µs", "direct reduction, µs",
            "faster than Open MPI", "speed of direct reduction", "in place"]
    return ["## All-reduce (f32, sum) between ranks of one node", ""] + table(head, lines) + [
        "", "Ranks are bound to a core each where there are enough, by all three. "
        "The direct reduction is the least that must be done: ranks with everything in one shared mapping sum their slices",
        "into one result that all read, then meet; an all-reduce writes a result for every rank."]


def torch_is_there():
    return subprocess.run([DEBIAN_PYTHON, "-c", "import torch"], capture_output=True, timeout=120).returncode == 0


def training(on_cluster, runs):
    """srun to result of one small training, beside PyTorch. `on_cluster` makes a command one of the virtual cluster's."""
    what = "linear 10 -> 1, 1000 samples, batch 32, 10 epochs, 8 ranks on two virtual nodes"
    head = ["what", "peer", "warpstep, s", "peer, s", "ratio"]
    title = ["## A small training, from srun to the result", ""]
    peer_name = "PyTorch DistributedDataParallel (Gloo)"
    if not torch_is_there():
        return title + table(head, [f"| {what} | {peer_name} | | {NOT_HERE} (apt-get install python3-torch) | |"])
    node = run(on_cluster(["scontrol", "show", "node", "n1"])).stdout
    address = next(word[len("NodeAddr="):] for word in node.split() if word.startswith("NodeAddr="))
    srun = ["srun", "-O", "-N2", "--ntasks-per-node=4"]
    commands = {"peer": ["env", f"MASTER_ADDR={address}", *srun, os.path.join(HERE, "ddp_linear.py")],
                "ours": [*srun, "--mpi=pmix", WARPSTEP, "run", LINEAR_REGRESSION]}
    times = {name: [] for name in commands}
    for _ in range(runs):
        for name, command in commands.items():
            start = time.monotonic()
            run(on_cluster(command))
            times[name].append(time.monotonic() - start)
    ours, peer = (statistics.median(times[name]) for name in ("ours", "peer"))
    return title + table(head, [f"| {what} | {peer_name} | {ours:.2f} | {peer:.2f} | **{ours / peer:.3f}x** |"])


def plain_steps(steps):
    lines = ["version: 1", "name: many", "buffers:", "  x: { dtype: f32, count: 1024, init: 1 }",
             "  y: { dtype: f32, count: 1024 }", "steps:"]
    lines += [f"  - {{ name: s{i}, run: axpy, with: {{ alpha: {i} / 2 + rank, x: x, y: y }}, repeat: {{ times: 2 }} }}"
              for i in range(steps)]
    return "\n".join(lines) + "\n"


def full_steps(steps):
    text = """version: 1
name: many
params: { n: 64Ki, lr: 0.1 }
streams: { side: {} }
buffers:
  x: { dtype: f32, count: n, init: { random: normal, seed: rank } }
  y: { dtype: f32, count: n, init: iota }
steps:
"""
    for i in range(steps):
        text += f"  - name: update-{i}\n    run: axpy\n    with: {{ alpha: -lr * (rank + 1), x: x, y: y }}\n"
        text += "    if: rank < ranks / 2 or device.kind == cuda\n"
        text += f"    needs: [update-{i - 1}]\n    stream: side\n" if i else ""
        text += "    repeat: { warmup: 2, times: 10 }\n    verify: { y: { equals: before(y) - lr * x, ulp: 2 } }\n"
        text += "    expect: [ bandwidth.median >= 80% * device.peak.memory_bandwidth ]\n"
    return text


def loading(scratch):
    lines = []
    for name, text in (("`run`, `with`, `repeat`, a line each", plain_steps(1000)),
                       ("`if`, `needs`, `stream`, `verify`, `expect` as well", full_steps(1000))):
        path = os.path.join(scratch, "many.yaml")
        with open(path, "w") as file:
            file.write(text)
        time_of = alternately({"ours": [BENCH, "load", path, "10"], "yaml-cpp": [BENCH, "yaml", path, "10"]}, 3)
        lines.append(f"| {name} | {len(text) >> 10} KiB | {time_of['ours'] * 1e3:.1f} | {time_of['yaml-cpp'] * 1e3:.1f} "
                     f"| **{time_of['ours'] / time_of['yaml-cpp']:.2f}x** |")
    return ["## Reading a workload of 1,000 steps", "", "Parsed and checked (bound: 50 ms), beside `YAML::Load` of the same text.",
            ""] + table(["steps with", "size", "warpstep, ms", "yaml-cpp, ms", "ratio"], lines)


def report_of(scratch, text, *words):
    """Runs a workload and gives its report, and the largest resident set of the process in bytes."""
    path, report = os.path.join(scratch, "workload.yaml"), os.path.join(scratch, "report.json")
    with open(path, "w") as file:
        file.write(text)
    process = subprocess.Popen([WARPSTEP, "run", path, "--json", report, *words], stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise RuntimeError(f"the workload of a row ended with {process.returncode}; run it by hand:\n{text}")
    with open(report) as file:
        return json.load(file), usage.ru_maxrss * 1024


def seconds_of_step(report, name):
    return next(step for step in report["steps"] if step["name"] == name)["metrics"]["time"]["min"]


TURNS = """version: 1
name: turns
buffers: { x: { dtype: f32, count: 1, init: 1 }, y: { dtype: f32, count: 1 } }
steps:
  - name: loop
    for_each: [ { i: range(1000000) } ]
    steps: [ { name: step, run: axpy, with: { alpha: 0.5, x: x, y: y } } ]
"""


def step_overhead(scratch):
    turns = 1000000
    ours, plain = [], []
    for _ in range(5):
        ours.append(seconds_of_step(report_of(scratch, TURNS)[0], "loop") / turns)
        plain += rounds_of([BENCH, "kernel_calls", "1", str(turns)])
    cost = min(ours) - min(plain)
    return ["## A step's own cost on the host device", "",
            f"A for_each of 1,000,000 turns over axpy on one element: {min(ours) * 1e9:.0f} ns a turn; the same kernel in a plain "
            f"C++ loop: {min(plain) * 1e9:.0f} ns; the runtime's share: **{cost * 1e9:.0f} ns** (bound: 1,000 ns)."]


def write_table(path):
    """A table of f32 as NPY, version 1.0: zeros are as long as any other numbers."""
    header = f"{{'descr': '<f4', 'fortran_order': False, 'shape': ({STREAMED_ROWS}, {STREAMED_COLUMNS}), }}"
    header += " " * (-(len(header) + 11) % 64) + "\n"
    block = bytes(64 << 20)
    with open(path, "wb") as file:
        file.write(b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header.encode())
        for _ in range(STREAMED_ROWS * STREAMED_COLUMNS * 4 // len(block)):
            file.write(block)


STREAMING = """version: 1
name: streaming
datasets: { table: { file: FILE, target: last, batch: { global: ROWS } } }
buffers: { x: { dtype: f32, count: 1 } }
steps:
  - name: stream
    for_each: [ { batch: table } ]
    steps: [ { name: step, run: fill, with: { buffer: x, value: batch.rows } } ]
"""


def streaming(scratch):
    """Every row of a table of 4 GiB once, from the page cache, beside dd."""
    path = os.path.join(scratch, "table.npy")
    write_table(path)
    size = os.path.getsize(path)
    lines = []
    try:
        for rows in STREAMED_BATCHES:
            batch = rows * STREAMED_COLUMNS * 4
            text = STREAMING.replace("FILE", path).replace("ROWS", str(rows))
            times = {"ours": [], "1M": [], str(batch): []}
            for _ in range(6):  # the first of each fills the page cache
                for block in ("1M", str(batch)):
                    start = time.monotonic()
                    run(["dd", f"if={path}", "of=/dev/null", f"bs={block}"])
                    times[block].append(time.monotonic() - start)
                report, _ = report_of(scratch, text)
                times["ours"].append(seconds_of_step(report, "stream"))
            ours, small, same = (size / statistics.median(all_times[1:]) for all_times in times.values())
            lines.append(f"| {shown_bytes(batch)} | {ours / 1e9:.1f} | {small / 1e9:.1f} | {same / 1e9:.1f} "
                         f"| **{ours / small:.0%}** | **{ours / same:.0%}** |")
    finally:
        os.remove(path)
    head = ["batch", "warpstep, GB/s", "`dd bs=1M`, GB/s", "`dd` with blocks of a batch, GB/s", "of `dd bs=1M`", "of equal blocks"]
    return ["## Streaming a table", "", "A .npy of 4 GiB in the page cache, f32, 64 columns (bound: 90 % of `dd`).", ""] + table(head, lines)


MEMORY = """version: 1
name: memory
buffers: { x: { dtype: f32, count: 64Mi }, y: { dtype: f32, count: 64Mi } }
steps:
  - { name: step, run: axpy, with: { alpha: 0.5, x: x, y: y }, repeat: { times: 3 } }
"""


def memory(scratch):
    with_buffers = report_of(scratch, MEMORY)[1] - (512 << 20)
    many_turns = report_of(scratch, TURNS)[1]
    return ["## Memory of a rank without its buffers", "",
            f"Largest resident set minus 512 MiB of buffers: **{with_buffers / 2**20:.0f} MiB** (bound: 50 MiB); "
            f"after 1,000,000 turns of a loop: {many_turns / 2**20:.0f} MiB."]


def measure_alone(say):
    """Everything that needs no cluster."""
    sections = []
    with tempfile.TemporaryDirectory(dir="/var/tmp", prefix="warpstep-bench-") as scratch:
        for row in (all_reduce, loading, step_overhead, memory, streaming):
            try:
                sections.append(row(scratch))
                say("\n".join(sections[-1]))
            except (RuntimeError, OSError, subprocess.SubprocessError) as error:
                words = getattr(error, "stderr", None) or str(error)
                sections.append([f"## {row.__name__}", "", f"not measured: {' '.join(words.split())[:200]}"])
                say("\n".join(sections[-1]))
    return sections
