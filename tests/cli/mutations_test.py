#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Workloads of configs/ with one thing changed at random: what a run refuses a dry run refuses, with the same code and last line, and the other way round.

mutations_test.py WARPSTEP CONFIGS [COUNT [SEED]]
"""
import copy
import os
import pathlib
import random
import re
import shutil
import subprocess
import sys
import tempfile

try:
    import yaml
except ImportError as error:
    print(f"skipped: {error}; install python3-yaml")
    sys.exit(77)

# So small that a case takes a tenth of a second.
SMALL = {
    "all-reduce": {"n": "4Ki"}, "collectives": {"n": "1Ki"}, "data-parallel-sgd": {"epochs": "3"}, "graph": {"turns": "5"},
    "jacobi2d": {"sweeps": "20"}, "memtest": {"bytes": "64KiB", "seconds": "0.001"}, "my-saxpy": {"n": "4Ki"},
    "shared-gpu": {"n": "4Ki"}, "stream": {"n": "4Ki"}, "stream-triad": {"n": "4Ki"}, "two-products-devices": {"small": "24", "large": "40"},
    "two-products-ranks": {"small": "24", "large": "40"}, "copy-compute-overlap": {"n": "32"},
}
WORDS = ["no_such_name", "1MiB", "2s", "true", "cuda", "f64", "i32", "", "{0}x", "{{0}}"]
NUMBERS = ["0", "-1", "1", "2", "3", "7", "9", "1.5", "rank", "rank + 1", "ranks", "ranks - 1", "{0} + 1", "{0} * 2", "{0} - 1", "({0}) / 2", "({0}) * rank"]


# Keys whose values are no numbers.
NOT_NUMBERS = ("run", "buffer", "from", "to", "x", "y", "a", "b", "c", "dtype", "memory", "op", "stream", "data", "file", "target", "cpu", "random", "report")


def leaves(tree, path=()):
    """Paths of all texts below what a workload decides before its work."""
    if isinstance(tree, dict):
        for key, value in tree.items():
            if path or key not in ("version", "name", "description", "report", "checkpoint"):
                yield from leaves(value, (*path, key))
    elif isinstance(tree, list):
        for index, value in enumerate(tree):
            yield from leaves(value, (*path, index))
    elif path[-1] not in ("name", "source"):
        yield path


def parent_of(tree, path):
    for key in path[:-1]:
        tree = tree[key]
    return tree


def mutated(tree, rng):
    """One of: another value, another name, a key less, a step less, a step twice."""
    tree = copy.deepcopy(tree)
    path = rng.choice(list(leaves(tree)))
    parent = parent_of(tree, path)
    kind = rng.random()
    if kind < 0.08 and isinstance(parent, dict):
        del parent[path[-1]]
        return tree, f"without {path}"
    buffers = list(tree.get("buffers", {}))
    if kind < 0.3 and buffers:
        parent[path[-1]] = rng.choice(buffers)
    else:
        words = NUMBERS if rng.random() < 0.8 and path[-1] not in NOT_NUMBERS else WORDS
        parent[path[-1]] = rng.choice(words).replace("{0}", str(parent[path[-1]]))
    return tree, f"{path} = {parent[path[-1]]!r}"


def said(text):
    """Lines, without who says them and how much memory is free just then."""
    lines = [re.sub(r"^warpstep: (rank \d+ on [^ ]+: |error: )*", "", line) for line in text.splitlines() if line.strip()]
    return [re.sub(r"[\d.]+ [KMGT]?i?B are available", "… are available", line) for line in lines] or [""]


def ended(arguments, folder):
    return subprocess.run(arguments, capture_output=True, text=True, timeout=30, cwd=folder)


def fault(warpstep, file, folder):
    """What differs between both, or None; and whether the dry run refuses."""
    command = [warpstep, "run", str(file), "--device", "host"]
    dry = ended([*command, "--dry-run", "--here", "--ranks", "2"], folder)
    run = ended([*command, "--local-ranks", "2"], folder)
    if dry.returncode == 0:
        judged = run.returncode in (0, 1) or said(run.stdout)[-1].startswith("unknown · ")
        return (None if judged else f"the dry run passes, the run ends with {run.returncode}: {run.stderr}"), False
    if run.returncode != dry.returncode:
        return f"the dry run ends with {dry.returncode}, the run with {run.returncode}: {dry.stderr}{run.stderr}", True
    # Of two ranks that refuse for different reasons either may be heard last.
    if said(dry.stderr)[-1] not in said(run.stderr) or not set(said(run.stderr)) <= set(said(dry.stderr)):
        return f"the dry run says\n{dry.stderr}the run\n{run.stderr}", True
    return None, True


def main():
    warpstep, configs = os.path.abspath(sys.argv[1]), pathlib.Path(sys.argv[2])
    count = int(sys.argv[3]) if len(sys.argv) > 3 else 500
    seed = int(sys.argv[4]) if len(sys.argv) > 4 else 1
    rng = random.Random(seed)
    trees = {}
    for file in sorted(configs.glob("*.yaml")):
        tree = yaml.load(file.read_text(), Loader=yaml.BaseLoader)
        if "steps" in tree:
            tree.setdefault("params", {}).update(SMALL.get(file.stem, {}))
            trees[file.stem] = tree
    faults = slow = refused = 0
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(configs, folder, dirs_exist_ok=True)
        file = pathlib.Path(folder) / "mutated.yaml"
        for case in range(count):
            name = rng.choice(list(trees))
            tree, what = mutated(trees[name], rng)
            file.write_text(yaml.dump(tree, sort_keys=False, allow_unicode=True))
            try:
                problem, was_refused = fault(warpstep, file, folder)
            except subprocess.TimeoutExpired:
                slow += 1
                continue
            refused += was_refused
            if problem:
                faults += 1
                print(f"case {case}, {name}: {what}\n{problem}\n", flush=True)
    print(f"{count} mutations with seed {seed}: {refused} refused, {faults} differ, {slow} took too long to tell")
    # What refuses everything, or nothing, compares nothing.
    return 1 if faults or slow * 20 > count or not count * 0.2 < refused < count * 0.95 else 0


if __name__ == "__main__":
    for variable in ("SLURM_JOB_ID", "SLURM_STEP_ID"):
        os.environ.pop(variable, None)
    sys.exit(main())
