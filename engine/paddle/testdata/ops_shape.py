"""Writes ops_shape.json; see paddle_cases.py."""
import numpy as np

from paddle_cases import case, earlier, f32, unary, write


def of(dtype, *values):
    return np.array(values, dtype)


XSHAPE = {"XShape": ["xshape"]}

# reshape, flatten
for kind in "reshape", "reshape2":
    unary(kind, kind, f32(2, 3, 4), {"shape": [0, -1]}, {"x": [-1, 3, 4]}, XSHAPE if kind == "reshape2" else None)
unary("flatten2", "flatten2", f32(2, 3, 4), {"axis": 2}, {"x": [-1, 3, 4]}, XSHAPE)
unary("flatten2 first", "flatten2", f32(2, 3, 4), {"axis": 0}, None, XSHAPE)

# squeeze, unsqueeze
for axes in [1], [-1, 1], [], [0, 1]:
    unary(f"squeeze2 {axes}", "squeeze2", f32(2, 1, 3, 1), {"axes": axes}, {"x": [-1, 1, 3, 1]} if 0 not in axes else None, XSHAPE)
unary("squeeze2 to number", "squeeze2", f32(1, 1), {"axes": []}, None, XSHAPE)
unary("squeeze2 unknown", "squeeze2", f32(1, 3), {"axes": [0]}, {"x": [-1, 3]}, XSHAPE)
for axes in [1], [1, 3], [1, 0], [-1, 0], [-1, -1], [0, 1, 2]:
    unary(f"unsqueeze2 {axes}", "unsqueeze2", f32(2, 3), {"axes": axes}, None, XSHAPE)
unary("unsqueeze2 number", "unsqueeze2", f32(), {"axes": [0, 1]}, None, XSHAPE)
case("unsqueeze2 by a constant", {"x": f32(2, 3)}, [
    ("fill_constant", {}, {"Out": ["a"]}, {"shape": [1], "dtype": 2, "value": 1.0}),
    ("unsqueeze2", {"X": ["x"], "AxesTensor": ["a"]}, {"Out": ["out"], **XSHAPE}, {"axes": []})], ["out"], dtypes={"a": "int32"})
case("unsqueeze2 by constants", {"x": f32(2, 3)}, [
    ("fill_constant", {}, {"Out": ["a"]}, {"shape": [1], "dtype": 2, "value": 0.0}),
    ("fill_constant", {}, {"Out": ["b"]}, {"shape": [1], "dtype": 2, "value": 2.0}),
    ("unsqueeze2", {"X": ["x"], "AxesTensorList": ["a", "b"]}, {"Out": ["out"], **XSHAPE}, {"axes": []})], ["out"], dtypes={"a": "int32", "b": "int32"})

for kind, attrs in ("flatten", {"axis": 1}), ("squeeze", {"axes": [1]}), ("unsqueeze", {"axes": [1]}):
    unary(kind, kind + "2", f32(2, 1, 3), attrs, None, XSHAPE)
    earlier(kind + "2", kind)

# sizes
for declared in [2, 3, 4], [-1, 3, -1]:
    case(f"shape {declared}", {"x": f32(2, 3, 4)}, [("shape", {"Input": ["x"]}, {"Out": ["out"]}, {})], ["out"], {"x": declared}, {"out": "int32"})
    case(f"size {declared}", {"x": f32(2, 3, 4)}, [("size", {"Input": ["x"]}, {"Out": ["out"]}, {})], ["out"], {"x": declared}, {"out": "int64"})
case("reshape by its own sizes", {"x": f32(2, 3, 4)}, [
    ("shape", {"Input": ["x"]}, {"Out": ["s"]}, {}),
    ("slice", {"Input": ["s"]}, {"Out": ["a"]}, {"axes": [0], "starts": [0], "ends": [1], "decrease_axis": [0], "infer_flags": [1]}),
    ("slice", {"Input": ["s"]}, {"Out": ["b"]}, {"axes": [0], "starts": [1], "ends": [2], "decrease_axis": [0], "infer_flags": [1]}),
    ("slice", {"Input": ["s"]}, {"Out": ["c"]}, {"axes": [0], "starts": [-1], "ends": [2147483647], "decrease_axis": [0], "infer_flags": [1]}),
    ("elementwise_mul", {"X": ["b"], "Y": ["c"]}, {"Out": ["d"]}, {"axis": -1}),
    ("reshape2", {"X": ["x"], "ShapeTensor": ["a", "d"]}, {"Out": ["out"], **XSHAPE}, {"shape": [-1, -1]})],
    ["out"], {"x": [-1, 3, 4]}, {n: "int32" for n in "sabcd"})

# joining and dividing
for axis in 0, 1, -1:
    case(f"stack {axis}", {"x": f32(2, 3), "y": f32(2, 3)}, [("stack", {"X": ["x", "y"]}, {"Y": ["out"]}, {"axis": axis})], ["out"])
case("stack numbers", {"x": f32(), "y": f32()}, [("stack", {"X": ["x", "y"]}, {"Y": ["out"]}, {"axis": 0})], ["out"])
case("unbind", {"x": f32(2, 3)}, [("unbind", {"X": ["x"]}, {"Out": ["a", "b", "c"]}, {"axis": -1})], ["a", "b", "c"], {"x": [-1, 3]})
case("unstack", {"x": f32(2, 3)}, [("unstack", {"X": ["x"]}, {"Y": ["a", "b"]}, {"axis": 0, "num": 2})], ["a", "b"])
case("split in equal parts", {"x": f32(2, 6)}, [("split", {"X": ["x"]}, {"Out": ["a", "b", "c"]}, {"axis": 1, "num": 3})], ["a", "b", "c"], {"x": [-1, 6]})
case("split in sections", {"x": f32(5, 2)}, [("split", {"X": ["x"]}, {"Out": ["a", "b"]}, {"axis": -2, "sections": [2, 3]})], ["a", "b"])
case("split with a rest", {"x": f32(2, 6)}, [("split", {"X": ["x"]}, {"Out": ["a", "b", "c"]}, {"axis": 1, "sections": [1, -1, 2]})], ["a", "b", "c"], {"x": [2, -1]})
case("split into one", {"x": f32(2, 6)}, [("split", {"X": ["x"]}, {"Out": ["a"]}, {"axis": 1, "num": 1})], ["a"])
case("split along a constant", {"x": f32(2, 6)}, [
    ("fill_constant", {}, {"Out": ["n"]}, {"shape": [1], "dtype": 2, "value": 1.0}),
    ("split", {"X": ["x"], "AxisTensor": ["n"]}, {"Out": ["a", "b"]}, {"axis": 0, "num": 2})], ["a", "b"], dtypes={"n": "int32"})
case("split in sections from tensors", {"x": f32(2, 6), "n": of("int32", 4), "m": of("int32", 2)}, [
    ("split", {"X": ["x"], "SectionsTensorList": ["n", "m"]}, {"Out": ["a", "b"]}, {"axis": 1, "sections": [-1, -1]})], ["a", "b"])
case("concat along a constant", {"x": f32(2, 6), "y": f32(2, 1)}, [
    ("fill_constant", {}, {"Out": ["n"]}, {"shape": [1], "dtype": 2, "value": 1.0}),
    ("concat", {"X": ["x", "y"], "AxisTensor": ["n"]}, {"Out": ["out"]}, {"axis": 0})], ["out"], dtypes={"n": "int32"})
case("meshgrid", {"x": f32(2), "y": f32(3), "z": f32(1)}, [("meshgrid", {"X": ["x", "y", "z"]}, {"Out": ["a", "b", "c"]}, {})], ["a", "b", "c"], {"x": [-1]})
case("broadcast_tensors", {"x": f32(2, 1, 3), "y": f32(4, 1)}, [("broadcast_tensors", {"X": ["x", "y"]}, {"Out": ["a", "b"]}, {})], ["a", "b"])

# repeating
unary("expand", "expand", f32(2, 1), {"expand_times": [2, 3]})
unary("expand_v2", "expand_v2", f32(2, 1, 3), {"shape": [-1, 4, -1]}, {"x": [-1, 1, 3]})
unary("expand_v2 more dimensions", "expand_v2", f32(3), {"shape": [2, 4, -1]})
unary("expand_v2 number", "expand_v2", f32(), {"shape": [2, 2]})
unary("expand_v2 bool", "expand_v2", of("bool", 1, 0), {"shape": [2, 2]})
case("expand_v2 by tensor", {"x": f32(2, 1), "s": of("int32", -1, 3)},
     [("expand_v2", {"X": ["x"], "Shape": ["s"]}, {"Out": ["out"]}, {"shape": []})], ["out"])
case("expand_v2 by numbers", {"x": f32(2, 1), "a": of("int32", 2), "b": of("int32", 3)},
     [("expand_v2", {"X": ["x"], "expand_shapes_tensor": ["a", "b"]}, {"Out": ["out"]}, {"shape": [-1, -1]})], ["out"])
case("expand_as_v2", {"x": f32(2, 1), "y": f32(3, 2, 4)},
     [("expand_as_v2", {"X": ["x"], "Y": ["y"]}, {"Out": ["out"]}, {"target_shape": [3, 2, 4]})], ["out"], {"y": [-1, 2, 4]})
unary("expand_as_v2 by attribute", "expand_as_v2", f32(2, 1), {"target_shape": [3, 2, 4]})
unary("tile", "tile", f32(2, 1), {"repeat_times": [2, 3]}, {"x": [-1, 1]})
unary("tile fewer", "tile", f32(2, 2), {"repeat_times": [3]})
unary("tile more", "tile", f32(2), {"repeat_times": [2, 1, 2]})
unary("tile int32", "tile", of("int32", 1, 2), {"repeat_times": [2]})
case("tile by tensor", {"x": f32(2), "r": of("int32", 2, 3)},
     [("tile", {"X": ["x"], "RepeatTimes": ["r"]}, {"Out": ["out"]}, {"repeat_times": []})], ["out"])
case("tile by numbers", {"x": f32(2, 2), "a": of("int32", 2), "b": of("int32", 3)},
     [("tile", {"X": ["x"], "repeat_times_tensor": ["a", "b"]}, {"Out": ["out"]}, {"repeat_times": [-1, -1]})], ["out"])

# other orders
unary("transpose", "transpose", f32(2, 3, 4), {"axis": [1, 0, 2]})
unary("flip", "flip", f32(2, 3), {"axis": [0, -1]}, {"x": [-1, 3]})
unary("reverse", "reverse", f32(2, 3), {"axis": [1]})
unary("roll", "roll", f32(2, 3, 4), {"shifts": [1, -2], "axis": [0, 2]}, {"x": [-1, 3, 4]})
unary("roll far", "roll", f32(2, 3), {"shifts": [7], "axis": [-1]})
unary("roll all", "roll", f32(2, 3), {"shifts": [2], "axis": []}, {"x": [-1, 3]})
case("roll by tensor", {"x": f32(2, 3), "s": of("int64", 1)},
     [("roll", {"X": ["x"], "ShiftsTensor": ["s"]}, {"Out": ["out"]}, {"shifts": [], "axis": [1]})], ["out"])

# parts
def part(name, kind, x, attrs, declared=None, more=None, tensors=None):
    case(name, {"x": x, **(more or {})}, [(kind, {"Input": ["x"], **(tensors or {})}, {"Out": ["out"]}, attrs)], ["out"], declared)


for axes, starts, ends, decrease in [
    ([0], [1], [3], []), ([0, 2], [-3, 0], [100, -1], []), ([1], [-1], [2147483647], [1]), ([1], [1], [2], [1]),
    ([0, 1, 2], [1, 0, 2], [2, 3, 3], [0, 2]), ([0, 1, 2], [1, 2, 2], [2, 3, 3], [0, 1, 2]),
]:
    attrs = {"axes": axes, "starts": starts, "ends": ends, "decrease_axis": decrease, "infer_flags": [1] * len(axes)}
    part(f"slice {axes} {starts} {ends} {decrease}", "slice", f32(4, 3, 3), attrs, {"x": [-1, 3, 3]})
flags = {"axes": [0, 1], "starts": [-1, -1], "ends": [-1, -1], "infer_flags": [-1, -1], "decrease_axis": []}
part("slice by tensors", "slice", f32(4, 3), flags, None, {"s": of("int32", 1, 0), "e": of("int32", 3, -1)}, {"StartsTensor": ["s"], "EndsTensor": ["e"]})
part("slice by numbers", "slice", f32(4, 3), flags, None, {"a": of("int32", 1), "b": of("int32", 2), "c": of("int32", 100)},
     {"StartsTensorList": ["a", "a"], "EndsTensorList": ["b", "c"]})
part("slice one by a number", "slice", f32(4, 3), {"axes": [0], "starts": [-1], "ends": [-1], "infer_flags": [-1], "decrease_axis": [0]}, None,
     {"a": of("int32", 1), "b": of("int32", 2)}, {"StartsTensorList": ["a"], "EndsTensorList": ["b"]})
for start, end, stride in [
    (4, -1, -1), (4, -6, -1), (4, -11, -1), (8, -8, -2), (2147483647, -2147483648, -1), (-1, -1, -1), (9, 0, -3),
    (-100, 5, 2), (3, 100, 2), (-3, -1, 1), (100, -100, -1), (9, 2, -1),
]:
    attrs = {"axes": [0], "starts": [start], "ends": [end], "strides": [stride], "infer_flags": [1], "decrease_axis": []}
    for size in 10, -1:
        part(f"strided_slice {start} {end} {stride} of {size}", "strided_slice", f32(10), attrs, {"x": [size]})
part("strided_slice two", "strided_slice", f32(4, 5), {"axes": [0, 1], "starts": [0, 4], "ends": [4, 0], "strides": [2, -3], "infer_flags": [1, 1], "decrease_axis": []})
part("strided_slice one", "strided_slice", f32(4, 5), {"axes": [0, 1], "starts": [1, 0], "ends": [2, 5], "strides": [1, 2], "infer_flags": [1, 1], "decrease_axis": [0]})
part("strided_slice by tensors", "strided_slice", f32(4, 5), {"axes": [1], "starts": [-1], "ends": [-1], "strides": [2], "infer_flags": [-1], "decrease_axis": []}, None,
     {"s": of("int32", 1), "e": of("int32", 4)}, {"StartsTensor": ["s"], "EndsTensor": ["e"]})
unary("crop_tensor", "crop_tensor", f32(4, 5), {"shape": [2, -1], "offsets": [1, 2]}, {"x": [-1, 5]})
case("crop_tensor by tensors", {"x": f32(4, 5), "s": of("int32", 2, 3), "o": of("int32", 1, 0)},
     [("crop_tensor", {"X": ["x"], "Shape": ["s"], "Offsets": ["o"]}, {"Out": ["out"]}, {"shape": [2, 3], "offsets": []})], ["out"])
case("crop_tensor by numbers", {"x": f32(4, 5), "a": of("int32", 2), "b": of("int32", 1)},
     [("crop_tensor", {"X": ["x"], "ShapeTensor": ["a", "b"], "OffsetsTensor": ["b", "a"]}, {"Out": ["out"]}, {"shape": [-1, -1], "offsets": [-1, -1]})], ["out"])
unary("crop", "crop", f32(4, 5), {"shape": [2, 3], "offsets": [1, 2]})
case("crop like another", {"x": f32(4, 5), "y": f32(2, 2)},
     [("crop", {"X": ["x"], "Y": ["y"]}, {"Out": ["out"]}, {"shape": [], "offsets": [0, 1]})], ["out"])

write()
