"""Writes ops_index.json; see paddle_cases.py."""
import numpy as np

from paddle_cases import case, f32, write

FLOAT, INT32, INT64, BOOL, DOUBLE = 5, 2, 3, 0, 6


def one(name, kind, inputs, attrs, out="Out", dtypes=None, declared=None, **more):
    """A case of one operator whose inputs are called as its parameters."""
    outs = {out: ["out"], **{k: [v] for k, v in more.items()}}
    fetches = ["out"] + [v for v in more.values() if not v.startswith("_")]
    case(name, inputs, [(kind, {k: [k] for k in inputs}, outs, attrs)], fetches, declared, dtypes)


def many(name, kind, inputs, parameter, attrs, outs, dtypes=None):
    """A case of one operator whose inputs are all of one parameter."""
    case(name, inputs, [(kind, {parameter: list(inputs)}, outs, attrs)], sum(outs.values(), []), None, dtypes)


def i64(*values):
    return np.array(values, "int64")


def i32(*values):
    return np.array(values, "int32")


def truth(*values):
    return np.array(values, "bool")


x = f32(2, 3, 4, 5)

# running sums and products
for exclusive in False, True:
    for reverse in False, True:
        one(f"cumsum {exclusive} {reverse}", "cumsum", {"X": f32(3, 4)}, {"axis": -1, "exclusive": exclusive, "reverse": reverse, "flatten": False})
one("cumprod", "cumprod", {"X": f32(3, 4)}, {"dim": -1})
one("cumprod of integers", "cumprod", {"X": i64([1, 2, 3], [4, 5, 6])}, {"dim": 0})
one("where", "where", {"Condition": truth([True, False], [False, True]), "X": f32(2, 2), "Y": f32(2, 2)}, {})
for what in FLOAT, INT32, INT64, BOOL, DOUBLE:
    one(f"cast to {what}", "cast", {"X": f32(2, 5)}, {"in_dtype": FLOAT, "out_dtype": what},
        dtypes={"out": {FLOAT: "float32", INT32: "int32", INT64: "int64", BOOL: "bool", DOUBLE: "float64"}[what]})

# products
one("kron", "kron", {"X": f32(2, 3), "Y": f32(4, 2)}, {})
one("kron of unequal ranks", "kron", {"X": f32(3), "Y": f32(2, 2)}, {})
one("mv", "mv", {"X": f32(3, 4), "Vec": f32(4)}, {})
one("addmm", "addmm", {"Input": f32(2, 4), "X": f32(2, 3), "Y": f32(3, 4)}, {"Alpha": 0.5, "Beta": 2.0})
one("dot of rows", "dot", {"X": f32(2, 4), "Y": f32(2, 4)}, {})

# shapes
one("squeeze all", "squeeze2", {"X": f32(1, 3, 1)}, {"axes": []}, XShape="_")
one("squeeze of others", "squeeze2", {"X": f32(1, 3, 1)}, {"axes": [1, 2]}, XShape="_")
one("unsqueeze from the end", "unsqueeze2", {"X": f32(2, 3)}, {"axes": [-1, 0, -2]}, XShape="_")
one("reverse", "reverse", {"X": x}, {"axis": [1, 3]})
one("roll of all", "roll", {"X": f32(2, 3)}, {"axis": [], "shifts": [2]})
one("roll around", "roll", {"X": f32(2, 3)}, {"axis": [1, 0], "shifts": [-5, 3]})
one("expand_v2 with a new axis", "expand_v2", {"X": f32(3, 1)}, {"shape": [2, -1, 4]})
one("expand_v2 by tensor", "expand_v2", {"X": f32(1, 3), "Shape": i32(2, 3)}, {"shape": []})
one("tile with a new axis", "tile", {"X": f32(2, 3)}, {"repeat_times": [2, 1, 2]})
one("tile of the last", "tile", {"X": f32(2, 3)}, {"repeat_times": [2]})
many("stack at the end", "stack", {"a": f32(2, 3), "b": f32(2, 3)}, "X", {"axis": -1}, {"Y": ["out"]})
case("split with a rest", {"x": f32(2, 7)}, [("split", {"X": ["x"]}, {"Out": ["a", "b", "c"]}, {"axis": 1, "num": 0, "sections": [1, -1, 2]})], ["a", "b", "c"])
case("unstack", {"x": f32(2, 3)}, [("unstack", {"X": ["x"]}, {"Y": ["a", "b"]}, {"axis": 0, "num": 2})], ["b", "a"])

# parts
y = f32(3, 4, 5)
one("slice", "slice", {"Input": y}, {"axes": [0, 2], "starts": [-2, 1], "ends": [2147483647, -1], "decrease_axis": [], "infer_flags": [1, 1]})
one("slice of one", "slice", {"Input": y}, {"axes": [0, 2], "starts": [-1, 1], "ends": [2147483647, 2], "decrease_axis": [0, 2], "infer_flags": [1, 1]})
one("slice of a number", "slice", {"Input": f32(3)}, {"axes": [0], "starts": [1], "ends": [2], "decrease_axis": [0], "infer_flags": [1]})
one("slice by tensors", "slice", {"Input": y, "StartsTensor": i32(1), "EndsTensor": i32(3)}, {"axes": [1], "starts": [0], "ends": [1], "decrease_axis": [], "infer_flags": [-1]})
for start, end, step in (0, 5, 2), (4, 0, -2), (-1, -5, -1), (2147483647, -1, -2), (1, 2147483647, 3), (3, -1, -1):
    one(f"strided_slice {start} {end} {step}", "strided_slice", {"Input": y},
        {"axes": [2], "starts": [start], "ends": [end], "strides": [step], "decrease_axis": [], "infer_flags": [1]})
one("crop", "crop_tensor", {"X": y}, {"offsets": [1, 0, 2], "shape": [2, -1, 2]})
one("crop with offsets", "crop", {"X": y}, {"offsets": [1, 0, 2], "shape": [2, 3, 2]})
put = {"dtype": FLOAT, "shape": [1], "none_axes": [], "values": [7.5]}
one("set_value", "set_value", {"Input": y}, {"axes": [0, 2], "starts": [-1, 4], "ends": [3, 0], "steps": [1, -2], "decrease_axes": [0], **put})
one("set_value with a tensor", "set_value", {"Input": y, "ValueTensor": f32(4, 2)},
    {"axes": [0, 2], "starts": [1, 1], "ends": [2, 3], "steps": [1, 1], "decrease_axes": [0], **put})

# indices
one("index_sample", "index_sample", {"X": f32(3, 4), "Index": i64([0, 3], [1, 1], [2, 0])}, {})
one("gather with axis", "gather", {"X": y, "Index": i32(3, 0)}, {"axis": 1})
one("gather a column", "gather", {"X": f32(4, 2), "Index": i64([3], [1])}, {"axis": 0})
one("gather_nd of elements", "gather_nd", {"X": y, "Index": i64([0, 1, 2], [2, 3, 4])}, {})
for how in "assign", "add", "mul":
    one("put_along_axis " + how, "put_along_axis", {"Input": f32(3, 4), "Index": i64([0, 1, 2, 0]), "Value": f32(1, 4)},
        {"Axis": 0, "Reduce": how}, out="Result")
one("take_along_axis", "take_along_axis", {"Input": f32(3, 4), "Index": i64([0], [3], [1])}, {"Axis": 1}, out="Result")
one("scatter", "scatter", {"X": f32(5, 2), "Ids": i64(3, 0), "Updates": f32(2, 2)}, {"overwrite": True})
one("scatter sums", "scatter", {"X": f32(5, 2), "Ids": i64(3, 0, 3), "Updates": f32(3, 2)}, {"overwrite": False})
for right in False, True:
    one(f"searchsorted {right}", "searchsorted", {"SortedSequence": np.array([1, 2, 2, 5], "float32"), "Values": np.array([[0, 2, 6], [2, 5, 3]], "float32")},
        {"out_int32": False, "right": right}, dtypes={"out": "int64"})
one("searchsorted of rows", "searchsorted", {"SortedSequence": np.array([[1, 2, 4], [3, 5, 6]], "float32"), "Values": np.array([[2, 9], [3, 4]], "float32")},
    {"out_int32": True, "right": False}, dtypes={"out": "int32"})
one("unique", "unique", {"X": i64(3, 1, 3, 2)}, {"dtype": INT64, "return_index": True, "return_inverse": True, "return_counts": True, "axis": [], "is_sorted": True},
    Indices="indices", Index="index", Counts="counts", dtypes={"indices": "int64", "index": "int64", "counts": "int64"})
one("top_k_v2 of integers", "top_k_v2", {"X": i64([4, 1, 3], [2, 2, 9])}, {"axis": 1, "k": 2, "largest": True, "sorted": True}, Indices="indices", dtypes={"indices": "int64"})
one("argsort of equal ones", "argsort", {"X": np.array([[2, 1, 2, 1], [0, 0, 0, 0]], "float32")}, {"axis": 1, "descending": True}, Indices="indices", dtypes={"indices": "int64"})
one("arg_max of all", "arg_max", {"X": f32(2, 3)}, {"axis": 0, "dtype": INT64, "flatten": True, "keepdims": True}, dtypes={"out": "int64"})
one("lookup_table_v2 with padding", "lookup_table_v2", {"W": f32(5, 2), "Ids": i64([1, 3], [0, 1])}, {"padding_idx": 1}, dtypes={"out": "float32"})
one("lookup_table with padding", "lookup_table", {"W": f32(5, 2), "Ids": i64([1], [4])}, {"padding_idx": 4}, dtypes={"out": "float32"})
one("masked_select", "masked_select", {"X": f32(2, 3), "Mask": truth([True, False, True], [False, False, True])}, {}, out="Y")
one("diag_v2 of a list", "diag_v2", {"X": f32(3)}, {"offset": -1, "padding_value": 0.5})
one("diag_v2 of a matrix", "diag_v2", {"X": f32(3, 5)}, {"offset": 1, "padding_value": 0.0})
for offset in -1, 0, 2:
    one(f"diagonal {offset}", "diagonal", {"Input": y}, {"axis1": 2, "axis2": 0, "offset": offset})
    one(f"trace {offset}", "trace", {"Input": y}, {"axis1": 0, "axis2": 1, "offset": offset})
one("tril of integers", "tril_triu", {"X": i32([1, 2, 3], [4, 5, 6])}, {"diagonal": 1, "lower": True})

# made of nothing
one("fill_zeros_like", "fill_zeros_like", {"X": f32(2, 3)}, {})
one("fill_any_like of another type", "fill_any_like", {"X": f32(2, 3)}, {"value": 3.0, "dtype": INT64}, dtypes={"out": "int64"})
one("fill_constant by tensor", "fill_constant", {"ShapeTensor": i32(2, 3)}, {"dtype": FLOAT, "value": 1.5, "str_value": "", "shape": [-1, -1]}, dtypes={"out": "float32"})
one("fill_constant of a tensor's number", "fill_constant", {"ValueTensor": np.array([2.5], "float32")}, {"dtype": FLOAT, "value": 0.0, "str_value": "", "shape": [2, 2]}, dtypes={"out": "float32"})
one("range", "range", {"Start": i64(1), "End": i64(9), "Step": i64(3)}, {})
one("range of floats", "range", {"Start": np.array([1], "float32"), "End": np.array([-1], "float32"), "Step": np.array([-0.5], "float32")}, {})
one("linspace", "linspace", {"Start": np.array([-1], "float32"), "Stop": np.array([2], "float32"), "Num": i32(6)}, {"dtype": FLOAT}, dtypes={"out": "float32"})
one("linspace of one", "linspace", {"Start": np.array([-1], "float32"), "Stop": np.array([2], "float32"), "Num": i32(1)}, {"dtype": FLOAT}, dtypes={"out": "float32"})
many("meshgrid", "meshgrid", {"a": f32(2), "b": f32(3)}, "X", {}, {"Out": ["c", "d"]})


# numbers of parts, rows of several tensors
one("shard_index", "shard_index", {"X": i64([1], [6], [12], [19])}, {"index_num": 20, "nshards": 2, "shard_id": 1, "ignore_value": -1})
case("multiplex", {"a": f32(3, 2), "b": f32(3, 2), "ids": i32([1], [0], [1])},
     [("multiplex", {"X": ["a", "b"], "Ids": ["ids"]}, {"Out": ["out"]}, {})], ["out"], {"a": [-1, 2], "b": [-1, 2], "ids": [-1, 1]})
one("take_along_axis of many", "take_along_axis", {"Input": f32(3, 4, 2), "Index": i64([[0, 1], [3, 0], [1, 1]], [[2, 0], [0, 0], [1, 3]], [[2, 0], [0, 0], [1, 3]])}, {"Axis": 1}, out="Result")
one("put_along_axis of many", "put_along_axis", {"Input": f32(3, 4), "Index": i64([0, 1], [3, 2], [1, 3]), "Value": f32(3, 2)}, {"Axis": 1, "Reduce": "multiply"}, out="Result")
case("gather along a constant", {"x": y, "i": i32(3, 0)}, [
    ("fill_constant", {}, {"Out": ["a"]}, {"shape": [1], "dtype": INT32, "value": 1.0}),
    ("gather", {"X": ["x"], "Index": ["i"], "Axis": ["a"]}, {"Out": ["out"]}, {"axis": 0})], ["out"], dtypes={"a": "int32"})
one("gather nothing known", "gather", {"X": y, "Index": i64(2, 0)}, {"axis": 0}, declared={"X": [-1, 4, 5], "Index": [-1]})
one("one_hot_v2 integers", "one_hot_v2", {"X": i64([1, 0], [2, 2])}, {"depth": 3, "dtype": INT64}, dtypes={"out": "int64"})
one("one_hot_v2 by tensor", "one_hot_v2", {"X": i64(1, 0), "depth_tensor": i32(4)}, {"depth": -1, "dtype": FLOAT}, dtypes={"out": "float32"})
one("top_k_v2 least", "top_k_v2", {"X": f32(3, 4)}, {"axis": 0, "k": 2, "largest": False, "sorted": True}, Indices="indices", dtypes={"indices": "int64"})
one("top_k_v2 by tensor", "top_k_v2", {"X": f32(3, 4), "K": i32(3)}, {"axis": -1, "k": 1, "largest": True, "sorted": True}, Indices="indices", dtypes={"indices": "int64"})
one("top_k", "top_k", {"X": f32(3, 4)}, {"k": 2}, Indices="indices", dtypes={"indices": "int64"})
one("argsort of integers", "argsort", {"X": i64([4, 1, 3], [2, 7, 9])}, {"axis": 0, "descending": False}, Indices="indices", dtypes={"indices": "int64"}, declared={"X": [-1, 3]})
one("arg_min int32", "arg_min", {"X": i64([4, 1, 3], [2, 7, 9])}, {"axis": -1, "dtype": INT32, "keepdims": True}, dtypes={"out": "int32"})
one("arg_max of a list", "arg_max", {"X": f32(4)}, {"axis": 0, "dtype": INT64}, dtypes={"out": "int64"})
one("unique as they come", "unique", {"X": f32(3)}, {"dtype": INT64, "is_sorted": False}, Index="index", dtypes={"index": "int64"})
one("unique rows", "unique", {"X": i64([1, 2], [0, 5], [1, 2])}, {"dtype": INT32, "axis": [0], "is_sorted": True, "return_counts": True, "return_index": True, "return_inverse": True},
    Indices="indices", Index="index", Counts="counts", dtypes={"indices": "int32", "index": "int32", "counts": "int32"})
one("where_index of numbers", "where_index", {"Condition": np.array([[0, 1.5], [2, 0]], "float64")}, {}, dtypes={"out": "int64"})
for dtype in "int32", "int64", "float64":
    one(f"where {dtype}", "where", {"Condition": truth(True, False), "X": np.array([1, 0], dtype), "Y": np.array([0, 1], dtype)}, {}, dtypes={"out": dtype})
one("masked_select int32", "masked_select", {"X": i32(1, 2, 3), "Mask": truth(True, False, True)}, {}, out="Y")
for offset in -1, 0, 2:
    one(f"diag_embed {offset}", "diag_embed", {"Input": f32(2, 3)}, {"offset": offset, "dim1": -2, "dim2": -1})
one("diag_embed turned", "diag_embed", {"Input": f32(2, 3)}, {"offset": 1, "dim1": 0, "dim2": 2}, declared={"Input": [-1, 3]})
one("diag_v2 integers", "diag_v2", {"X": i64(3, 4)}, {"offset": 2, "padding_value": 7.0})
one("diagonal of unknown sizes", "diagonal", {"Input": f32(3, 4, 2)}, {"offset": -1, "axis1": 1, "axis2": 0}, declared={"Input": [-1, -1, 2]})
one("trace of a matrix", "trace", {"Input": f32(3, 4)}, {"offset": 1, "axis1": 0, "axis2": 1})
one("trace of integers", "trace", {"Input": i64([[1, 2], [3, 4]], [[5, 6], [7, 8]])}, {"offset": 0, "axis1": 0, "axis2": 2})
for dtype in "int32", "bool", "float64":
    one(f"tril_triu {dtype}", "tril_triu", {"X": np.ones((3, 3), dtype)}, {"diagonal": 1, "lower": True})
one("cumsum int32", "cumsum", {"X": i32(3, 4, 5)}, {"axis": 0})
one("cumsum of all", "cumsum", {"X": f32(2, 3)}, {"axis": -1, "flatten": True})
one("cumprod middle", "cumprod", {"X": f32(2, 3, 2)}, {"dim": 1}, declared={"X": [-1, -1, 2]})
one("cumprod first", "cumprod", {"X": f32(3, 2)}, {"dim": 0})
for equation, shapes in [("ij,jk->ik", [(2, 3), (3, 4)]), ("bij,bkj->bik", [(2, 3, 4), (2, 5, 4)]), ("ij->ji", [(2, 3)]), ("...ij,...jk->...ik", [(2, 3, 4), (2, 4, 2)]),
                         ("bhqd,bhkd->bhqk", [(2, 2, 3, 4), (2, 2, 5, 4)]), ("ij,ij->", [(2, 3), (2, 3)]), ("ii->i", [(3, 3)])]:
    inputs = {f"x{i}": f32(*s) for i, s in enumerate(shapes)}
    case("einsum " + equation, inputs, [("einsum", {"Operands": list(inputs)}, {"Out": ["out"], "InnerCache": ["ca", "cb"][:len(shapes)], "XShape": ["sa", "sb"][:len(shapes)]}, {"equation": equation})], ["out"])
one("bmm", "bmm", {"X": f32(2, 3, 4), "Y": f32(2, 4, 2)}, {})
one("dot of integers", "dot", {"X": i64(1, 2, 3), "Y": i64(4, 5, 6)}, {})

# putting values in the place of parts
def put(name, sizes, attrs, more=None, **values):
    base = {"dtype": FLOAT, "decrease_axes": [], "none_axes": [], "steps": [1] * len(attrs["axes"]), **(values or {"shape": [1], "values": [0.5]})}
    one("set_value " + name, "set_value", {"Input": f32(*sizes), **(more or {})}, {**base, **attrs}, declared={"Input": [-1, *sizes[1:]]})


put("a row", (3, 4), {"axes": [0], "starts": [1], "ends": [2], "decrease_axes": [0]})
put("all", (3, 4), {"axes": [0], "starts": [0], "ends": [2147483647]})
put("in steps", (5, 4), {"axes": [0, 1], "starts": [4, 1], "ends": [0, 4], "steps": [-2, 2]})
put("numbers", (3, 4), {"axes": [1], "starts": [1], "ends": [3]}, shape=[3, 2], values=[1.0, 2.0, 3.0, 4.0, 5.0, 6.0])
put("rows from a tensor", (3, 4), {"axes": [0], "starts": [0], "ends": [2]}, {"ValueTensor": f32(4)}, shape=[], values=[])
put("a new dimension", (3, 4), {"axes": [0], "starts": [1], "ends": [3], "none_axes": [1]}, {"ValueTensor": f32(2, 1, 4)}, shape=[], values=[])
put("a new dimension before one left out", (3, 4, 2), {"axes": [0, 1], "starts": [1, 0], "ends": [2, 3], "decrease_axes": [0], "none_axes": [0]}, {"ValueTensor": f32(1, 3, 2)}, shape=[], values=[])
put("a new dimension at the end", (3, 4), {"axes": [0], "starts": [1], "ends": [3], "none_axes": [2]}, {"ValueTensor": f32(4, 1)}, shape=[], values=[])
put("one element", (3, 4), {"axes": [0, 1], "starts": [1, 2], "ends": [2, 3], "decrease_axes": [0, 1]})
put("backwards", (5, 2), {"axes": [0], "starts": [4], "ends": [1], "steps": [-1]}, {"ValueTensor": f32(3, 2)}, shape=[], values=[])
put("backwards to the first", (5, 2), {"axes": [0], "starts": [2147483647], "ends": [-1], "steps": [-1]}, {"ValueTensor": f32(5, 2)}, shape=[], values=[])
put("backwards past the first", (5, 2), {"axes": [0], "starts": [4], "ends": [-7], "steps": [-1]})
put("backwards to one before the last", (5, 2), {"axes": [0], "starts": [4], "ends": [-3], "steps": [-1]})
put("from numbers in tensors", (5, 2), {"axes": [0], "starts": [-1], "ends": [-1]}, {"StartsTensorList": i64(1), "EndsTensorList": i64(3)})
one("set_value of integers", "set_value", {"Input": i64(1, 2, 3)}, {"dtype": INT64, "axes": [0], "starts": [1], "ends": [2], "steps": [1], "decrease_axes": [0], "none_axes": [], "shape": [1], "values": [9007199254740993]})

# places that are put, repeated, ordered
one("index_add", "index_add", {"X": f32(3, 4), "Index": i64(2, 0, 2), "AddValue": f32(3, 3)}, {"axis": 1})
for accumulate in False, True:
    case(f"index_put {accumulate}", {"x": f32(3, 4), "i": i64(0, 2), "j": i64(1), "v": f32(1)},
         [("index_put", {"x": ["x"], "indices": ["i", "j"], "value": ["v"]}, {"out": ["out"]}, {"accumulate": accumulate})], ["out"])
case("index_put rows", {"x": f32(3, 4), "i": i64(0, 2), "v": f32(2, 4)},
     [("index_put", {"x": ["x"], "indices": ["i"], "value": ["v"]}, {"out": ["out"]}, {"accumulate": False})], ["out"])
case("index_put by a mask", {"x": f32(2, 3), "m": truth([True, False, True], [False, True, False]), "v": f32(1)},
     [("index_put", {"x": ["x"], "indices": ["m"], "value": ["v"]}, {"out": ["out"]}, {"accumulate": False})], ["out"])
one("repeat_interleave", "repeat_interleave", {"X": f32(2, 3)}, {"Repeats": 2, "dim": 1}, declared={"X": [2, -1]})
one("repeat_interleave by tensor", "repeat_interleave", {"X": f32(3, 2), "RepeatsTensor": i64(2, 0, 1)}, {"Repeats": 0, "dim": 0})
for keep in False, True:
    one(f"kthvalue {keep}", "kthvalue", {"X": f32(3, 5)}, {"k": 2, "axis": 1, "keepdim": keep}, Indices="indices", dtypes={"indices": "int64"})
one("logcumsumexp", "logcumsumexp", {"X": f32(2, 3)}, {"axis": 0})
one("logcumsumexp of all", "logcumsumexp", {"X": f32(2, 3)}, {"axis": -1, "flatten": True})

# more products
one("cross", "cross", {"X": f32(3, 2, 3), "Y": f32(3, 2, 3)}, {"dim": 2})
one("cross along the first", "cross", {"X": f32(2, 3, 3), "Y": f32(2, 3, 3)}, {"dim": 9})
many("multi_dot", "multi_dot", {"a": f32(2, 3), "b": f32(3, 4), "c": f32(4, 2)}, "X", {}, {"Out": ["out"]})
many("multi_dot of vectors", "multi_dot", {"a": f32(3), "b": f32(3, 4), "c": f32(4)}, "X", {}, {"Out": ["out"]})
for activation in "", "relu":
    one("fc " + activation, "fc", {"Input": f32(2, 3, 4), "W": f32(4, 5), "Bias": f32(1, 5)}, {"in_num_col_dims": 2, "activation_type": activation}, declared={"Input": [-1, 3, 4]})
one("fc without bias", "fc", {"Input": f32(2, 3, 4), "W": f32(12, 5)}, {"in_num_col_dims": 1})

write()
