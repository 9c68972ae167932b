"""ProtoMask in PyTorch, written from the published rules: the peer that our training is measured against."""

import torch
from torch import nn
import torch.nn.functional as F


class Bottleneck(nn.Module):
    def __init__(self, channels, width, stride):
        super().__init__()
        out = 4 * width
        self.conv1 = nn.Conv2d(channels, width, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, stride, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.conv3 = nn.Conv2d(width, out, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(out)
        self.downsample = None
        if stride != 1 or channels != out:
            self.downsample = nn.Sequential(nn.Conv2d(channels, out, 1, stride, bias=False), nn.BatchNorm2d(out))

    def forward(self, x):
        y = F.relu(self.bn1(self.conv1(x)))
        y = F.relu(self.bn2(self.conv2(y)))
        y = self.bn3(self.conv3(y))
        return F.relu(y + (x if self.downsample is None else self.downsample(x)))


class ResNet(nn.Module):
    def __init__(self, layers, width):
        super().__init__()
        self.conv1 = nn.Conv2d(3, width, 7, 2, 3, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.pool = nn.MaxPool2d(3, 2, 1)
        channels = width
        for stage, count in enumerate(layers):
            blocks = []
            for block in range(count):
                blocks.append(Bottleneck(channels, width * 2**stage, 2 if stage > 0 and block == 0 else 1))
                channels = 4 * width * 2**stage
            setattr(self, f"layer{stage + 1}", nn.Sequential(*blocks))
        self.stages = len(layers)
        self.channels = channels

    def forward(self, x):
        x = self.pool(F.relu(self.bn1(self.conv1(x))))
        for stage in range(self.stages):
            x = getattr(self, f"layer{stage + 1}")(x)
        return x


class ProtoMask(nn.Module):
    def __init__(self, layers, width, classes, per_class, depth):
        super().__init__()
        self.prototype_vectors = nn.Parameter(torch.rand(classes * per_class, depth, 1, 1))
        self.backbone = ResNet(layers, width)
        self.add_on_layers = nn.Sequential(
            nn.Conv2d(self.backbone.channels, depth, 1), nn.AdaptiveAvgPool2d(1), nn.Sigmoid()
        )
        self.last_layer = nn.Linear(classes * per_class, classes, bias=False)
        identity = torch.arange(classes * per_class) // per_class
        self.register_buffer("owner", identity, persistent=False)
        self.last_layer.weight.data.copy_((identity[None] == torch.arange(classes)[:, None]).float())
        self.per_class, self.depth = per_class, depth

    def forward(self, x):
        images, views = x.shape[:2]
        z = self.add_on_layers(self.backbone(x.flatten(0, 1)))
        p = self.prototype_vectors
        d = F.relu(F.conv2d(z**2, torch.ones_like(p)) - 2 * F.conv2d(z, p) + (p**2).sum((1, 2, 3))[:, None, None])
        m = d.reshape(images, views, -1).min(1).values
        return self.last_layer(torch.log((1 + m) / (m + 1e-14))), m

    def joint_loss(self, x, labels, weights=None, diversity_gradient=False):
        logits, m = self(x)
        own = (self.owner[None] == labels[:, None]).to(m.dtype)
        clst = (self.depth - ((self.depth - m) * own).max(1).values).mean()
        sep = (self.depth - ((self.depth - m) * (1 - own)).max(1).values).mean()
        p = self.prototype_vectors.flatten(1).reshape(-1, self.per_class, self.depth)[labels]
        distances = (p[:, :, None] - p[:, None]).norm(dim=3)
        div = torch.exp(-0.001 * distances.sum((1, 2))).mean()
        div = div if diversity_gradient else div.item()
        return F.cross_entropy(logits, labels, weight=weights) + 0.8 * clst - 0.2 * sep + 0.2 * div, logits
