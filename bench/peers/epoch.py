"""The PyTorch side of bench/epoch.ts: answers commands on stdin, one JSON object a line, with one line each."""

import json
import os
import sys
import time

import torch

sys.path.insert(0, os.path.dirname(__file__))
from pipnet import PipNet
from protomask import ProtoMask
from protopnet import ProtoPNet
from protopool import ProtoPool
from tensors import read_tensors

MODELS = {"protomask": ProtoMask, "protopnet": ProtoPNet, "protopool": ProtoPool, "pipnet": PipNet}
MEAN = torch.tensor([0.485, 0.456, 0.406])[:, None, None] * 255
SCALE = 1 / (torch.tensor([0.229, 0.224, 0.225])[:, None, None] * 255)


def load(model, state):
    """Sets every parameter and buffer but the counters of the batch norms and the class weights, which are 1."""
    missing, unexpected = model.load_state_dict(state, strict=False)
    missing = [name for name in missing if not name.endswith("num_batches_tracked")]
    unexpected = [name for name in unexpected if name != "classification_loss_fn.weight"]
    if missing or unexpected:
        raise RuntimeError(f"the state lacks {missing}, and the model has no {unexpected}")


def shaped(model, pixels, labels, layout):
    """The batch that the model sees, of bytes [N, views, 3, H, W]."""
    x = (pixels.float() - MEAN) * SCALE
    if model == "protomask":
        return x, labels
    if model == "pipnet":
        return x.transpose(0, 1).flatten(0, 1).contiguous(memory_format=layout), labels.repeat(2)
    return x.squeeze(1).contiguous(memory_format=layout), labels


def prepare(case):
    torch.set_num_threads(case["threads"])
    torch.manual_seed(1)
    tensors = read_tensors(case["file"])
    pixels = tensors.pop("pixels").permute(0, 1, 4, 2, 3).contiguous()
    labels = tensors.pop("labels")
    extra = {name: tensors.pop(f"extra {name}") for name in case["extra"]}
    model = MODELS[case["model"]](case["layers"], case["width"], case["classes"], *case["architecture"].values())
    load(model, tensors)
    model.train()
    del tensors
    layout = torch.channels_last if case["channelsLast"] else torch.contiguous_format
    model.to(memory_format=layout)
    groups = [{"params": params, "lr": case["rates"][name]} for name, params in model.groups().items() if name in case["rates"]]
    optimiser = torch.optim.Adam(groups, fused=True)

    def epoch(first):
        total, of_first = 0.0, None
        for index, start in enumerate(range(0, case["images"], case["batch"])):
            end = min(start + case["batch"], case["images"])
            x, y = shaped(case["model"], pixels[start:end], labels[start:end], layout)
            given = {name: values[index] for name, values in extra.items()}
            # Both sides have the same noise in the first epoch; later it is drawn.
            if "gumbel" in given and not first:
                given["gumbel"] = None
            loss, logits = getattr(model, f"{case['phase']}_loss")(x, y, **given)
            (loss / case["accumulate"]).backward()
            if (index + 1) % case["accumulate"] == 0:
                optimiser.step()
                optimiser.zero_grad()
            if case["phase"] == "joint" and hasattr(model, "constrain"):
                model.constrain()
            value = loss.item()
            of_first = value if of_first is None else of_first
            total += value * (end - start)
            logits.argmax(1)
        return {"firstLoss": of_first, "loss": total / case["images"]}

    return epoch


def peak_memory():
    with open("/proc/self/status") as file:
        return next(int(line.split()[1]) / 1024 for line in file if line.startswith("VmHWM"))


def main():
    epoch, first = None, True
    for line in sys.stdin:
        command = json.loads(line)
        start, cpu = time.perf_counter(), time.process_time()
        losses = {}
        if "case" in command:
            epoch = prepare(command["case"])
            # The peak is that of the epochs.
            with open("/proc/self/clear_refs", "w") as file:
                file.write("5")
        else:
            losses, first = epoch(first), False
        answer = {
            "ms": 1000 * (time.perf_counter() - start),
            "cpuMs": 1000 * (time.process_time() - cpu),
            "peakMb": peak_memory(),
            **losses,
        }
        print(json.dumps(answer), flush=True)


main()
