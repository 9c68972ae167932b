"""The PyTorch side of bench/epoch.ts: answers commands on stdin, one JSON object a line, with one line each."""

import json
import os
import sys
import time

import torch

sys.path.insert(0, os.path.dirname(__file__))
from protomask import ProtoMask


def prepare(case):
    torch.set_num_threads(case["threads"])
    torch.manual_seed(1)
    model = ProtoMask(case["layers"], case["width"], case["classes"], case["perClass"], case["depth"])
    model.train()
    for parameter in model.last_layer.parameters():
        parameter.requires_grad = False
    optimiser = torch.optim.Adam(
        [
            {"params": model.backbone.parameters(), "lr": 6e-5},
            {"params": [model.prototype_vectors], "lr": 3e-3},
        ]
    )
    images, views, size = case["images"], case["views"], case["size"]
    pixels = torch.randint(0, 256, (images, views, 3, size, size), dtype=torch.uint8)
    labels = torch.arange(images) % case["classes"]
    mean = torch.tensor([0.485, 0.456, 0.406])[:, None, None] * 255
    scale = 1 / (torch.tensor([0.229, 0.224, 0.225])[:, None, None] * 255)

    def epoch():
        total = 0.0
        for index, start in enumerate(range(0, images, case["batch"])):
            x = (pixels[start : start + case["batch"]].float() - mean) * scale
            y = labels[start : start + case["batch"]]
            loss, logits = model.joint_loss(x, y)
            (loss / case["accumulate"]).backward()
            if (index + 1) % case["accumulate"] == 0:
                optimiser.step()
                optimiser.zero_grad()
            total += loss.item() * len(y)
            logits.argmax(1)
        return total / images

    return epoch


epoch = None
for line in sys.stdin:
    command = json.loads(line)
    start = time.perf_counter()
    loss = None
    if "case" in command:
        epoch = prepare(command["case"])
    else:
        loss = epoch()
    print(json.dumps({"ms": 1000 * (time.perf_counter() - start), "loss": loss}), flush=True)
