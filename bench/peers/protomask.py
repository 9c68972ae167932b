"""ProtoMask in PyTorch, written from the published rules: the peer that our training is measured against."""

import torch
from torch import nn
import torch.nn.functional as F

from distances import nearest_cost, similarity, squared_distances
from resnet import ResNet


class ProtoMask(nn.Module):
    def __init__(self, layers, width, classes, per_class, depth):
        super().__init__()
        self.prototype_vectors = nn.Parameter(torch.rand(classes * per_class, depth, 1, 1))
        self.backbone = ResNet(layers, width)
        self.add_on_layers = nn.Sequential(
            nn.Conv2d(self.backbone.channels, depth, 1), nn.AdaptiveAvgPool2d(1), nn.Sigmoid()
        )
        self.last_layer = nn.Linear(classes * per_class, classes, bias=False)
        self.last_layer.requires_grad_(False)
        identity = torch.arange(classes * per_class) // per_class
        self.register_buffer("owner", identity, persistent=False)
        self.last_layer.weight.data.copy_((identity[None] == torch.arange(classes)[:, None]).float())
        self.per_class, self.depth = per_class, depth

    def forward(self, x):
        images, views = x.shape[:2]
        z = self.add_on_layers(self.backbone(x.flatten(0, 1)))
        d = squared_distances(z, self.prototype_vectors)
        m = d.reshape(images, views, -1).min(1).values
        return self.last_layer(similarity(m)), m

    def groups(self):
        return {"backbone": [*self.backbone.parameters()], "prototype_vectors": [self.prototype_vectors]}

    def joint_loss(self, x, labels, weights=None, diversity_gradient=False):
        logits, m = self(x)
        own = (self.owner[None] == labels[:, None]).to(m.dtype)
        clst = nearest_cost(m, own, self.depth)
        sep = nearest_cost(m, 1 - own, self.depth)
        p = self.prototype_vectors.flatten(1).reshape(-1, self.per_class, self.depth)[labels]
        distances = (p[:, :, None] - p[:, None]).norm(dim=3)
        div = torch.exp(-0.001 * distances.sum((1, 2))).mean()
        div = div if diversity_gradient else div.item()
        return F.cross_entropy(logits, labels, weight=weights) + 0.8 * clst - 0.2 * sep + 0.2 * div, logits
