"""What the peers with prototype vectors share: distances, similarity, and the nearest prototype of a mask."""

import torch
import torch.nn.functional as F


def squared_distances(z, p):
    """The distances of all positions of z [N, D, H, W] to prototypes [P, D, 1, 1], as three terms: [N, P, H, W]."""
    return F.relu(F.conv2d(z**2, torch.ones_like(p)) - 2 * F.conv2d(z, p) + (p**2).sum((1, 2, 3))[:, None, None])


def spatial_minimum(d):
    return -F.max_pool2d(-d, d.shape[2:]).flatten(1)


def similarity(d):
    return torch.log((1 + d) / (d + 1e-14))


def nearest_cost(m, mask, bound):
    """The mean over images of the smallest of the distances m [N, P] in the mask, at most the bound."""
    return (bound - ((bound - m) * mask).max(1).values).mean()
