"""Writes the pictures of the folder pictures, and beside each as NAME.opencv.png what
OpenCV reads: pip install opencv-python-headless==4.6.0.66 pillow==13.0.0 numpy==1.26.4"""
import pathlib

import cv2
import numpy as np
from PIL import Image

folder = pathlib.Path(__file__).parent / "pictures"
folder.mkdir(exist_ok=True)
y, x = np.mgrid[:23, :31]
rgb = np.stack([x * 8, y * 11, (x + y) * 4], -1).astype(np.uint8)
alpha = (x * 7 + 20).astype(np.uint8)
colours = Image.fromarray(rgb)
turned = Image.Exif()
turned[0x0112] = 6

colours.convert("CMYK").save(folder / "cmyk.jpg", quality=95)
colours.save(folder / "progressive.jpg", quality=90, progressive=True)
colours.save(folder / "half_width.jpg", quality=90, subsampling=1)
colours.save(folder / "turned.jpg", quality=90, exif=turned)
colours.save(folder / "turned.png", exif=turned)
colours.save(folder / "turned.webp", lossless=True, exif=turned)
colours.save(folder / "lossy.webp", quality=80)
Image.fromarray(np.dstack([rgb, alpha])).save(folder / "lossy_alpha.webp", quality=80)
Image.fromarray(np.dstack([rgb, alpha])).save(folder / "alpha.png")
Image.fromarray(np.dstack([rgb[..., 0], alpha])).save(folder / "grey_alpha.png")
colours.convert("P").save(folder / "palette_alpha.png", transparency=3)
colours.convert("1").save(folder / "one_bit.png")
colours.convert("L").save(folder / "grey.bmp")
cv2.imwrite(str(folder / "bits16.png"), rgb.astype(np.uint16) * 257 + 13)

for file in sorted(folder.iterdir()):
    if not file.name.endswith(".opencv.png"):
        cv2.imwrite(f"{file}.opencv.png", cv2.imdecode(np.fromfile(file, np.uint8), cv2.IMREAD_COLOR))
