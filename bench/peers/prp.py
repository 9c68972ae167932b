"""The PyTorch side of bench/prp.ts: prototype relevance propagation as published, by autograd with each layer's backward
replaced by its rule, one image and one prototype at a time. Answers commands on stdin, one JSON object a line."""

import json
import os
import struct
import sys
import time

import numpy
import torch
from torch.autograd import Function
import torch.nn.functional as F

sys.path.insert(0, os.path.dirname(__file__))
from protomask import ProtoMask

LOWEST, HIGHEST = -2.1179039478302, 2.640000104904175


def read_safetensors(path):
    with open(path, "rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        header = json.loads(file.read(length))
        body = file.read()
    header.pop("__metadata__", None)
    kinds = {"F32": numpy.float32, "I64": numpy.int64}
    return {
        name: torch.from_numpy(
            numpy.frombuffer(body[slice(*entry["data_offsets"])], kinds[entry["dtype"]]).reshape(entry["shape"]).copy()
        )
        for name, entry in header.items()
    }


def stabilised(z, eps0, eps):
    return z + eps0 * (z == 0) + eps * torch.sign(z)


def propagated(layer, x, relevance, eps0, eps):
    """x times the gradient of the layer's output weighted by relevance / output."""
    with torch.enable_grad():
        x = x.detach().requires_grad_()
        z = layer(x)
    (gradient,) = torch.autograd.grad(z, x, relevance / stabilised(z.detach(), eps0, eps))
    return x.detach() * gradient


class Convolution(Function):
    @staticmethod
    def forward(ctx, x, layer):
        ctx.save_for_backward(x)
        ctx.layer = layer
        return F.conv2d(x, layer.weight, layer.bias, layer.stride, layer.padding)

    @staticmethod
    def backward(ctx, relevance):
        (x,), layer = ctx.saved_tensors, ctx.layer

        def signed(x):
            return F.conv2d(x.clamp(min=0), layer.positive, None, layer.stride, layer.padding) + F.conv2d(
                x.clamp(max=0), layer.negative, None, layer.stride, layer.padding
            )

        return propagated(signed, x, relevance, 1e-12, 0), None


class FirstConvolution(Function):
    @staticmethod
    def forward(ctx, x, layer):
        ctx.save_for_backward(x)
        ctx.layer = layer
        return F.conv2d(x, layer.weight, layer.bias, layer.stride, layer.padding)

    @staticmethod
    def backward(ctx, relevance):
        (x,), layer = ctx.saved_tensors, ctx.layer
        with torch.enable_grad():
            x = x.detach().requires_grad_()
            low = torch.full_like(x, LOWEST, requires_grad=True)
            high = torch.full_like(x, HIGHEST, requires_grad=True)
            options = (None, layer.stride, layer.padding)
            z = F.conv2d(x, layer.weight, *options)
            z = z - F.conv2d(low, layer.positive, *options) - F.conv2d(high, layer.negative, *options)
        s = relevance / stabilised(z.detach(), 1e-6, 1e-6)
        parts = torch.autograd.grad(z, (x, low, high), s)
        return sum(value.detach() * part for value, part in zip((x, low, high), parts)), None


class Identity(Function):
    @staticmethod
    def forward(ctx, x, layer):
        return layer(x)

    @staticmethod
    def backward(ctx, relevance):
        return relevance, None


class Sum(Function):
    @staticmethod
    def forward(ctx, a, b):
        ctx.save_for_backward(a, b)
        return a + b

    @staticmethod
    def backward(ctx, relevance):
        a, b = ctx.saved_tensors
        s = relevance / stabilised(a + b, 1e-6, 1e-6)
        return a * s, b * s


class AveragePool(Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return F.adaptive_avg_pool2d(x, 1)

    @staticmethod
    def backward(ctx, relevance):
        return propagated(lambda x: F.adaptive_avg_pool2d(x, 1), ctx.saved_tensors[0], relevance, 1e-6, 1e-6)


class Similarity(Function):
    @staticmethod
    def forward(ctx, z, p):
        ctx.save_for_backward(z, p)
        d = F.relu((z**2).sum() - 2 * (z * p).sum() + (p**2).sum())
        return torch.log((d + 1) / (d + 1e-12))

    @staticmethod
    def backward(ctx, relevance):
        z, p = ctx.saved_tensors
        d = 1 / ((z[None, :] - p[:, None]) ** 2 + 1e-12)
        return relevance * (d / (d.sum(0) + 2e-12)).sum(1), None


class Layer:
    """A convolution with the batch norm behind it folded into it."""

    def __init__(self, conv, norm=None):
        self.weight, self.bias = conv.weight.data, None if conv.bias is None else conv.bias.data
        self.stride, self.padding = conv.stride, conv.padding
        if norm is not None:
            factor = norm.weight.data / torch.sqrt(norm.running_var + norm.eps)
            self.weight = self.weight * factor[:, None, None, None]
            self.bias = norm.bias.data - norm.running_mean * factor
        self.positive, self.negative = self.weight.clamp(min=0), self.weight.clamp(max=0)


class Canonised:
    def __init__(self, model):
        net = model.backbone
        self.stem = Layer(net.conv1, net.bn1)
        self.blocks = []
        for stage in range(net.stages):
            for block in getattr(net, f"layer{stage + 1}"):
                main = [Layer(getattr(block, f"conv{i}"), getattr(block, f"bn{i}")) for i in (1, 2, 3)]
                self.blocks.append((main, None if block.downsample is None else Layer(*block.downsample)))
        self.add_on = Layer(model.add_on_layers[0])
        self.prototypes = model.prototype_vectors.data.flatten(1)

    def vectors(self, x):
        reset = lambda y: y / (1 + 1e-5) ** 0.5
        norm_relu = lambda y: F.relu(reset(y))
        y = Identity.apply(FirstConvolution.apply(x, self.stem), norm_relu)
        # PyTorch's own gradient of max pooling gives all to the first largest element.
        y = F.max_pool2d(y, 3, 2, 1)
        for main, beside in self.blocks:
            identity = y if beside is None else Identity.apply(Convolution.apply(y, beside), reset)
            for layer in main[:-1]:
                y = Identity.apply(Convolution.apply(y, layer), norm_relu)
            y = Identity.apply(Convolution.apply(y, main[-1]), reset)
            y = Identity.apply(Sum.apply(y, identity), F.relu)
        return Identity.apply(AveragePool.apply(Convolution.apply(y, self.add_on)), torch.sigmoid).flatten(1)

    def similarities(self, views, prototype):
        with torch.no_grad():
            d = ((self.vectors(views) - self.prototypes[prototype]) ** 2).sum(1)
            return torch.log((d + 1) / (d + 1e-14))

    def map(self, view, prototype):
        x = view[None].clone().requires_grad_()
        Similarity.apply(self.vectors(x)[0], self.prototypes[prototype]).backward()
        return F.relu(x.grad[0].sum(0))


def prepare(case):
    torch.set_num_threads(case["threads"])
    tensors = read_safetensors(case["file"])
    views = tensors.pop("views")
    model = ProtoMask(case["layers"], case["width"], case["classes"], case["perClass"], case["depth"])
    model.load_state_dict(tensors, strict=False)
    return Canonised(model), views


def run(canonised, views, command):
    sums = []
    for prototype, view in command["pairs"]:
        if command["choose"]:
            view = int(canonised.similarities(views, prototype).argmax())
        sums.append(canonised.map(views[view], prototype).double().sum().item())
    return sums


state = None
for line in sys.stdin:
    command = json.loads(line)
    start = time.perf_counter()
    sums = []
    if "case" in command:
        state = prepare(command["case"])
    else:
        sums = run(*state, command)
    print(json.dumps({"ms": 1000 * (time.perf_counter() - start), "sums": sums}), flush=True)
