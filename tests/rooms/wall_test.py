#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The wall between rooms: no command of a room has the repository's root among its include folders, and for every pair of a room and a
header of a room that it does not link, a line that includes the header does not get through the preprocessor. Arguments: REPOSITORY
BUILD."""

import concurrent.futures
import json
import os
import pathlib
import re
import shlex
import subprocess
import sys

repository, build = (pathlib.Path(name).resolve() for name in sys.argv[1:3])
views = build / "rooms"
rooms = [name for name in sorted(os.listdir(views)) if (views / name / "runtime").is_dir() or (views / name / "kernels").exists()]
folder = {room: "kernels" if room == "kernels" else f"runtime/{room}" for room in rooms}


def room_of(entry):
    file = pathlib.Path(entry["file"])
    if file.parent == views / "batches":
        return file.stem.rsplit("_", 1)[0]
    inside = file.relative_to(repository).as_posix() if file.is_relative_to(repository) else ""
    return next((room for room in rooms if inside.startswith(folder[room] + "/")), None)


def include_folders(command):
    words = shlex.split(command)
    joined = [word[2:] for word in words if word.startswith("-I")]
    return joined + [words[i + 1] for i, word in enumerate(words) if word in ("-I", "-isystem")]


# A part of the CUDA module is compiled among the module's own commands; the room is what its library is made of.
seen = {}
roots = []
for entry in json.loads((build / "compile_commands.json").read_text()):
    room = room_of(entry)
    if room is None or "CMakeFiles/warpstep_cuda_" in entry["command"] or "verify_interface" in entry["command"]:
        continue
    folders = include_folders(entry["command"])
    if any(pathlib.Path(f).resolve() in (repository, build) for f in folders):
        roots.append(entry["file"])
    seen.setdefault(room, folders)

headers = [path for path in subprocess.run(["git", "-C", repository, "ls-files", "runtime/*.hpp", "kernels/*.hpp"],
                                           capture_output=True, text=True, check=True).stdout.split()]
if not headers:  # not a checkout of git: what lies there
    headers = [path.relative_to(repository).as_posix() for top in ("runtime", "kernels") for path in (repository / top).rglob("*.hpp")]


def owner(header):
    return next((room for room in rooms if header.startswith(folder[room] + "/")), None)


def linked(room):
    return {name for name in rooms if any(pathlib.Path(f) == views / name for f in seen[room])}


pairs = [(room, header) for room in sorted(seen) for header in headers if owner(header) and owner(header) not in linked(room)]


def is_missing(pair):
    room, header = pair
    command = ["cpp", "-x", "c++", "-nostdinc", *(f"-I{f}" for f in seen[room]), "-"]
    # From a folder without ours: a quoted include looks there first.
    done = subprocess.run(command, input=f'#include "{header}"\n', capture_output=True, text=True, cwd="/")
    return re.search(rf"fatal error: {re.escape(header)}: No such file", done.stderr) is not None


# Each room finds its own headers by the same way, or the test would pass for nothing.
own = [(room, header) for room in sorted(seen) for header in headers if owner(header) == room]
with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
    leaking = [pair for pair, missing in zip(pairs, pool.map(is_missing, pairs)) if not missing]
    unseen = [pair for pair, missing in zip(own, pool.map(is_missing, own)) if missing]

for room in sorted(seen):
    print(f"{room}: sees {', '.join(sorted(linked(room)))}")
for file in roots:
    print(f"FAILED: {file} is compiled with the root among its include folders")
for room, header in leaking[:20]:
    print(f"FAILED: {room} can include {header}")
for room, header in unseen[:20]:
    print(f"FAILED: {room} does not find its own {header}")
unknown = sorted(set(rooms) - set(seen) - {"tests", "spank"})
for room in unknown:
    print(f"FAILED: no command of {room}")
failed = len(leaking) + len(roots) + len(unseen) + len(unknown)
print(f"{len(seen)} rooms, {len(pairs)} pairs, {failed} failed")
sys.exit(1 if failed else 0)
