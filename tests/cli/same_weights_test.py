# SPDX-License-Identifier: Apache-2.0
"""The main job gives the same weights on 1, 2, 3, 4 and 8 ranks: same_weights_test.py WARPSTEP FOLDER-OF-CONFIGS"""
import json
import subprocess
import sys

warpstep, configs = sys.argv[1:]
TOLERANCE = 1e-5


def report_of(ranks):
    command = [warpstep, "run", f"{configs}/data-parallel-sgd.yaml", "--device", "host", "--local-ranks", str(ranks), "--json", "-"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=100)
    if done.returncode != 0:
        sys.exit(f"{ranks} ranks: exit code {done.returncode}: {done.stderr}")
    return json.loads(done.stdout)


alone = report_of(1)["values"]["w"]
if len(alone) != 11 or max(map(abs, alone)) < 0.1:
    sys.exit(f"1 rank: these are no trained weights: {alone}")
for ranks in (2, 3, 4, 8):
    report = report_of(ranks)
    distance = max(abs(a - b) for a, b in zip(alone, report["values"]["w"], strict=True))
    print(f"{ranks} ranks: largest difference {distance:.2g}, {len(report['ranks'])} ranks reported")
    if distance > TOLERANCE or len(report["ranks"]) != ranks:
        sys.exit(f"{ranks} ranks: weights differ by {distance} (allowed {TOLERANCE})")
