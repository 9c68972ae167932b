"""The other side of bench/loader.ts: a torch DataLoader with albumentations, and the data that both sides read.

    python3 loader.py make FOLDER IMAGES VIEWS   writes views.u8, and as many JPEG files
    python3 loader.py read FOLDER IMAGES VIEWS   answers each line "views" or "images" with the seconds of an epoch
"""

import json
import os
import sys
import time

import albumentations as A
import cv2
import numpy as np
import torch
from albumentations.pytorch import ToTensorV2
from PIL import Image

SIDE = 224
BATCH = 16
WORKERS = 2


def photograph(random, width, height):
    """Smooth noise with edges, which compresses about as a photograph does."""
    small = random.integers(0, 256, (height // 16 + 1, width // 16 + 1, 3), dtype=np.uint8)
    image = cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC)
    for _ in range(12):
        center = (int(random.integers(width)), int(random.integers(height)))
        color = [int(c) for c in random.integers(0, 256, 3)]
        cv2.circle(image, center, int(random.integers(10, 60)), color, -1)
    return np.clip(image.astype(np.int16) + random.integers(-6, 7, image.shape), 0, 255).astype(np.uint8)


def make(folder, images, views):
    random = np.random.default_rng(0)
    with open(os.path.join(folder, "views.u8"), "wb") as file:
        for _ in range(images * views):
            file.write(cv2.resize(photograph(random, 320, 240), (SIDE, SIDE)).tobytes())
    for i in range(images * views):
        Image.fromarray(photograph(random, 500, 375)).save(os.path.join(folder, f"{i:04}.jpg"), quality=90)


def photometric():
    factor = (0.85, 1.15)
    return A.ColorJitter(factor, factor, factor, (-0.025, 0.025), p=1)


PROTOMASK = A.Compose([
    A.HorizontalFlip(p=0.5),
    A.Perspective(scale=(0, 0.05), p=1),
    A.Affine(shear={"x": (-15, 15), "y": (-15, 15)}, rotate=(-15, 15), mode=cv2.BORDER_WRAP, p=1),
    photometric(),
    A.Normalize(),
    ToTensorV2(),
])

BASELINE = A.Compose([
    A.Resize(SIDE, SIDE),
    A.HorizontalFlip(p=0.5),
    A.Perspective(scale=(0, 0.05), p=1),
    A.Affine(
        scale={"x": (0.85, 1.15), "y": (0.85, 1.15)},
        translate_percent={"x": (-0.15, 0.15), "y": (-0.15, 0.15)},
        shear={"x": (-15, 15), "y": (-15, 15)},
        rotate=(-15, 15),
        mode=cv2.BORDER_WRAP,
        p=1,
    ),
    photometric(),
    A.Normalize(),
    ToTensorV2(),
])


class Views(torch.utils.data.Dataset):
    def __init__(self, folder, images, views):
        self.pixels = np.memmap(
            os.path.join(folder, "views.u8"), np.uint8, "r", shape=(images, views, SIDE, SIDE, 3))

    def __len__(self):
        return len(self.pixels)

    def __getitem__(self, i):
        return torch.stack([PROTOMASK(image=view)["image"] for view in self.pixels[i]]), i % 10


class Files(torch.utils.data.Dataset):
    def __init__(self, folder, count):
        self.paths = [os.path.join(folder, f"{i:04}.jpg") for i in range(count)]

    def __len__(self):
        return len(self.paths)

    def __getitem__(self, i):
        image = np.asarray(Image.open(self.paths[i]).convert("RGB"))
        return BASELINE(image=image)["image"], i % 10


def loader(data):
    def start(_):
        # Two workers on two cores: threads inside of them would only get in each other's way.
        cv2.setNumThreads(0)

    return torch.utils.data.DataLoader(
        data, BATCH, shuffle=True, num_workers=WORKERS, worker_init_fn=start, persistent_workers=True)


def read(folder, images, views):
    loaders = {"views": loader(Views(folder, images, views)), "images": loader(Files(folder, images * views))}
    for line in sys.stdin:
        begin = time.perf_counter()
        total = 0
        for batch, _ in loaders[json.loads(line)]:
            total += float(batch.flatten()[0])
        assert total == total
        print(time.perf_counter() - begin, flush=True)


if __name__ == "__main__":
    mode, folder, images, views = sys.argv[1:]
    {"make": make, "read": read}[mode](folder, int(images), int(views))
