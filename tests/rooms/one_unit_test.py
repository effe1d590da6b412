#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every room compiles as one unit: names in unnamed namespaces are unique within a room, so that it does not matter which files
stand in one batch. Arguments: BUILD [ROOM...]; without unity there are no batches, and nothing to look at (77)."""

import json
import pathlib
import shlex
import subprocess
import sys

build = pathlib.Path(sys.argv[1]).resolve()
wanted = sys.argv[2:]
batches = build / "rooms" / "batches"
commands = {}
for entry in json.loads((build / "compile_commands.json").read_text()):
    file = pathlib.Path(entry["file"])
    if file.parent == batches:
        commands.setdefault(file.stem.rsplit("_", 1)[0], []).append((file, entry))
if not commands:
    print("no batches here (WARPSTEP_UNITY is off)")
    sys.exit(77)


def words_without_output(command):
    words = shlex.split(command)
    words = words[next(i for i, word in enumerate(words) if word.split("/")[-1] in ("c++", "g++", "clang++", "g++-12")):]
    kept, skip = [], False
    for word in words:
        if skip:
            skip = False
        elif word in ("-o", "-MT", "-MF", "-c"):
            skip = word != "-c"
        elif word not in ("-MD",) and not word.endswith(".cpp"):
            kept.append(word)
    return kept


failed = 0
for room, files in sorted(commands.items()):
    if wanted and room not in wanted:
        continue
    text = "".join(f'#include "{file}"\n' for file, _ in sorted(files))
    entry = files[0][1]
    command = words_without_output(entry["command"]) + ["-fsyntax-only", "-fmax-errors=0", "-x", "c++", "-"]
    done = subprocess.run(command, input=text, cwd=entry["directory"], capture_output=True, text=True)
    errors = [line for line in done.stderr.splitlines() if " error: " in line]
    print(f"{'ok' if done.returncode == 0 else 'FAILED'}: {room}, {len(files)} batches")
    if done.returncode != 0:
        failed += 1
        print("\n".join(errors[:20] or done.stderr.splitlines()[:20]))
print(f"{len(commands)} rooms, {failed} failed")
sys.exit(1 if failed else 0)
