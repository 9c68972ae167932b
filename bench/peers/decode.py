"""Decodes and resizes the given JPEG files with OpenCV and Pillow: a peer of bench/decode.ts.

Reads one task name a line from standard input, runs it over all files and answers with the seconds it took.
Needs: pip install numpy opencv-python-headless pillow
"""

import sys
import time
from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy
from PIL import Image

paths = sys.argv[2:]
threads = int(sys.argv[1])
cv2.setNumThreads(1)
pool = ThreadPoolExecutor(threads)


def decode_cv2(path):
    return cv2.cvtColor(cv2.imread(path), cv2.COLOR_BGR2RGB)


def decode_pillow(path):
    return numpy.asarray(Image.open(path).convert("RGB"))


decoded = [decode_pillow(path) for path in paths]
images = [Image.fromarray(pixels) for pixels in decoded]


def resize_pillow(image):
    return numpy.asarray(image.resize((224, 224), Image.Resampling.BILINEAR))


TASKS = {
    "decode_cv2": (decode_cv2, paths),
    "decode_pillow": (decode_pillow, paths),
    "resize_cv2": (lambda pixels: cv2.resize(pixels, (224, 224)), decoded),
    "resize_pillow": (resize_pillow, images),
    "both_cv2": (lambda path: cv2.resize(decode_cv2(path), (224, 224)), paths),
    "both_pillow": (lambda path: resize_pillow(Image.open(path).convert("RGB")), paths),
}

print(f"OpenCV {cv2.__version__}, Pillow {Image.__version__}", flush=True)
for line in sys.stdin:
    work, inputs = TASKS[line.strip()]
    start = time.perf_counter()
    for _ in pool.map(work, inputs):
        pass
    print(time.perf_counter() - start, flush=True)
