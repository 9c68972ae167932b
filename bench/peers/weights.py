"""Writes a ResNet-50's weights in every format, and reads them with PyTorch when told to.

weights.py make FOLDER   writes zip.pth, legacy.pth, lightning.ckpt, weights.safetensors and model.json with its shards
weights.py read          for each path on stdin prints the milliseconds that reading it took
"""

import json
import sys
import time
from collections import OrderedDict

import torch
from safetensors.torch import load_file, save_file


def resnet50():
    tensors = OrderedDict()

    def conv(name, outputs, inputs, kernel):
        tensors[f"{name}.weight"] = torch.randn(outputs, inputs, kernel, kernel)

    def norm(name, channels):
        for field in ("weight", "bias", "running_mean", "running_var"):
            tensors[f"{name}.{field}"] = torch.randn(channels)
        tensors[f"{name}.num_batches_tracked"] = torch.tensor(0)

    conv("conv1", 64, 3, 7)
    norm("bn1", 64)
    inputs = 64
    for stage, (blocks, width) in enumerate([(3, 64), (4, 128), (6, 256), (3, 512)], 1):
        for block in range(blocks):
            at = f"layer{stage}.{block}"
            conv(f"{at}.conv1", width, inputs, 1)
            norm(f"{at}.bn1", width)
            conv(f"{at}.conv2", width, width, 3)
            norm(f"{at}.bn2", width)
            conv(f"{at}.conv3", 4 * width, width, 1)
            norm(f"{at}.bn3", 4 * width)
            if block == 0:
                conv(f"{at}.downsample.0", 4 * width, inputs, 1)
                norm(f"{at}.downsample.1", 4 * width)
            inputs = 4 * width
    tensors["fc.weight"] = torch.randn(1000, 2048)
    tensors["fc.bias"] = torch.randn(1000)
    return tensors


def make(folder):
    tensors = resnet50()
    torch.save(tensors, f"{folder}/zip.pth")
    torch.save(tensors, f"{folder}/legacy.pth", _use_new_zipfile_serialization=False)
    torch.save({"epoch": 3, "state_dict": tensors}, f"{folder}/lightning.ckpt")
    save_file(tensors, f"{folder}/weights.safetensors")
    make_tfjs(folder, {name: tensor for name, tensor in tensors.items() if tensor.dtype == torch.float32})


def make_tfjs(folder, tensors):
    data = b"".join(tensor.numpy().tobytes() for tensor in tensors.values())
    shard = 4 << 20
    paths = []
    for start in range(0, len(data), shard):
        paths.append(f"shard{len(paths)}.bin")
        with open(f"{folder}/{paths[-1]}", "wb") as file:
            file.write(data[start : start + shard])
    weights = [{"name": name, "shape": list(tensor.shape), "dtype": "float32"} for name, tensor in tensors.items()]
    with open(f"{folder}/model.json", "w") as file:
        json.dump({"format": "layers-model", "weightsManifest": [{"paths": paths, "weights": weights}]}, file)


def read(path):
    begin = time.perf_counter()
    loaded = load_file(path) if path.endswith(".safetensors") else torch.load(path, weights_only=True)
    tensors = loaded.get("state_dict", loaded)
    # One value of every page, so that a mapped file is read as well.
    touched = sum(float(tensor.flatten()[::1024].sum()) for tensor in tensors.values())
    assert touched == touched
    return 1000 * (time.perf_counter() - begin)


if sys.argv[1] == "make":
    make(sys.argv[2])
else:
    torch.set_num_threads(2)
    for line in sys.stdin:
        print(read(line.strip()), flush=True)
