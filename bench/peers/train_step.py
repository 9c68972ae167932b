"""The PyTorch side of bench/train_step.ts: answers commands on stdin, one JSON object a line, with one line each."""

import json
import resource
import sys
import time

import torch
import torch.nn as nn


class Block(nn.Module):
    def __init__(self, kind, channels, width, stride):
        super().__init__()
        out = width * (4 if kind == "bottleneck" else 1)
        shapes = (
            [(channels, width, 1, 1), (width, width, 3, stride), (width, out, 1, 1)]
            if kind == "bottleneck"
            else [(channels, width, 3, stride), (width, width, 3, 1)]
        )
        self.convs = nn.ModuleList(nn.Conv2d(i, o, k, s, k // 2, bias=False) for i, o, k, s in shapes)
        self.norms = nn.ModuleList(nn.BatchNorm2d(o) for _, o, _, _ in shapes)
        self.relu = nn.ReLU(inplace=True)
        self.downsample = None
        if stride != 1 or channels != out:
            self.downsample = nn.Sequential(nn.Conv2d(channels, out, 1, stride, bias=False), nn.BatchNorm2d(out))

    def forward(self, x):
        identity = x if self.downsample is None else self.downsample(x)
        for i, (conv, norm) in enumerate(zip(self.convs, self.norms)):
            x = norm(conv(x))
            if i + 1 < len(self.convs):
                x = self.relu(x)
        x += identity
        return self.relu(x)


class ResNet(nn.Module):
    def __init__(self, block, layers, width, strides, classes):
        super().__init__()
        self.stem = nn.Sequential(
            nn.Conv2d(3, width, 7, 2, 3, bias=False), nn.BatchNorm2d(width), nn.ReLU(inplace=True), nn.MaxPool2d(3, 2, 1)
        )
        channels, blocks = width, []
        for stage, (count, stride) in enumerate(zip(layers, strides)):
            for i in range(count):
                blocks.append(Block(block, channels, width * 2**stage, stride if i == 0 else 1))
                channels = width * 2**stage * (4 if block == "bottleneck" else 1)
        self.blocks = nn.Sequential(*blocks)
        self.fc = nn.Linear(channels, classes)

    def forward(self, x):
        return self.fc(self.blocks(self.stem(x)).mean((2, 3)))


def prepare(case):
    torch.set_num_threads(case["threads"])
    model = ResNet(**{key: case[key] for key in ("block", "layers", "width", "strides", "classes")})
    x = torch.randn(case["batch"], 3, case["size"], case["size"])
    labels = torch.randint(0, case["classes"], (case["batch"],))
    if not case["training"]:
        model.eval()

        def forward():
            with torch.no_grad():
                model(x)

        return forward
    optimiser = torch.optim.Adam(model.parameters(), 1e-4)

    def step():
        optimiser.zero_grad()
        loss = nn.functional.cross_entropy(model(x), labels)
        loss.backward()
        optimiser.step()
        loss.item()

    return step


def main():
    run = None
    for line in sys.stdin:
        command = json.loads(line)
        start = time.perf_counter()
        if "case" in command:
            run = prepare(command["case"])
        else:
            run()
        milliseconds = (time.perf_counter() - start) * 1000
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(json.dumps({"ms": milliseconds, "peakMb": peak}), flush=True)


main()
