"""ProtoPool in PyTorch, written from the published rules: the peer that our training is measured against."""

import torch
from torch import nn
import torch.nn.functional as F

from distances import nearest_cost, similarity, spatial_minimum, squared_distances
from resnet import ResNet


class ProtoPool(nn.Module):
    def __init__(self, layers, width, classes, prototypes, slots, depth):
        super().__init__()
        self.proto_presence = nn.Parameter(torch.empty(classes, prototypes, slots))
        self.prototype_vectors = nn.Parameter(torch.empty(prototypes, depth, 1, 1))
        self.backbone = ResNet(layers, width)
        self.add_on_layers = nn.Sequential(nn.Conv2d(self.backbone.channels, depth, 1), nn.Sigmoid())
        self.last_layer = nn.Linear(classes * slots, classes, bias=False)
        self.last_layer.requires_grad_(False)
        self.classes, self.prototypes, self.slots, self.depth = classes, prototypes, slots, depth

    def groups(self):
        return {
            "backbone": [*self.backbone.parameters()],
            "add_on_layers": [*self.add_on_layers.parameters()],
            "prototype_vectors": [self.prototype_vectors],
            "proto_presence": [self.proto_presence],
        }

    def joint_loss(self, x, labels, gumbel, gumbel_scalar):
        """With the Gumbel noise [classes, prototypes, slots], or None to draw it."""
        q = self.proto_presence
        if gumbel is None:
            gumbel = -torch.empty_like(q).exponential_().log()
        presence = torch.softmax(q * gumbel_scalar + gumbel, 1)
        d = squared_distances(self.add_on_layers(self.backbone(x)), self.prototype_vectors)
        m = spatial_minimum(d)
        focal = similarity(m) - similarity(d.mean((2, 3)))
        logits = self.last_layer(torch.einsum("bp,cpn->bcn", focal, presence).flatten(1))
        own = presence[labels].detach()
        clst = nearest_cost(m, most_present(own, self.slots), self.depth)
        sep = nearest_cost(m, most_present(1 - own, self.prototypes - self.slots), self.depth)
        orth = F.cosine_similarity(q[:, :, :-1], q[:, :, 1:], dim=1).sum() / (self.slots * self.classes)
        return F.cross_entropy(logits, labels) + 0.8 * clst - 0.08 * sep + orth, logits


def most_present(shares, k):
    """A mask [N, P] of the k prototypes whose shares [N, P, slots] have the largest sums."""
    total = shares.sum(2)
    return torch.zeros_like(total).scatter_(1, total.topk(k, 1).indices, 1)
