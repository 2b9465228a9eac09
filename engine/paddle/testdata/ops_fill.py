"""Writes ops_fill.json; see paddle_cases.py."""
import numpy as np

from paddle_cases import case, f32, unary, write

BOOL, INT32, INT64, FLOAT, DOUBLE, UINT8 = 0, 2, 3, 5, 6, 20
NAMES = {BOOL: "bool", INT32: "int32", INT64: "int64", FLOAT: "float32", DOUBLE: "float64", UINT8: "uint8"}


def of(dtype, *values):
    return np.array(values, dtype)


def made(name, kind, attrs, dtype, inputs=None, tensors=None, declared=None):
    """A case of an operator that needs no input; the first input is not read by it."""
    case(name, {"x": f32(1), **(inputs or {})}, [(kind, tensors or {}, {"Out": ["out"]}, attrs)], ["out"], declared, {"out": dtype})


# numbers that are stated
for what, value in (FLOAT, 1.5), (DOUBLE, -0.25), (INT32, 7.0), (INT64, -3.0), (BOOL, 1.0), (UINT8, 200.0):
    made(f"fill_constant {NAMES[what]}", "fill_constant", {"shape": [2, 3], "dtype": what, "value": value}, NAMES[what])
made("fill_constant number", "fill_constant", {"shape": [], "dtype": FLOAT, "value": 2.0}, "float32")
made("fill_constant large", "fill_constant", {"shape": [20, 30], "dtype": FLOAT, "value": 2.0}, "float32")
made("fill_constant digits", "fill_constant", {"shape": [1], "dtype": INT64, "value": 0.0, "str_value": "9007199254740993"}, "int64")
made("fill_constant infinite", "fill_constant", {"shape": [1], "dtype": FLOAT, "value": 0.0, "str_value": "1e-3"}, "float32")
made("fill_constant by tensor", "fill_constant", {"shape": [-1, -1], "dtype": INT64, "value": 4.0}, "int64", {"s": of("int32", 2, 3)}, {"ShapeTensor": ["s"]})
made("fill_constant by numbers", "fill_constant", {"shape": [-1, 3], "dtype": FLOAT, "value": 4.0}, "float32",
     {"a": of("int32", 2), "b": of("int32", 3)}, {"ShapeTensorList": ["a", "b"]})
made("fill_constant of a tensor", "fill_constant", {"shape": [2, 2], "dtype": FLOAT, "value": 4.0}, "float32", {"v": of("float32", 2.5)}, {"ValueTensor": ["v"]})
for what, attrs in [
    (FLOAT, {"fp32_values": [1.5, 2.5]}), (INT32, {"int32_values": [3, -4]}), (INT64, {"int64_values": [5, 9007199254740993]}),
    (BOOL, {"bool_values": [1, 0]}),
]:
    made(f"assign_value {NAMES[what]}", "assign_value", {"shape": [1, 2], "dtype": what, **attrs}, NAMES[what])
case("empty", {"x": f32(1)}, [
    ("empty", {}, {"Out": ["e"]}, {"shape": [2, 3], "dtype": FLOAT}), ("shape", {"Input": ["e"]}, {"Out": ["out"]}, {})], ["out"], dtypes={"out": "int32"})
for rows, columns, what in (3, -1, FLOAT), (2, 4, INT64), (3, 2, DOUBLE), (2, 2, INT32):
    made(f"eye {rows} {columns}", "eye", {"num_rows": rows, "num_columns": columns, "dtype": what}, NAMES[what])

# numbers in the shape of others
for declared in [2, 3], [-1, 3]:
    unary(f"fill_any_like {declared}", "fill_any_like", f32(2, 3), {"value": 2.5, "dtype": -1}, {"x": declared})
    unary(f"fill_zeros_like {declared}", "fill_zeros_like", f32(2, 3), {}, {"x": declared})
unary("fill_any_like int64", "fill_any_like", f32(2, 3), {"value": 2.5, "dtype": INT64})
unary("fill_zeros_like2", "fill_zeros_like2", f32(2, 3), {"dtype": FLOAT})
unary("fill_any", "fill_any", f32(2, 3), {"value_float": 0.0, "value": 1.5})
for from_, to in (0, 0), (1, 2):
    case(f"fill_constant_batch_size_like {from_} {to}", {"x": f32(2, 3)}, [
        ("fill_constant_batch_size_like", {"Input": ["x"]}, {"Out": ["out"]},
         {"shape": [5, 1, 4], "input_dim_idx": from_, "output_dim_idx": to, "dtype": FLOAT, "value": 3.0})], ["out"], {"x": [-1, -1]})
case("fill_constant_batch_size_like digits", {"x": f32(2, 3)}, [
    ("fill_constant_batch_size_like", {"Input": ["x"]}, {"Out": ["out"]},
     {"shape": [-1, 2], "dtype": INT64, "value": 0.0, "str_value": "7"})], ["out"], {"x": [-1, 3]}, {"out": "int64"})

# rows of numbers
for dtype, start, end, step in ("float32", 0, 2.2, 0.5), ("float32", 3, -1, -1.5), ("int64", 1, 9, 3), ("int32", 5, 0, -2), ("float64", 0, 1, 0.25):
    case(f"range {dtype} {start} {end} {step}", {"a": of(dtype, start), "b": of(dtype, end), "c": of(dtype, step)},
         [("range", {"Start": ["a"], "End": ["b"], "Step": ["c"]}, {"Out": ["out"]}, {})], ["out"])
for what, start, stop, num in (FLOAT, 0, 1, 5), (FLOAT, -3, 2.5, 8), (FLOAT, 4, 1, 1), (DOUBLE, 0, 10, 4), (INT64, 0, 10, 4), (INT32, 0, -9, 7):
    dtype = NAMES[what]
    case(f"linspace {dtype} {start} {stop} {num}", {"a": of(dtype, start), "b": of(dtype, stop), "n": of("int32", num)},
         [("linspace", {"Start": ["a"], "Stop": ["b"], "Num": ["n"]}, {"Out": ["out"]}, {"dtype": what})], ["out"])

# the same numbers
unary("assign", "assign", f32(2), {})
unary("share_data", "share_data", f32(2), {})
unary("memcpy", "memcpy", f32(2), {"dst_place_type": 0})
case("print", {"x": f32(2)}, [("print", {"In": ["x"]}, {"Out": ["out"]}, {
    "first_n": 0, "message": "", "summarize": 1, "print_phase": "BACKWARD", "is_forward": True})], ["out"])
for what in NAMES:
    case(f"cast to {NAMES[what]}", {"x": of("float32", 0, 1.7, 2.2, 100)}, [
        ("cast", {"X": ["x"]}, {"Out": ["out"]}, {"in_dtype": FLOAT, "out_dtype": what})], ["out"], dtypes={"out": NAMES[what]})

write()
