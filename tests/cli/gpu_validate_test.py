# SPDX-License-Identifier: Apache-2.0
"""scripts/gpu-validate with programs that stand in for the GPU's: gpu_validate_test.py FOLDER-OF-SCRIPTS"""
import importlib.machinery
import importlib.util
import json
import os
import stat
import subprocess
import sys
import tempfile

script = os.path.join(sys.argv[1], "gpu-validate")
sys.dont_write_bytecode = True
loader = importlib.machinery.SourceFileLoader("gpu_validate", script)
module = importlib.util.module_from_spec(importlib.util.spec_from_loader("gpu_validate", loader))
loader.exec_module(module)

SMI = "NVIDIA H200, GPU-1, 123, 00000000:1B:00.0, 580.1, 9.0, 143771 MiB, 700.00 W"
ROWS = [
    {"group": "stream", "name": "triad", "unit": "B/s", "ours": 4.0e12, "peer": 4.1e12, "ratio": 4.0 / 4.1,
     "peer_name": "hand-written, 16-byte packs", "more_is_better": True, "target": 0.92},
    {"group": "launch", "name": "graph", "unit": "s", "ours": 1.2e-6, "peer": 1.0e-6, "ratio": 1.2,
     "peer_name": "cudaGraphLaunch", "more_is_better": False, "target": 1.01},
    {"group": "gemm", "name": "f8e4m3", "error": "cuBLASLt knows no way to compute this"},
]


def check(condition, what):
    if not condition:
        sys.exit(f"gpu-validate: {what}")


def executable(path, text):
    with open(path, "w") as file:
        file.write("#!/bin/sh\n" + text)
    os.chmod(path, os.stat(path).st_mode | stat.S_IXUSR)


def validate(folder, rows, bench="", workload="exit 0", smi=SMI):
    """One run over stand-ins: its exit code, record and page."""
    os.makedirs(f"{folder}/bin", exist_ok=True)
    executable(f"{folder}/nvidia-smi", f"echo '{smi}'\n")
    executable(f"{folder}/nvcc", "exit 0\n")
    document = {"gpu": "NVIDIA H200", "rows": rows, "after": {}}
    with open(f"{folder}/document.json", "w") as file:
        json.dump(document, file)
    executable(f"{folder}/bin/warpstep_gpu_bench", bench or f'test "$1" = start || cat {folder}/document.json\n')
    executable(f"{folder}/bin/warpstep", workload + "\n")
    os.environ["PATH"] = f"{folder}:/usr/bin:/bin"
    module.BUILD = folder
    sys.argv = ["gpu-validate", "--only", "workloads", "bench", "--output", f"{folder}/out"]
    try:
        module.main()
    except SystemExit as end:
        code = end.code
    stem = [name for name in os.listdir(f"{folder}/out") if name.endswith(".json")][0][:-5]
    check("nvidia" not in stem and "h200" in stem, f"the record is named {stem}")
    with open(f"{folder}/out/{stem}.json") as file:
        record = json.load(file)
    with open(f"{folder}/out/{stem}.md") as file:
        return code, record, file.read()


def test_missed_target():
    with tempfile.TemporaryDirectory() as folder:
        code, record, page = validate(folder, ROWS)
    check(code == 1, f"a missed target ended with {code}")
    check("missed: launch graph, gemm f8e4m3" in record["parts"]["bench"]["detail"], "the detail does not name what was missed")
    check("cuBLASLt knows no way" in page and "no figure" in page, "the page hides a figure that could not be taken")
    published = [row for row in record["parts"]["bench"]["rows"] if row.get("peer_name") == "best published figure"]
    check(len(published) == 1 and abs(published[0]["ratio"] - 4.0 / 4.15) < 1e-9, "triad is not compared with the published figure")
    table = [line for line in page.splitlines() if line.startswith("| ") and "hand-written" in line or line.startswith("| launch")]
    check(len({len(line) for line in table}) == 1, "the table is not aligned")


def test_all_met():
    with tempfile.TemporaryDirectory() as folder:
        # A start that takes as long as its peer may land on either side of the target: what counts is that there is a figure.
        code, record, _ = validate(folder, ROWS[:1])
    rows = record["parts"]["bench"]["rows"]
    start = [row for row in rows if row["group"] == "start"][0]
    check("ratio" in start, f"no figure for the start: {start}")
    late = module.verdict_of(start) == "missed"
    check(code == (1 if late else 0), f"all other targets met, but the code is {code}")


def test_failures_are_told():
    with tempfile.TemporaryDirectory() as folder:
        code, record, page = validate(folder, [], bench="echo broken >&2; exit 3\n", workload="echo no GPU >&2; exit 3")
    check(code == 1, f"a bench that fails ended with {code}")
    check(record["parts"]["bench"]["verdict"] == "failed" and "broken" in record["parts"]["bench"]["detail"], "why is not told")
    check("did not pass" in record["parts"]["workloads"]["detail"] and "failed" in page, "workloads that fail are not told")


def test_without_gpu():
    with tempfile.TemporaryDirectory() as empty:
        environment = dict(os.environ, PATH=empty)
        done = subprocess.run([sys.executable, script], capture_output=True, text=True, env=environment, timeout=60)
    check(done.returncode == 3 and "no NVIDIA GPU" in done.stderr, f"without a GPU: {done.returncode}, {done.stderr}")


def test_time_limit():
    done = module.run(["sleep", "20"], 0.2)
    check(done["code"] == 124 and "did not end" in done["err"], f"a command that does not end: {done}")


for name, test in list(globals().items()):
    if name.startswith("test_"):
        test()
        print("passed:", name)
