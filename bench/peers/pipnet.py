"""PIP-Net in PyTorch, written from the published rules: the peer that our training is measured against."""

import torch
from torch import nn
import torch.nn.functional as F

from resnet import ResNet


class NonNegativeLinear(nn.Module):
    def __init__(self, channels, classes):
        super().__init__()
        self.weight = nn.Parameter(torch.empty(classes, channels))
        self.normalization_multiplier = nn.Parameter(torch.empty(1))

    def forward(self, x):
        return F.linear(x, F.relu(self.weight))


class PipNet(nn.Module):
    def __init__(self, layers, width, classes):
        super().__init__()
        self.backbone = ResNet(layers, width)
        self.last_layer = NonNegativeLinear(self.backbone.channels, classes)
        self.last_block = f"layer{len(layers)}.{layers[-1] - 1}."

    def groups(self):
        named = [*self.backbone.named_parameters()]
        return {
            "backbone": [value for name, value in named if not name.startswith(self.last_block)],
            "prototype_layers": [value for name, value in named if name.startswith(self.last_block)],
            "last_layer": [*self.last_layer.parameters()],
        }

    def forward(self, x):
        """The alignment and tanh terms, and the logits."""
        q = torch.softmax(self.backbone(x), 1)
        s = F.max_pool2d(q, q.shape[2:]).flatten(1)
        (a, b), halves = q.chunk(2), s.chunk(2)
        align = (alignment(a, b) + alignment(b, a)) / 2
        tanh = -sum(torch.log(torch.tanh(half.sum(0)) + 1e-8).mean() for half in halves) / 2
        return align, tanh, self.last_layer(s)

    def warmup_loss(self, x, labels, align_weight):
        align, tanh, logits = self(x)
        return align_weight * align + 5 * tanh, logits

    def joint_loss(self, x, labels):
        align, tanh, logits = self(x)
        amplified = torch.log1p(logits**self.last_layer.normalization_multiplier)
        return 5 * align + 2 * tanh + 2 * F.cross_entropy(amplified, labels), logits

    @torch.no_grad()
    def constrain(self):
        self.last_layer.weight.copy_(torch.clamp(self.last_layer.weight - 1e-3, min=0))
        self.last_layer.normalization_multiplier.clamp_(min=1)


def alignment(these, fixed):
    return -torch.log((these * fixed.detach()).sum(1) + 1e-12).mean()
