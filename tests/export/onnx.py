"""Runs exported ONNX files on the input x of a safetensors file and writes their outputs: onnx.py CASES."""

import json
import struct
import sys

import numpy
import onnxruntime

for case in json.loads(sys.argv[1]):
    folder = case["folder"]
    with open(f"{folder}/x.safetensors", "rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        entry = json.loads(file.read(length))["x"]
        begin, end = entry["data_offsets"]
        file.seek(8 + length + begin)
        x = numpy.frombuffer(file.read(end - begin), numpy.float32).reshape(entry["shape"])
    session = onnxruntime.InferenceSession(f"{folder}/model.onnx", providers=["CPUExecutionProvider"])
    assert [value.name for value in session.get_inputs()] == ["x"], session.get_inputs()
    names = [value.name for value in session.get_outputs()]
    outputs = session.run(names, {"x": x})
    answer = {name: {"shape": value.shape, "data": value.ravel().tolist()} for name, value in zip(names, outputs)}
    with open(f"{folder}/answer.json", "w") as file:
        json.dump(answer, file)
