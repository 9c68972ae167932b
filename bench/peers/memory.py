"""The PyTorch side of bench/memory.ts: arguments `plain` or `again`, images, rounds, threads."""

import json
import os
import resource
import sys
import time

import torch
from torch.utils.checkpoint import checkpoint

sys.path.insert(0, os.path.dirname(__file__))
from protomask import ProtoMask
from resnet import ResNet
import torch.nn.functional as F


class Checkpointed(ResNet):
    """Every block, and the stem, is computed again for its gradients."""

    def forward(self, x):
        stem = lambda x: self.pool(F.relu(self.bn1(self.conv1(x))))
        x = checkpoint(stem, x, use_reentrant=False)
        for stage in range(self.stages):
            for block in getattr(self, f"layer{stage + 1}"):
                x = checkpoint(block, x, use_reentrant=False)
        return x


def main():
    side, *numbers = sys.argv[1:]
    images, rounds, threads = map(int, numbers)
    torch.set_num_threads(threads)
    model = ProtoMask([3, 4, 6, 3], 64, 200, 10, 1280)
    if side == "again":
        model.backbone.__class__ = Checkpointed
    x = torch.randn(images, 11, 3, 224, 224)
    labels = torch.arange(images)
    optimiser = torch.optim.Adam([p for group in model.groups().values() for p in group], 1e-4)
    best, cpu = float("inf"), float("inf")
    for _ in range(rounds):
        start, before = time.perf_counter(), time.process_time()
        loss, _ = model.joint_loss(x, labels)
        (loss / 4).backward()
        optimiser.step()
        optimiser.zero_grad(set_to_none=False)
        best, cpu = min(best, time.perf_counter() - start), min(cpu, time.process_time() - before)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"ms": best * 1000, "cpuMs": cpu * 1000, "peakMb": peak}))


main()
