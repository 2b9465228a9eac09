"""Writes ops_resize.json: interpolation and padding; see paddle_cases.py."""
import numpy as np

from paddle_cases import case, short, stand_in, write


def one(name, kind, inputs, attrs, declared=None):
    """A case of one operator whose inputs are called as its parameters; lists of inputs
    have numbers."""
    ins = {}
    for key in inputs:
        ins.setdefault(key.rstrip("0123456789"), []).append(key)
    case(name, inputs, [(kind, ins, {"Out": ["out"]}, attrs)], ["out"], declared)


def resize(name, kind, x, method, size=None, scale=None, corners=False, mode=0, declared=None, layout=None, **inputs):
    n = x.ndim - 2
    second = kind.endswith("_v2")
    d, h, w = [-1] * (3 - n) + list(size or [-1] * n)
    attrs = {"out_d": d, "out_h": h, "out_w": w, "interp_method": method, "align_corners": corners, "align_mode": mode,
             "data_layout": layout or "NCHW", "scale": scale or ([] if second else 0.0)}
    one(name, kind, {"X": x, **inputs}, attrs, {"X": declared} if declared else None)


shapes = {"linear": (1, 2, 5), "bilinear": (1, 1, 3, 4), "nearest": (1, 1, 3, 4), "bicubic": (1, 1, 3, 4), "trilinear": (1, 1, 2, 3, 2)}
for method, shape in shapes.items():
    n = len(shape) - 2
    kind = method + "_interp_v2"
    open_ = [-1, shape[1]] + [-1] * n
    variants = [(False, 0), (True, 0), (False, 1)] if method in ("linear", "bilinear", "trilinear") else [(False, 0), (True, 0)]
    for corners, mode in variants:
        for size in [5, 2, 7], [2, 7, 3]:
            resize(f"{kind} {corners} {mode} {size}", kind, short(*shape), method, size[:n], None, corners, mode)
        resize(f"{kind} {corners} {mode} twice", kind, short(*shape), method, None, [2.0] * n, corners, mode, open_)
        resize(f"{kind} {corners} {mode} scales", kind, short(*shape), method, None, [0.7, 1.9, 3.0][:n], corners, mode, open_)
        resize(f"{kind} {corners} {mode} OutSize", kind, short(*shape), method, None, None, corners, mode, open_, OutSize=np.array([5, 3, 4][:n], "int32"))
        if method != "bicubic" or corners:
            resize(f"{kind} {corners} {mode} to one", kind, short(*shape), method, [1, 4, 1][:n], None, corners, mode)
    first = method + "_interp"
    if method == "linear":
        continue
    resize(f"{first} size", first, short(*shape), method, [5, 2, 7][:n], None, False, 1)
    resize(f"{first} scale", first, short(*shape), method, None, 1.6, False, 1, open_)
    resize(f"{first} corners", first, short(*shape), method, None, 1.6, True, 1, open_)
    resize(f"{first} OutSize", first, short(*shape), method, None, 1.6, False, 0, open_, OutSize=np.array([5, 3, 4][:n], "int32"))
resize("linear_interp", "linear_interp", short(1, 2, 5), "linear", [9], None, False, 1)

x = short(1, 1, 5, 4)
one_, two = np.array([6], "int32"), np.array([3], "int32")
resize("bilinear_interp_v2 SizeTensor", "bilinear_interp_v2", x, "bilinear", SizeTensor0=one_, SizeTensor1=two)
resize("nearest_interp_v2 SizeTensor", "nearest_interp_v2", x, "nearest", SizeTensor0=one_, SizeTensor1=two)
for method in "bilinear", "nearest", "bicubic":
    kind = method + "_interp_v2"
    resize(f"{kind} Scale", kind, x, method, declared=[-1, 1, -1, -1], Scale=np.array([1.4], "float32"))
    resize(f"{kind} Scale two", kind, x, method, declared=[-1, 1, -1, -1], Scale=np.array([1.4, 2.3], "float32"))
    if method != "bicubic":
        resize(f"{kind} NHWC", kind, short(1, 4, 5, 2), method, [7, 3], layout="NHWC")
resize("nearest_interp_v2 halves", "nearest_interp_v2", short(1, 1, 4, 4), "nearest", [2, 8])
for size in 13, 29, 55, 61:
    x = np.arange(3, dtype="float32").reshape(1, 1, 1, 3)
    resize(f"nearest_interp_v2 {size}", "nearest_interp_v2", x, "nearest", [1, size])
    resize(f"nearest_interp_v2 {size} OutSize", "nearest_interp_v2", x, "nearest", declared=[-1, 1, -1, -1], OutSize=np.array([1, size], "int32"))
    resize(f"nearest_interp {size} scale", "nearest_interp", x, "nearest", None, size / 3)

one("pad", "pad", {"X": short(2, 3)}, {"paddings": [1, 0, 2, 3], "pad_value": 1.5})


def pad2d(name, x, mode, paddings, declared=None, layout="NCHW", tensor=False):
    """As pad3d with one more dimension, and another order of the paddings."""
    above, below, left, right = paddings
    inputs, ins = {"x": x}, {"X": ["x"]}
    attrs = {"paddings": [] if tensor else paddings, "pad_value": 0.5, "mode": mode, "data_format": layout}
    if tensor:
        inputs["p"], ins["Paddings"] = np.array(paddings, "int32"), ["p"]
    stand_in(name, inputs, [("pad2d", ins, {"Out": ["out"]}, attrs)], [
        ("unsqueeze2", {"X": ["x"]}, {"Out": ["u"], "XShape": ["_u"]}, {"axes": [2 if layout == "NCHW" else 1]}),
        ("pad3d", {"X": ["u"]}, {"Out": ["v"]}, {
            "paddings": [left, right, above, below, 0, 0], "value": 0.5, "mode": "replicate" if mode == "edge" else mode,
            "data_format": "NCDHW" if layout == "NCHW" else "NDHWC"}),
        ("squeeze2", {"X": ["v"]}, {"Out": ["out"], "XShape": ["_v"]}, {"axes": [2 if layout == "NCHW" else 1]}),
    ], ["out"], declared)


for mode in "constant", "reflect", "edge":
    pad2d(f"pad2d {mode}", short(1, 2, 3, 4), mode, [1, 2, 0, 3], {"x": [-1, 2, -1, -1]})
    pad2d(f"pad2d {mode} NHWC", short(1, 3, 4, 2), mode, [1, 2, 0, 3], None, "NHWC")
    pad2d(f"pad2d {mode} tensor", short(1, 2, 3, 4), mode, [2, 1, 1, 0], None, "NCHW", True)
for mode in "constant", "reflect", "replicate", "circular":
    attrs = {"paddings": [1, 2, 0, 2, 1, 0], "value": 0.5, "mode": mode, "data_format": "NCDHW"}
    one(f"pad3d {mode}", "pad3d", {"X": short(1, 2, 3, 4, 3)}, attrs, {"X": [-1, 2, -1, -1, -1]})
    one(f"pad3d {mode} NDHWC", "pad3d", {"X": short(1, 3, 4, 3, 2)}, {**attrs, "data_format": "NDHWC"})
    if mode != "circular":
        one(f"pad3d {mode} tensor", "pad3d", {"X": short(1, 2, 3, 4, 3), "Paddings": np.array([2, 1, 1, 0, 2, 1], "int32")}, attrs)
one("pad3d integers", "pad3d", {"X": np.arange(6).reshape(1, 1, 1, 2, 3)}, {"paddings": [1, 0, 0, 0, 0, 1], "value": 7.0, "mode": "constant", "data_format": "NCDHW"})

write()
