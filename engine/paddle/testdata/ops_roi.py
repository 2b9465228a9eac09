"""Writes ops_roi.json: boxes in images and proposals; see paddle_cases.py."""
import numpy as np

from paddle_cases import LoD, case, random, short, write


def boxes(n, height=8, width=9):
    left, top = random.uniform(-1, width, n), random.uniform(-1, height, n)
    return np.stack([left, top, left + random.uniform(0, 6, n), top + random.uniform(0, 6, n)], -1).astype("float32").round(1)


def one(name, kind, inputs, attrs, outs, declared=None, dtypes=None, fetches=("out",)):
    """A case of one operator; inputs and outputs that are several have numbers."""
    ins, results = {}, {}
    for key in inputs:
        ins.setdefault(key.rstrip("0123456789"), []).append(key)
    for key, variable in outs.items():
        results.setdefault(key.rstrip("0123456789"), []).append(variable)
    case(name, inputs, [(kind, ins, results, attrs)], list(fetches), declared, dtypes)


x, rois, counts = short(2, 2, 8, 9), boxes(5), np.array([2, 3], "int32")
open_ = {"X": [-1, 2, -1, -1], "ROIs": [-1, 4]}
for aligned in True, False:
    for ratio in 2, -1:
        attrs = {"pooled_height": 2, "pooled_width": 3, "spatial_scale": 0.75, "sampling_ratio": ratio, "aligned": aligned}
        one(f"roi_align {aligned} {ratio}", "roi_align", {"X": x, "ROIs": rois, "RoisNum": counts}, attrs, {"Out": "out"}, open_)
one("roi_align of sequences", "roi_align", {"X": x, "ROIs": LoD(rois, [0, 3, 5])}, attrs, {"Out": "out"})
attrs = {"pooled_height": 3, "pooled_width": 2, "spatial_scale": 0.75}
one("roi_pool", "roi_pool", {"X": x, "ROIs": rois, "RoisNum": np.array([0, 5], "int32")}, attrs, {"Out": "out", "Argmax": "argmax"}, open_, {"argmax": "int64"})
one("roi_pool of sequences", "roi_pool", {"X": x, "ROIs": LoD(rois, [0, 3, 5])}, attrs, {"Out": "out", "Argmax": "argmax"}, None, {"argmax": "int64"})

anchors, variances = boxes(18, 20, 20).reshape(2, 3, 3, 4), np.full((2, 3, 3, 4), 0.5, "float32")
scores = random.permutation(36).reshape(2, 3, 2, 3).astype("float32") / 64
proposals = {"RpnRois": "out", "RpnRoiProbs": "scores", "RpnRoisNum": "number"}
base = {"pre_nms_topN": 12, "post_nms_topN": 5, "nms_thresh": 0.4, "min_size": 2.0, "eta": 1.0}
for name, attrs in {"": {}, " exact": {"pixel_offset": False}, " all": {"pre_nms_topN": 0, "post_nms_topN": 0}, " large": {"min_size": 60.0}}.items():
    one("generate_proposals_v2" + name, "generate_proposals_v2",
        {"Scores": scores, "BboxDeltas": short(2, 12, 2, 3), "ImShape": np.array([[20, 24], [12, 18]], "float32"), "Anchors": anchors, "Variances": variances},
        {**base, "pixel_offset": True, **attrs}, proposals, {"Scores": [-1, 3, -1, -1], "BboxDeltas": [-1, 12, -1, -1]}, {"number": "int32"}, ("out", "scores", "number"))
one("generate_proposals", "generate_proposals",
    {"Scores": scores, "BboxDeltas": short(2, 12, 2, 3), "ImInfo": np.array([[20, 24, 1.2], [12, 18, 0.9]], "float32"), "Anchors": anchors, "Variances": variances},
    base, {"RpnRois": "out", "RpnRoiProbs": "scores"}, None, None, ("out", "scores"))

levels = {"MultiFpnRois0": "a", "MultiFpnRois1": "b", "MultiFpnRois2": "c", "RestoreIndex": "restore"}
numbers = {f"MultiLevelRoIsNum{i}": f"n{i}" for i in range(3)}
wide = np.concatenate([boxes(6) * 20, [[0, 0, 111, 111], [0, 0, 112, 112], [5, 5, 4, 9]]]).astype("float32")
integers = {"restore": "int32", "n0": "int32", "n1": "int32", "n2": "int32"}
for offset in True, False:
    attrs = {"min_level": 3, "max_level": 5, "refer_level": 4, "refer_scale": 112, "pixel_offset": offset}
    one(f"distribute_fpn_proposals {offset}", "distribute_fpn_proposals", {"FpnRois": wide, "RoisNum": np.array([4, 1, 4], "int32")}, attrs,
        {**levels, **numbers}, {"FpnRois": [-1, 4]}, integers, ("a", "b", "c", "restore", "n0", "n1", "n2"))
one("distribute_fpn_proposals of sequences", "distribute_fpn_proposals", {"FpnRois": LoD(wide, [0, 3, 9])}, attrs, levels, None, integers, ("a", "b", "c", "restore"))
for most in 4, 20:
    parts = {"MultiLevelRois1": boxes(4), "MultiLevelRois2": boxes(3), "MultiLevelScores1": random.integers(0, 4, (4, 1)).astype("float32"), "MultiLevelScores2": random.integers(0, 4, (3, 1)).astype("float32")}
    one(f"collect_fpn_proposals {most}", "collect_fpn_proposals", {**parts, "MultiLevelRoIsNum1": np.array([1, 3], "int32"), "MultiLevelRoIsNum2": np.array([2, 1], "int32")},
        {"post_nms_topN": most}, {"FpnRois": "out", "RoisNum": "number"}, {"MultiLevelRois1": [-1, 4]}, {"number": "int32"}, ("out", "number"))
    one(f"collect_fpn_proposals {most} of sequences", "collect_fpn_proposals", {k: LoD(v, [0, 1, len(v)]) for k, v in parts.items()}, {"post_nms_topN": most}, {"FpnRois": "out"})

write()
