"""Times of the steps of benchmark_test.go with OpenCV, numpy and pyclipper, on one
thread: pip install opencv-python-headless==4.6.0.66 numpy==1.26.4 pyclipper==1.4.0."""
import time

import cv2
import numpy as np
import pyclipper

cv2.setNumThreads(1)


def best(step, times=20):
    took = []
    for _ in range(times):
        begin = time.perf_counter()
        step()
        took.append(time.perf_counter() - begin)
    return min(took) * 1e3


def corners(points):
    rectangle = cv2.minAreaRect(points)
    p = sorted(cv2.boxPoints(rectangle).tolist())
    left, right = sorted(p[:2], key=lambda q: q[1]), sorted(p[2:], key=lambda q: q[1])
    return np.array([left[0], right[0], right[1], left[1]], np.float32), min(rectangle[1])


def boxes(page):
    contours, _ = cv2.findContours((page > 0.3).astype(np.uint8) * 255, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
    out = []
    for contour in contours[:1000]:
        box, side = corners(contour)
        if side < 3:
            continue
        low, high = np.floor(box.min(0)).astype(int), np.ceil(box.max(0)).astype(int)
        low, high = np.clip(low, 0, page.shape[0] - 1), np.clip(high, 0, page.shape[0] - 1)
        mask = np.zeros((high[1] - low[1] + 1, high[0] - low[0] + 1), np.uint8)
        cv2.fillPoly(mask, [(box - low).astype(np.int32)], 1)
        if cv2.mean(page[low[1]:high[1] + 1, low[0]:high[0] + 1], mask)[0] < 0.5:
            continue
        offset = pyclipper.PyclipperOffset()
        offset.AddPath(box.astype(int).tolist(), pyclipper.JT_ROUND, pyclipper.ET_CLOSEDPOLYGON)
        distance = cv2.contourArea(box) * 1.5 / cv2.arcLength(box, True)
        box, side = corners(np.array(offset.Execute(distance)[0]))
        if side >= 5:
            out.append(box)
    return out


y, x = np.mgrid[0:960, 0:960]
page = (np.maximum(0, np.sin(x / 25) + 0.6) * np.maximum(0, np.sin(y / 7)) / 1.6).astype(np.float32)
picture = (np.arange(720 * 1280 * 3) * 7 % 256).astype(np.uint8).reshape(720, 1280, 3)
crop = (np.arange(40 * 600 * 3) * 7 % 256).astype(np.uint8).reshape(40, 600, 3)
box = np.float32([[100, 200], [700, 230], [698, 270], [98, 240]])
probabilities = (np.arange(40 * 6625) * 7919 % 6600).astype(np.float32).reshape(1, 40, 6625)


def warped(flags):
    to = np.float32([[0, 0], [600, 0], [600, 40], [0, 40]])
    return cv2.warpPerspective(picture, cv2.getPerspectiveTransform(box, to), (600, 40), flags=flags, borderMode=cv2.BORDER_REPLICATE)


def normalised(image, mean, deviation):
    return ((image.astype(np.float32) / 255 - mean) / deviation).transpose(2, 0, 1).copy()


mean, deviation = np.float32([0.485, 0.456, 0.406]), np.float32([0.229, 0.224, 0.225])
print(f"DBPostProcess  {best(lambda: boxes(page)):8.3f} ms, {len(boxes(page))} boxes")
print(f"Crop/linear    {best(lambda: warped(cv2.INTER_LINEAR)):8.3f} ms")
print(f"Crop/cubic     {best(lambda: warped(cv2.INTER_CUBIC)):8.3f} ms")
print(f"Decode         {best(lambda: (probabilities.argmax(2), probabilities.max(2))):8.3f} ms")
print(f"Detection      {best(lambda: normalised(cv2.resize(picture, (960, 544)), mean, deviation)):8.3f} ms")
print(f"OCRReader      {best(lambda: normalised(cv2.resize(crop, (480, 32)), 0.5, 0.5)):8.3f} ms")
