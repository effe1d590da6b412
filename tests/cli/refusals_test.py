#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Each case of refusals.yaml through a dry run and a run: the same message and the same code. refusals_test.py WARPSTEP CASES"""
import os
import pathlib
import re
import subprocess
import sys
import tempfile

try:
    import yaml
except ImportError as error:
    print(f"skipped: {error}; install python3-yaml")
    sys.exit(77)

warpstep, cases = sys.argv[1:]
os.environ["ASAN_OPTIONS"] = ":".join(filter(None, ["intercept_tls_get_addr=0", os.environ.get("ASAN_OPTIONS")]))
for name in ("SLURM_JOB_ID", "SLURM_STEP_ID"):
    os.environ.pop(name, None)


def messages(text):
    """What is said on stderr, without who says it and how much memory is free just then."""
    lines = (re.sub(r"^warpstep: (rank \d+ on [^ ]+: |error: )*", "", line) for line in text.splitlines())
    return {re.sub(r"[\d.]+ [KMGT]?i?B are available", "… are available", line) for line in lines}


def both(case, folder):
    file = pathlib.Path(folder) / "f.yaml"
    file.write_text(f"version: 1\nname: t\n{case['file']}")
    for name, text in case.get("files", {}).items():
        (pathlib.Path(folder) / name).write_text(text)
    command = [warpstep, "run", str(file), "--device", "host", *case.get("args", [])]
    ranks = str(case.get("ranks", 2))
    dry = command + ["--dry-run", "--ranks", ranks]

    def done(arguments):
        return subprocess.run(arguments, capture_output=True, text=True, timeout=60, cwd=folder)

    return done(dry + ["--here"] * case.get("here", False)), done(command + ["--local-ranks", ranks]), done(dry)


def faults(case, folder):
    dry, run, blind = both(case, folder)
    code = case.get("code", 2)
    for what, done in (("dry run", dry), ("run", run)):
        if done.returncode != code:
            yield f"the {what} ends with {done.returncode}, not {code}: {done.stderr}"
        if case["says"] not in done.stderr:
            yield f"the {what} does not say \"{case['says']}\": {done.stderr}"
    if not messages(run.stderr) <= messages(dry.stderr):
        yield f"the run says {messages(run.stderr)}, the dry run {messages(dry.stderr)}"
    if case.get("here"):
        if blind.returncode != 0:
            yield f"without --here the dry run ends with {blind.returncode}: {blind.stderr}"
        told = " ".join(blind.stdout.split())
        if "not checked here: " not in told or case["unchecked"] not in told:
            yield f"without --here the dry run does not say \"{case['unchecked']}\": {blind.stdout}"


failures = 0
for case in yaml.safe_load(pathlib.Path(cases).read_text()):
    with tempfile.TemporaryDirectory() as folder:
        found = list(faults(case, folder))
    print("ok:" if not found else "FAILED:", case["name"], *found, sep="\n  " if found else " ")
    failures += bool(found)
sys.exit(failures > 0)
