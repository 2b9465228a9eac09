"""Writes cv2_resize.json, which resample_test.go compares with: checksums of what OpenCV
makes of small pictures. pip install opencv-python-headless==4.6.0.66 numpy==1.26.4"""
import json
import pathlib
import zlib

import cv2
import numpy as np

cases = []
for height, width in (1, 1), (2, 3), (9, 7), (31, 41), (40, 60):
    i = np.arange(3 * height * width)
    picture = ((i * i * 7 + i * 37) // 8 % 256).astype(np.uint8).reshape(height, width, 3)
    sizes = [((w, h), 0, 0) for w, h in ((1, 1), (5, 4), (20, 20), (30, 8), (61, 83))]
    factors = [(None, fx, fy) for fx, fy in ((0.5, 0.5), (0.25, 0.2), (1 / 3, 1 / 3), (0.37, 0.713), (1.5, 1.5), (1.21, 0.5), (2, 3))]
    for size, fx, fy in sizes + factors:
        if size is None and (round(width * fx) < 1 or round(height * fy) < 1):
            continue
        sums = {}
        for name in "linear", "nearest", "area", "lanczos4":
            out = cv2.resize(picture, size, fx=fx, fy=fy, interpolation=getattr(cv2, "INTER_" + name.upper()))
            sums[name] = zlib.crc32(out.tobytes())
        cases.append({"from": [width, height], "to": [out.shape[1], out.shape[0]], "factors": [fx, fy], "sums": sums})
text = ",\n".join(json.dumps(case) for case in cases)
pathlib.Path(__file__).with_suffix(".json").write_text(f"[\n{text}\n]\n")
