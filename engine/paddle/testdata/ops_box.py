"""Writes ops_box.json: boxes, anchors and their suppression; see paddle_cases.py."""
import numpy as np

from paddle_cases import LoD, case, random, short, write


def one(name, kind, inputs, attrs, outs, declared=None, dtypes=None, fetches=("out",)):
    """A case of one operator whose inputs are called as its parameters."""
    case(name, inputs, [(kind, {k: [k] for k in inputs}, {k: [v] for k, v in outs.items()}, attrs)], list(fetches), declared, dtypes)


def boxes(*shape, grid=10, scale=1.0):
    """Boxes, many of which overlap."""
    start, size = random.integers(0, grid, (*shape, 2)), random.integers(2, grid // 2, (*shape, 2))
    return (np.concatenate([start, start + size], -1) * scale).astype("float32")


image, small = np.zeros((1, 1, 9, 12), "float32"), np.zeros((1, 1, 2, 3), "float32")
open_ = {"Input": [-1, 1, -1, -1], "Image": [-1, 1, -1, -1]}
prior = {"min_sizes": [2.0, 3.0], "max_sizes": [3.0, 5.0], "aspect_ratios": [1.0, 2.0, 2.0, 0.5], "variances": [0.1, 0.1, 0.2, 0.3],
         "flip": True, "clip": False, "step_w": 0.0, "step_h": 0.0, "offset": 0.5, "min_max_aspect_ratios_order": False}
both = {"Boxes": "out", "Variances": "variances"}
for name, attrs in {
    "": {}, " square first": {"min_max_aspect_ratios_order": True}, " no flip": {"flip": False}, " steps": {"step_w": 3.5, "step_h": 4.5, "offset": 0.3},
    " clip": {"clip": True}, " no most": {"max_sizes": []}, " square first, no most": {"max_sizes": [], "min_max_aspect_ratios_order": True},
}.items():
    one("prior_box" + name, "prior_box", {"Input": small, "Image": image}, {**prior, **attrs}, both, open_, None, ("out", "variances"))
density = {"variances": [0.1, 0.1, 0.2, 0.2], "clip": False, "flatten_to_2d": False, "step_w": 0.0, "step_h": 0.0, "offset": 0.5,
           "fixed_sizes": [3.0, 6.0], "fixed_ratios": [1.0, 2.0], "densities": [2, 1]}
for name, attrs, declared in ("", {}, None), (" flat", {"flatten_to_2d": True, "clip": True}, None), (" steps", {"step_w": 5.5, "step_h": 4.0}, open_):
    one("density_prior_box" + name, "density_prior_box", {"Input": small, "Image": image}, {**density, **attrs}, both, declared, None, ("out", "variances"))
one("anchor_generator", "anchor_generator", {"Input": small}, {"anchor_sizes": [32.0, 60.0], "aspect_ratios": [0.5, 1.0, 2.0], "variances": [0.1, 0.1, 0.2, 0.2],
    "stride": [16.0, 14.0], "offset": 0.4}, {"Anchors": "out", "Variances": "variances"}, {"Input": [-1, 1, -1, -1]}, None, ("out", "variances"))

priors, variances = boxes(3, grid=8), np.abs(short(3, 4)) + 0.1
for normalized in True, False:
    for how, ins, attrs in ("PriorBoxVar", {"PriorBoxVar": variances}, []), ("variance", {}, [0.1, 0.2, 0.3, 0.4]), ("none", {}, []):
        base = {"box_normalized": normalized, "variance": attrs, "axis": 0}
        one(f"box_coder encode {how} {normalized}", "box_coder", {"PriorBox": priors, **ins, "TargetBox": boxes(2)}, {**base, "code_type": "encode_center_size"}, {"OutputBox": "out"})
        one(f"box_coder decode {how} {normalized}", "box_coder", {"PriorBox": priors, **ins, "TargetBox": short(2, 3, 4)}, {**base, "code_type": "decode_center_size"}, {"OutputBox": "out"})
        one(f"box_coder decode rows {how} {normalized}", "box_coder", {"PriorBox": priors, **ins, "TargetBox": short(3, 2, 4)}, {**base, "axis": 1, "code_type": "decode_center_size"}, {"OutputBox": "out"})
    one(f"iou_similarity {normalized}", "iou_similarity", {"X": boxes(3), "Y": boxes(4)}, {"box_normalized": normalized}, {"Out": "out"})
one("box_clip", "box_clip", {"Input": LoD(boxes(5, grid=20) - 5, [0, 2, 5]), "ImInfo": np.array([[10, 14, 1.1], [15, 9, 2.0]], "float32")}, {}, {"Output": "out"})

yolo = {"anchors": [10, 13, 16, 30], "class_num": 3, "conf_thresh": 0.4, "downsample_ratio": 8, "clip_bbox": True, "scale_x_y": 1.0, "iou_aware": False, "iou_aware_factor": 0.5}
for name, attrs in ("", {}), (" scaled", {"scale_x_y": 1.2, "clip_bbox": False}), (" aware", {"iou_aware": True, "iou_aware_factor": 0.4}):
    one("yolo_box" + name, "yolo_box", {"X": short(2, 18 if attrs.get("iou_aware") else 16, 2, 3), "ImgSize": np.array([[20, 31], [12, 40]], "int32")},
        {**yolo, **attrs}, {"Boxes": "out", "Scores": "scores"}, {"X": [-1, 18 if attrs.get("iou_aware") else 16, -1, -1]}, None, ("out", "scores"))

nms = {"background_label": -1, "score_threshold": 0.25, "nms_top_k": -1, "nms_threshold": 0.3, "nms_eta": 1.0, "keep_top_k": -1, "normalized": True}
variants = {
    "": {}, " background": {"background_label": 0}, " background behind": {"background_label": 2}, " top": {"nms_top_k": 5}, " keep": {"keep_top_k": 6},
    " top and keep": {"nms_top_k": 7, "keep_top_k": 4, "background_label": 1}, " pixels": {"normalized": False, "nms_threshold": 0.45},
    " eta": {"nms_eta": 0.9, "nms_threshold": 0.5}, " nothing": {"score_threshold": 5.0}, " nothing, keep": {"score_threshold": 5.0, "keep_top_k": 3, "nms_top_k": 3},
    " all": {"score_threshold": -1.0, "nms_threshold": 1.0},
}
outputs = {"multiclass_nms": {"Out": "out"}, "multiclass_nms2": {"Out": "out", "Index": "index"}, "multiclass_nms3": {"Out": "out", "Index": "index", "NmsRoisNum": "number"}}
integers = {"index": "int32", "number": "int32"}
for kind, outs in outputs.items():
    for name, attrs in variants.items():
        if kind != "multiclass_nms3" and name not in ("", " keep", " nothing", " background"):
            continue
        scores = random.integers(0, 10, (2, 3, 9)).astype("float32") / 10
        one(kind + name, kind, {"BBoxes": boxes(2, 9), "Scores": scores}, {**nms, **attrs}, outs, {"BBoxes": [-1, -1, 4], "Scores": [-1, 3, -1]}, integers, list(outs.values()))
one("multiclass_nms3 one image empty", "multiclass_nms3", {"BBoxes": boxes(3, 6), "Scores": np.array([1, 0, 1], "float32").reshape(3, 1, 1) * np.linspace(0.3, 0.9, 12, dtype="float32").reshape(1, 2, 6)},
    {**nms, "keep_top_k": 5}, outputs["multiclass_nms3"], None, integers, ("out", "index", "number"))
for name in "", " background", " keep", " top", " nothing":
    scores = random.integers(0, 10, (9, 3)).astype("float32") / 10
    one("multiclass_nms3 sequences" + name, "multiclass_nms3", {"BBoxes": boxes(9, 3), "Scores": scores, "RoisNum": np.array([4, 0, 5], "int32")},
        {**nms, **variants[name]}, outputs["multiclass_nms3"], {"BBoxes": [-1, 3, 4], "Scores": [-1, 3]}, integers, ("out", "index", "number"))
    one("multiclass_nms sequences" + name, "multiclass_nms", {"BBoxes": LoD(boxes(9, 3), [0, 4, 9]), "Scores": LoD(scores, [0, 4, 9])}, {**nms, **variants[name]}, {"Out": "out"})

matrix = {"background_label": -1, "score_threshold": 0.2, "post_threshold": 0.1, "nms_top_k": -1, "keep_top_k": -1, "use_gaussian": False, "gaussian_sigma": 2.0, "normalized": True}
for name, attrs in {
    "": {}, " gaussian": {"use_gaussian": True, "gaussian_sigma": 1.5}, " top": {"nms_top_k": 5}, " keep": {"keep_top_k": 6}, " pixels": {"normalized": False},
    " background": {"background_label": 0, "nms_top_k": 20}, " nothing": {"score_threshold": 5.0}, " twins": {"nms_top_k": 9},
}.items():
    scores = random.permutation(54).reshape(2, 3, 9).astype("float32") / 64
    places = boxes(2, 9)
    if name == " twins":
        places[:, 1::2] = places[:, :-1:2]
    one("matrix_nms" + name, "matrix_nms", {"BBoxes": places, "Scores": scores}, {**matrix, **attrs}, {"Out": "out", "Index": "index", "RoisNum": "number"},
        {"BBoxes": [-1, -1, 4], "Scores": [-1, 3, -1]}, integers, ("out", "index", "number"))

write()
