"""Writes ops.json; see paddle_cases.py."""
import numpy as np

from paddle_cases import binary, case, f32, unary, write

# elementwise: where the smaller value lies along the larger one
for kind in "add", "sub", "mul", "div":
    binary(f"{kind} middle", "elementwise_" + kind, f32(2, 3, 4), f32(3), {"axis": 1}, {"x": [-1, 3, 4]})
    binary(f"{kind} end", "elementwise_" + kind, f32(2, 3, 4), f32(4), {"axis": -1})
binary("add start", "elementwise_add", f32(2, 3, 4, 5), f32(2), {"axis": 0})
binary("add middle two", "elementwise_add", f32(2, 3, 4, 5), f32(3, 4), {"axis": 1}, {"x": [-1, -1, -1, 5], "y": [-1, 4]})
binary("add end by axis", "elementwise_add", f32(2, 3), f32(3), {"axis": 1})
binary("add one number", "elementwise_add", f32(2, 3), f32(1), {"axis": 0})
binary("add smaller first", "elementwise_sub", f32(3), f32(2, 3, 4), {"axis": 1})
binary("add both grow", "elementwise_add", f32(2, 1, 4), f32(1, 3, 4), {"axis": -1})
binary("add ones at the end", "elementwise_add", f32(2, 3, 4), f32(4, 1), {"axis": 2})
binary("add same rank", "elementwise_add", f32(2, 3), f32(2, 1), {"axis": 0})
binary("add no dimensions", "elementwise_add", f32(2, 3), f32(), {"axis": -1})
binary("div integers", "elementwise_div", np.array([7, -7, 9], "int64"), np.array([2, 2, -4], "int64"), {"axis": -1})

# mul
binary("mul plain", "mul", f32(2, 3), f32(3, 4), {"x_num_col_dims": 1, "y_num_col_dims": 1}, {"x": [-1, 3]})
binary("mul rows two", "mul", f32(2, 3, 4), f32(4, 5), {"x_num_col_dims": 2, "y_num_col_dims": 1}, {"x": [-1, -1, 4]})
binary("mul flattened", "mul", f32(2, 3, 4), f32(12, 5), {"x_num_col_dims": 1, "y_num_col_dims": 1}, {"x": [-1, 3, 4]})
binary("mul both", "mul", f32(2, 3, 4, 5), f32(4, 5, 2, 3), {"x_num_col_dims": 2, "y_num_col_dims": 2}, {"x": [-1, -1, 4, 5]})
binary("mul columns", "mul", f32(2, 6), f32(6, 2, 2), {"x_num_col_dims": 1, "y_num_col_dims": 1}, {"x": [-1, 6]})

# matmul_v2
for tx in False, True:
    for ty in False, True:
        x, y = f32(2, 4, 3) if tx else f32(2, 3, 4), f32(2, 5, 4) if ty else f32(2, 4, 5)
        binary(f"matmul_v2 {tx} {ty}", "matmul_v2", x, y, {"trans_x": tx, "trans_y": ty})
        binary(f"matmul {tx} {ty}", "matmul", x, y, {"transpose_X": tx, "transpose_Y": ty, "alpha": 0.25})
binary("matmul_v2 broadcast", "matmul_v2", f32(2, 1, 3, 4), f32(5, 4, 2), {"trans_x": False, "trans_y": False})
binary("matmul_v2 vectors", "matmul_v2", f32(4), f32(4), {"trans_x": False, "trans_y": False})
binary("matmul_v2 vector first", "matmul_v2", f32(4), f32(2, 5, 4), {"trans_x": True, "trans_y": True})
binary("matmul_v2 vector last", "matmul_v2", f32(2, 4, 3), f32(4), {"trans_x": True, "trans_y": True})
binary("matmul with matrix", "matmul", f32(2, 3, 4), f32(4, 5), {"transpose_X": False, "transpose_Y": False, "alpha": 1.0})
binary("matmul vectors", "matmul", f32(4), f32(4), {"transpose_X": False, "transpose_Y": False, "alpha": 2.0})
binary("matmul vector last", "matmul", f32(2, 3, 4), f32(4), {"transpose_X": False, "transpose_Y": False, "alpha": 1.0})

case("transposed before a vector", {"x": f32(2, 3, 4), "y": f32(3)}, [
    ("transpose2", {"X": ["x"]}, {"Out": ["t"], "XShape": ["xshape"]}, {"axis": [0, 2, 1]}),
    ("matmul_v2", {"X": ["t"], "Y": ["y"]}, {"Out": ["out"]}, {"trans_x": False, "trans_y": False}),
], ["out"])
case("not transposed before a product", {"x": f32(3, 3), "y": f32(3, 3), "z": f32(3)}, [
    ("transpose2", {"X": ["x"]}, {"Out": ["t"], "XShape": ["xshape"]}, {"axis": [0, 1]}),
    ("matmul_v2", {"X": ["t"], "Y": ["y"]}, {"Out": ["p"]}, {"trans_x": False, "trans_y": False}),
    ("elementwise_add", {"X": ["p"], "Y": ["z"]}, {"Out": ["out"]}, {"axis": -1}),
], ["out"])

# scale
for after in True, False:
    unary(f"scale {after}", "scale", f32(2, 3), {"scale": 2.5, "bias": -1.0, "bias_after_scale": after})
    unary(f"scale integers {after}", "scale", np.array([3, -3, 8], "int64"), {"scale": 2.75, "bias": 1.75, "bias_after_scale": after})
unary("scale unsigned", "scale", np.array([3, 7], "uint8"), {"scale": 2.0, "bias": 1.0, "bias_after_scale": True})
unary("scale nothing", "scale", f32(2, 3), {"scale": 1.0, "bias": 0.0, "bias_after_scale": True})
unary("scale double", "scale", f32(3).astype("float64"), {"scale": 0.1, "bias": 0.2, "bias_after_scale": True})
case("scale by tensor", {"x": f32(2, 3), "s": f32(1)},
     [("scale", {"X": ["x"], "ScaleTensor": ["s"]}, {"Out": ["out"]}, {"scale": 9.0, "bias": 1.0, "bias_after_scale": False})], ["out"])

# shapes
unary("reshape keep and rest", "reshape2", f32(2, 3, 4), {"shape": [0, -1]}, {"x": [-1, 3, 4]}, {"XShape": ["xshape"]})
unary("reshape to number", "reshape2", f32(1), {"shape": []}, None, {"XShape": ["xshape"]})
case("reshape by tensor", {"x": f32(2, 6), "s": np.array([3, -1], "int32")},
     [("reshape2", {"X": ["x"], "Shape": ["s"]}, {"Out": ["out"], "XShape": ["xshape"]}, {"shape": [1, 12]})], ["out"])
case("reshape by numbers", {"x": f32(2, 6), "a": np.array([3], "int32"), "b": np.array([4], "int32")},
     [("reshape2", {"X": ["x"], "ShapeTensor": ["a", "b"]}, {"Out": ["out"], "XShape": ["xshape"]}, {"shape": [-1, -1]})], ["out"])
unary("transpose", "transpose2", f32(2, 3, 4), {"axis": [2, 0, 1]}, None, {"XShape": ["xshape"]})
unary("transpose from the end", "transpose2", f32(2, 3, 4), {"axis": [0, -1, -2]}, None, {"XShape": ["xshape"]})
unary("flatten", "flatten_contiguous_range", f32(2, 3, 4, 5), {"start_axis": 1, "stop_axis": 3}, {"x": [-1, 3, 4, 5]}, {"XShape": ["xshape"]})
unary("flatten all", "flatten_contiguous_range", f32(2, 3, 4), {"start_axis": 0, "stop_axis": -1}, {"x": [-1, 3, 4]}, {"XShape": ["xshape"]})
unary("flatten middle", "flatten_contiguous_range", f32(2, 3, 4, 5), {"start_axis": 1, "stop_axis": 2}, {"x": [-1, 3, -1, -1]}, {"XShape": ["xshape"]})
unary("flatten start", "flatten_contiguous_range", f32(2, 3, 4, 5), {"start_axis": 0, "stop_axis": 1}, {"x": [-1, 3, -1, 5]}, {"XShape": ["xshape"]})
unary("flatten one", "flatten_contiguous_range", f32(2, 3), {"start_axis": 1, "stop_axis": 1}, None, {"XShape": ["xshape"]})
unary("flatten number", "flatten_contiguous_range", f32(), {"start_axis": 0, "stop_axis": 0}, None, {"XShape": ["xshape"]})
case("concat", {"x": f32(2, 3), "y": f32(2, 1)}, [("concat", {"X": ["x", "y"]}, {"Out": ["out"]}, {"axis": 1})], ["out"])
case("concat from the end", {"x": f32(2, 1, 3), "y": f32(2, 2, 3)}, [("concat", {"X": ["x", "y", "x"]}, {"Out": ["out"]}, {"axis": -2})], ["out"])

# activations, dropout
for kind in "relu", "sigmoid", "tanh":
    unary(kind, kind, f32(2, 3) * 4, {})
unary("softmax end", "softmax", f32(2, 3, 4), {"axis": -1})
unary("softmax middle", "softmax", f32(2, 3, 4), {"axis": 1})
for how in "upscale_in_train", "downgrade_in_infer":
    unary("dropout " + how, "dropout", f32(2, 3), {"dropout_prob": 0.3, "is_test": True, "dropout_implementation": how}, None, {"Mask": ["mask"]})

# a variable that is written more than once
case("rewritten", {"x": f32(2, 3)}, [
    ("relu", {"X": ["x"]}, {"Out": ["a"]}, {}),
    ("scale", {"X": ["a"]}, {"Out": ["a"]}, {"scale": 2.0, "bias": 1.0, "bias_after_scale": True}),
    ("tanh", {"X": ["a"]}, {"Out": ["b"]}, {}),
    ("scale", {"X": ["a"]}, {"Out": ["a"]}, {"scale": 3.0, "bias": 0.0, "bias_after_scale": True}),
], ["b", "a"])

write()
