"""Times of OpenCV and numpy on one thread for what BenchmarkTransforms and BenchmarkDecode
do, in milliseconds: python cv2_bench.py [photo.jpg picture.png]"""
import sys
import timeit

import cv2
import numpy as np

cv2.setNumThreads(1)
frame = np.random.default_rng(1).integers(0, 256, (1080, 1920, 3), dtype=np.uint8)
small = cv2.resize(frame, (640, 640))
floats = small.astype(np.float32) / 255
mean = np.array([0.485, 0.456, 0.406], np.float32)
std = np.array([0.229, 0.224, 0.225], np.float32)


def imagenet():
    short = cv2.resize(frame, (round(1920 * 256 / 1080), 256))
    left = (short.shape[1] - 224) // 2
    crop = short[16:240, left : left + 224]
    rgb = cv2.cvtColor(crop, cv2.COLOR_BGR2RGB).astype(np.float32) / 255
    return (rgb.transpose(2, 0, 1) - mean.reshape(3, 1, 1)) / std.reshape(3, 1, 1)


cases = {}
for name in ("linear", "nearest", "area", "cubic", "lanczos4"):
    for side in (224, 640):
        cases[f"{name}_{side}"] = lambda side=side, by=getattr(cv2, "INTER_" + name.upper()): cv2.resize(frame, (side, side), interpolation=by)
cases |= {
    "linear_float_224": lambda: cv2.resize(floats, (224, 224)),
    "bgr2rgb_1080": lambda: cv2.cvtColor(frame, cv2.COLOR_BGR2RGB),
    "crop_1080": lambda: frame[220:860, 640:1280].copy(),
    "div_640": lambda: small.astype(np.float32) / 255,
    "normalize_640": lambda: (floats - mean) / std,
    "detection_normalize_640": lambda: (small.astype(np.float32) / 255 - mean) / std,
    "transpose_640": lambda: np.ascontiguousarray(floats.transpose(2, 0, 1)),
    "imagenet_1080": imagenet,
}
for name, path in zip(("jpeg", "png"), sys.argv[1:]):
    data = np.fromfile(path, np.uint8)
    cases[name] = lambda data=data: cv2.imdecode(data, cv2.IMREAD_COLOR)
for name, case in cases.items():
    case()
    n = max(3, int(0.2 / (timeit.timeit(case, number=3) / 3)))
    print(f"{name} {min(timeit.repeat(case, number=n, repeat=3)) / n * 1000:.3f}")
