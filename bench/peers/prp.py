"""The PyTorch side of bench/prp.ts: prototype relevance propagation as published, by autograd with each layer's backward
replaced by its rule, one image and one prototype at a time. Answers commands on stdin, one JSON object a line."""

import json
import os
import sys
import time

import torch
from torch.autograd import Function
import torch.nn.functional as F

sys.path.insert(0, os.path.dirname(__file__))
from tensors import read_tensors

LOWEST, HIGHEST = -2.1179039478302, 2.640000104904175


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


def log_similarity(z, p):
    d = F.relu((z**2).sum(0) - 2 * (z * p).sum(0) + (p**2).sum(0))
    return torch.log((d + 1) / (d + 1e-12))


class VectorSimilarity(Function):
    """Of one vector [D]: all pairs of channels share the relevance."""

    @staticmethod
    def forward(ctx, z, p):
        ctx.save_for_backward(z, p)
        return log_similarity(z, p)

    @staticmethod
    def backward(ctx, relevance):
        z, p = ctx.saved_tensors
        d = 1 / ((z[None, :] - p[:, None]) ** 2 + 1e-12)
        return relevance * (d / (d.sum(0) + 2e-12)).sum(1), None


class MapSimilarity(Function):
    """Of the positions of a map [D, H, W], with a prototype [D, 1, 1]."""

    @staticmethod
    def forward(ctx, z, p):
        ctx.save_for_backward(z, p)
        return log_similarity(z, p)

    @staticmethod
    def backward(ctx, relevance):
        z, p = ctx.saved_tensors
        d = 1 / ((z - p) ** 2 + 1e-12)
        return relevance * d / (d.sum(0) + 2e-12), None


class Layer:
    """A convolution of the state with the batch norm behind it folded into it."""

    def __init__(self, state, conv, norm=None, stride=1, padding=0):
        self.weight, self.bias = state[f"{conv}.weight"], state.get(f"{conv}.bias")
        self.stride, self.padding = stride, padding
        if norm is not None:
            factor = state[f"{norm}.weight"] / torch.sqrt(state[f"{norm}.running_var"] + 1e-5)
            self.weight = self.weight * factor[:, None, None, None]
            self.bias = state[f"{norm}.bias"] - state[f"{norm}.running_mean"] * factor
        self.positive, self.negative = self.weight.clamp(min=0), self.weight.clamp(max=0)


def block_of(state, name, stride):
    main = [
        Layer(state, f"{name}.conv1", f"{name}.bn1"),
        Layer(state, f"{name}.conv2", f"{name}.bn2", stride, 1),
        Layer(state, f"{name}.conv3", f"{name}.bn3"),
    ]
    if f"{name}.downsample.0.weight" not in state:
        return main, None
    return main, Layer(state, f"{name}.downsample.0", f"{name}.downsample.1", stride)


class Canonised:
    def __init__(self, state, layers):
        self.stem = Layer(state, "backbone.conv1", "backbone.bn1", 2, 3)
        self.blocks = [
            block_of(state, f"backbone.layer{stage + 1}.{block}", 2 if stage > 0 and block == 0 else 1)
            for stage, count in enumerate(layers)
            for block in range(count)
        ]
        names = ("add_on_layers.0", "add_on_layers.2")
        self.add_on = [Layer(state, name) for name in names if f"{name}.weight" in state]
        self.prototypes = state.get("prototype_vectors")

    def features(self, x):
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
        return y

    def map(self, view, prototype):
        x = view[None].clone().requires_grad_()
        self.similarity(x, prototype).backward()
        return F.relu(x.grad[0].sum(0))


class ProtoMask(Canonised):
    def vectors(self, x):
        y = Convolution.apply(self.features(x), self.add_on[0])
        return Identity.apply(AveragePool.apply(y), torch.sigmoid).flatten(1)

    def similarity(self, x, prototype):
        return VectorSimilarity.apply(self.vectors(x)[0], self.prototypes[prototype].flatten())

    def similarities(self, views, prototype):
        with torch.no_grad():
            d = ((self.vectors(views) - self.prototypes[prototype].flatten()) ** 2).sum(1)
            return torch.log((d + 1) / (d + 1e-14))


class PositionModel(Canonised):
    """ProtoPNet and ProtoPool, which differ in the number of their add-on layers."""

    def similarity(self, x, prototype):
        y = self.features(x)
        for layer in self.add_on[:-1]:
            y = Identity.apply(Convolution.apply(y, layer), F.relu)
        z = Identity.apply(Convolution.apply(y, self.add_on[-1]), torch.sigmoid)
        return F.adaptive_max_pool2d(MapSimilarity.apply(z[0], self.prototypes[prototype])[None], 1)


class PipNet(Canonised):
    def similarity(self, x, prototype):
        return F.adaptive_max_pool2d(self.features(x)[:, prototype], 1)


MODELS = {"protomask": ProtoMask, "protopnet": PositionModel, "protopool": PositionModel, "pipnet": PipNet}


def prepare(case):
    torch.set_num_threads(case["threads"])
    state = read_tensors(os.path.join(case["folder"], "weights.safetensors"))
    return MODELS[case["model"]](state, case["layers"]), read_tensors(case["views"])["views"]


def run(model, views, command):
    sums = []
    for prototype, view in command["pairs"]:
        if command["choose"]:
            view = int(model.similarities(views, prototype).argmax())
        sums.append(model.map(views[view], prototype).double().sum().item())
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
