"""ProtoPNet in PyTorch, written from the published rules: the peer that our training is measured against."""

import torch
from torch import nn
import torch.nn.functional as F

from distances import nearest_cost, similarity, spatial_minimum, squared_distances
from resnet import ResNet


class ProtoPNet(nn.Module):
    def __init__(self, layers, width, classes, per_class, depth):
        super().__init__()
        count = classes * per_class
        self.prototype_vectors = nn.Parameter(torch.empty(count, depth, 1, 1))
        self.backbone = ResNet(layers, width)
        self.add_on_layers = nn.Sequential(
            nn.Conv2d(self.backbone.channels, depth, 1), nn.ReLU(), nn.Conv2d(depth, depth, 1), nn.Sigmoid()
        )
        self.last_layer = nn.Linear(count, classes, bias=False)
        self.last_layer.requires_grad_(False)
        self.register_buffer("owner", torch.arange(count) // per_class, persistent=False)
        self.depth = depth

    def groups(self):
        return {
            "backbone": [*self.backbone.parameters()],
            "add_on_layers": [*self.add_on_layers.parameters()],
            "prototype_vectors": [self.prototype_vectors],
        }

    def joint_loss(self, x, labels):
        m = spatial_minimum(squared_distances(self.add_on_layers(self.backbone(x)), self.prototype_vectors))
        logits = self.last_layer(similarity(m))
        own = (self.owner[None] == labels[:, None]).to(m.dtype)
        clst = nearest_cost(m, own, self.depth)
        sep = nearest_cost(m, 1 - own, self.depth)
        return F.cross_entropy(logits, labels) + 0.8 * clst - 0.08 * sep, logits
