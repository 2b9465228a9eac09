"""Writes ops_vision.json: operators on images; see paddle_cases.py."""
import numpy as np

from paddle_cases import case, short, write


def one(name, kind, inputs, attrs, out="Out", declared=None, dtypes=None, fetches=("out",), **more):
    """A case of one operator whose inputs are called as its parameters."""
    outs = {out: ["out"], **{k: [v] for k, v in more.items()}}
    case(name, inputs, [(kind, {k: [k] for k in inputs}, outs, attrs)], list(fetches), declared, dtypes)


for layout, shape in ("NCHW", (2, 8, 4, 6)), ("NHWC", (2, 4, 6, 8)):
    x = np.arange(np.prod(shape), dtype="float32").reshape(shape)
    open_ = {"X": [-1, 8, -1, -1] if layout == "NCHW" else [-1, -1, -1, 8]}
    one(f"pixel_shuffle {layout}", "pixel_shuffle", {"X": x}, {"upscale_factor": 2, "data_format": layout}, declared=open_)
    one(f"pixel_unshuffle {layout}", "pixel_unshuffle", {"X": x}, {"downscale_factor": 2, "data_format": layout})
    one(f"channel_shuffle {layout}", "channel_shuffle", {"X": x}, {"groups": 4, "data_format": layout}, declared=open_)
    one(f"temporal_shift {layout}", "temporal_shift", {"X": x[:, :, :2]}, {"seg_num": 2, "shift_ratio": 0.25, "data_format": layout})
one("temporal_shift of videos", "temporal_shift", {"X": short(6, 7, 1, 2)}, {"seg_num": 3, "shift_ratio": 0.3, "data_format": "NCHW"}, declared={"X": [-1, 7, -1, -1]})
one("shuffle_channel", "shuffle_channel", {"X": short(1, 6, 2, 2)}, {"group": 2}, declared={"X": [-1, 6, -1, -1]})
for axis in 1, -1, 3:
    one(f"maxout {axis}", "maxout", {"X": short(1, 6, 2, 4)}, {"groups": 2, "axis": axis}, declared={"X": [-1, 6, -1, 4]})

for strides, paddings, dilations in ([1, 1], [0, 0, 0, 0], [1, 1]), ([2, 1], [1, 0, 2, 1], [1, 2]):
    attrs = {"kernel_sizes": [2, 3], "strides": strides, "paddings": paddings, "dilations": dilations}
    one(f"unfold {strides}", "unfold", {"X": short(2, 2, 5, 6)}, attrs, "Y", {"X": [-1, 2, -1, -1]})
for paddings, places in ([0, 0, 0, 0], 4), ([1, 2, 1, 2], 18):
    attrs = {"kernel_sizes": [2, 3], "strides": [2, 1], "paddings": paddings, "dilations": [1, 2], "output_sizes": [5, 6]}
    one(f"fold {paddings}", "fold", {"X": short(1, 12, places)}, attrs, "Y", {"X": [-1, 12, places]})

halves = np.stack(np.meshgrid(np.linspace(-1.5, 1.5, 7), np.linspace(-1.5, 1.5, 13)), -1)[None].astype("float32")
for corners in True, False:
    for around in "zeros", "border", "reflection":
        for mode in "bilinear", "nearest":
            attrs = {"mode": mode, "padding_mode": around, "align_corners": corners}
            one(f"grid_sampler {mode} {around} {corners}", "grid_sampler", {"X": short(2, 1, 3, 4), "Grid": short(2, 3, 4, 2)}, attrs, "Output", {"X": [-1, 1, -1, -1], "Grid": [-1, -1, -1, 2]})
            one(f"grid_sampler {mode} {around} {corners} halves", "grid_sampler", {"X": short(1, 1, 3, 4), "Grid": halves}, attrs, "Output")
    one(f"affine_grid {corners}", "affine_grid", {"Theta": short(2, 2, 3)}, {"align_corners": corners, "output_shape": [2, 3, 4, 5]}, "Output", {"Theta": [-1, 2, 3]})
    one(f"affine_grid {corners} tensor", "affine_grid", {"Theta": short(1, 2, 3), "OutputShape": np.array([1, 2, 3, 2], "int32")}, {"align_corners": corners, "output_shape": []}, "Output", {"Theta": [-1, 2, 3]})

for kind in "deformable_conv", "deformable_conv_v1":
    for name, parts, groups, attrs in ("", 1, 1, {}), (" groups", 2, 2, {"strides": [2, 1], "paddings": [1, 0], "dilations": [1, 2]}):
        rows, columns = (4, 4) if groups == 1 else (3, 2)
        inputs = {"Input": short(2, 4, 5, 6), "Offset": short(2, 12 * parts, rows, columns), "Filter": short(2, 4 // groups, 2, 3), "Mask": short(2, 6 * parts, rows, columns)}
        if kind == "deformable_conv_v1":
            del inputs["Mask"]
        full = {"strides": [1, 1], "paddings": [0, 0], "dilations": [1, 1], "groups": groups, "deformable_groups": parts, "im2col_step": 1, **attrs}
        one(kind + name, kind, inputs, full, "Output", {"Input": [-1, 4, -1, -1], "Offset": [-1, 12 * parts, -1, -1], "Mask": [-1, 6 * parts, -1, -1]})

write()
