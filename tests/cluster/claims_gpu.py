#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A user's program over the stand-in of NVML: it "uses" GPUs by claiming them in the directory that the stand-in reads.

    claims_gpu.py SECONDS first|own|parent|none

first: every task takes the first GPU that it sees; own: the one of its local rank; parent: the parent takes the first, and a
forked child, which has the driver's library mapped, cannot; none: nobody takes any.
"""
import mmap
import os
import sys
import time

seconds, way = float(sys.argv[1]), sys.argv[2]
directory, uuids = os.environ["CLAIMS"], os.environ["UUIDS"].split(",")


def claim(uuid):
    folder = os.path.join(directory, uuid)
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, str(os.getpid())), "w") as file:
        file.write("600\n")


def visible():
    text = os.environ.get("CUDA_VISIBLE_DEVICES", ",".join(map(str, range(len(uuids)))))
    return [uuids[int(entry)] if entry.isdigit() else entry for entry in text.split(",")]


def map_driver():
    """As a program that has opened the driver: the name is what /proc/PID/maps shows."""
    path = os.path.join(directory, "libcuda.so.1")
    with open(path, "a+b") as file:
        if os.path.getsize(path) == 0:
            file.write(b"\0" * 4096)
            file.flush()
        return mmap.mmap(file.fileno(), 4096, mmap.MAP_PRIVATE)


local_rank = int(os.environ.get("LOCAL_RANK", os.environ.get("SLURM_LOCALID", "0")))
mapped = map_driver()
if way == "first":
    claim(visible()[0])
elif way == "own":
    claim(visible()[local_rank % len(visible())])
elif way == "parent":
    claim(visible()[0])
    if os.fork() == 0:
        time.sleep(seconds)
        os._exit(0)
time.sleep(seconds)
