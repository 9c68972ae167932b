"""Reads the tensors of a safetensors file, by name."""

import json
import struct

import torch

KINDS = {"F32": torch.float32, "I64": torch.int64, "U8": torch.uint8}


def read_tensors(path):
    with open(path, "rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        header = json.loads(file.read(length))
        start = 8 + length
        tensors = {}
        for name, entry in header.items():
            if name == "__metadata__":
                continue
            begin, end = entry["data_offsets"]
            file.seek(start + begin)
            data = bytearray(file.read(end - begin))
            tensors[name] = torch.frombuffer(data, dtype=KINDS[entry["dtype"]]).reshape(entry["shape"])
    return tensors
