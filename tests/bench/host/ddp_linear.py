#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What a user would run instead of configs/linear-regression.yaml: PyTorch's DistributedDataParallel on the CPU (Gloo),
linear model 10 -> 1 on 1,000 generated samples, global batch 32, SGD with rate 0.01, 10 epochs.

    MASTER_ADDR=ADDRESS_OF_THE_FIRST_NODE srun -N2 --ntasks-per-node=4 tests/bench/host/ddp_linear.py

Rank 0 prints the loss over all samples. Debian's own Python, because that has Debian's python3-torch.
"""
import os

import torch
import torch.distributed
from torch.nn.parallel import DistributedDataParallel
from torch.utils.data import DataLoader, DistributedSampler, TensorDataset

SAMPLES, FEATURES, BATCH, EPOCHS, RATE, NOISE = 1000, 10, 32, 10, 0.01, 0.1


def generated():
    source = torch.Generator().manual_seed(0)
    inputs = torch.randn(SAMPLES, FEATURES, generator=source)
    weights = torch.randn(FEATURES, 1, generator=source)
    return inputs, inputs @ weights + NOISE * torch.randn(SAMPLES, 1, generator=source)


def train(model, inputs, targets, ranks):
    data = TensorDataset(inputs, targets)
    sampler = DistributedSampler(data, shuffle=True, seed=0)
    loader = DataLoader(data, batch_size=BATCH // ranks, sampler=sampler)
    optimizer = torch.optim.SGD(model.parameters(), lr=RATE)
    loss = torch.nn.MSELoss()
    for epoch in range(EPOCHS):
        sampler.set_epoch(epoch)
        for batch_inputs, batch_targets in loader:
            optimizer.zero_grad()
            loss(model(batch_inputs), batch_targets).backward()
            optimizer.step()


def main():
    os.environ.setdefault("RANK", os.environ["SLURM_PROCID"])
    os.environ.setdefault("WORLD_SIZE", os.environ["SLURM_NTASKS"])
    os.environ.setdefault("MASTER_PORT", "29400")
    torch.set_num_threads(1)
    torch.distributed.init_process_group("gloo", init_method="env://")
    torch.manual_seed(0)
    model = DistributedDataParallel(torch.nn.Linear(FEATURES, 1))
    inputs, targets = generated()
    train(model, inputs, targets, torch.distributed.get_world_size())
    if torch.distributed.get_rank() == 0:
        with torch.no_grad():
            print(f"mean squared error {torch.mean((model(inputs) - targets) ** 2).item():.5f}")
    torch.distributed.barrier()
    torch.distributed.destroy_process_group()


main()
