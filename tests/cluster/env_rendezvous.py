# SPDX-License-Identifier: Apache-2.0
"""Meets the way torch's env:// does: rank 0 listens at MASTER_ADDR:MASTER_PORT, all others connect and say their rank."""
import os
import socket
import time

rank, size = int(os.environ["RANK"]), int(os.environ["WORLD_SIZE"])
place = (os.environ["MASTER_ADDR"], int(os.environ["MASTER_PORT"]))


def serve():
    with socket.create_server(place) as server:
        server.settimeout(30)
        ranks = {0}
        while len(ranks) < size:
            peer, _ = server.accept()
            with peer:
                ranks.add(int(peer.recv(16).decode()))
    print(f"{len(ranks)} ranks met:", *sorted(ranks))


def join():
    for _ in range(300):
        try:
            with socket.create_connection(place, timeout=10) as root:
                root.sendall(str(rank).encode())
                return
        except ConnectionRefusedError:
            time.sleep(0.1)
    raise SystemExit(f"rank {rank} could not reach {place}")


serve() if rank == 0 else join()
