"""Writes ops_math.json; see paddle_cases.py."""
import numpy as np

from paddle_cases import binary, case, f32, unary, write


def of(dtype, *values):
    return np.array(values, dtype)


# activations
for kind, attrs in [
    ("brelu", {"t_min": -0.5, "t_max": 1.5}), ("celu", {"alpha": 1.3}), ("elu", {"alpha": 0.7}),
    ("gelu", {"approximate": False}), ("gelu", {"approximate": True}),
    ("hard_shrink", {"threshold": 0.6}), ("hard_sigmoid", {"slope": 0.3, "offset": 0.4}),
    ("hard_swish", {"threshold": 6.0, "scale": 6.0, "offset": 3.0}), ("leaky_relu", {"alpha": 0.3}),
    ("log_softmax", {"axis": 1}), ("log_softmax", {"axis": -1}), ("logit", {"eps": 0.1}), ("logsigmoid", {}),
    ("mish", {"threshold": 20.0}), ("relu6", {}), ("selu", {"scale": 1.1, "alpha": 1.5}), ("silu", {}),
    ("soft_relu", {"threshold": 3.0}), ("softplus", {"beta": 1.0, "threshold": 20.0}), ("softplus", {"beta": 2.0, "threshold": 3.0}),
    ("softshrink", {"lambda": 0.4}), ("softsign", {}), ("stanh", {"scale_a": 0.5, "scale_b": 1.5}),
    ("swish", {}), ("tanh_shrink", {}), ("thresholded_relu", {"threshold": 0.7}),
]:
    name = " ".join([kind, *(f"{k} {v}" for k, v in attrs.items())])
    unary(name, kind, f32(3, 5) * 4, attrs)
    if kind in ("softplus", "gelu", "elu", "softsign"):
        unary(name + " double", kind, f32(2, 2).astype("float64"), attrs)
unary("relu double", "relu", f32(2, 3).astype("float64"), {})
unary("relu6 double", "relu6", f32(2, 3).astype("float64") * 5, {})
for mode, shape in ("all", [1]), ("channel", [3]), ("element", [1, 3, 2, 2]):
    case(f"prelu {mode}", {"x": f32(2, 3, 2, 2), "a": f32(*shape)},
         [("prelu", {"X": ["x"], "Alpha": ["a"]}, {"Out": ["out"]}, {"mode": mode, "data_format": "NCHW"})], ["out"], {"x": [2, 3, 2, 2] if mode == "element" else [-1, 3, -1, 2]})
case("prelu channel last", {"x": f32(2, 2, 3), "a": f32(3)},
     [("prelu", {"X": ["x"], "Alpha": ["a"]}, {"Out": ["out"]}, {"mode": "channel", "data_format": "NHWC"})], ["out"])

# functions of each element
for kind in "acos", "asin", "atanh":
    unary(kind, kind, f32(2, 3) / 2.1, {})
for kind in "acosh", "log", "log10", "log1p", "log2", "rsqrt", "sqrt":
    unary(kind, kind, np.abs(f32(2, 3)) + np.float32(1.1), {})
for kind in "abs", "asinh", "atan", "ceil", "cos", "cosh", "erf", "exp", "expm1", "floor", "reciprocal", "sign", "sin", "sinh", "square", "tan", "trunc":
    unary(kind, kind, f32(2, 3), {})
for kind in "abs", "ceil", "cosh", "erf", "sin", "tan", "rsqrt":
    unary(f"{kind} double", kind, np.abs(f32(3)).astype("float64"), {})
for kind in "abs", "sign", "square", "trunc":
    unary(f"{kind} int64", kind, of("int64", 3, -4, 0), {})
    unary(f"{kind} int32", kind, of("int32", 3, -4, 0), {})
unary("round halves", "round", of("float32", 0.5, 1.5, 2.5, -0.5, -1.5, -2.5, 0.49999997, 1.2, -1.7, 0), {})
unary("round double", "round", of("float64", 0.5, -2.5, 1e300), {})
unary("pow", "pow", np.abs(f32(2, 3)), {"factor": 2.5})
unary("pow int64", "pow", of("int64", 1, -4, 9), {"factor": 2.5})
case("pow by tensor", {"x": np.abs(f32(2, 3)), "f": of("float32", 1.5)},
     [("pow", {"X": ["x"], "FactorTensor": ["f"]}, {"Out": ["out"]}, {"factor": 9.0})], ["out"])
unary("clip", "clip", f32(2, 3), {"min": -0.5, "max": 0.7})
for dtype in "int32", "int64", "float64":
    unary(f"clip {dtype}", "clip", of(dtype, -5, 1, 9), {"min": -2.0, "max": 3.5})
case("clip by tensors", {"x": f32(2, 3), "a": of("float32", -0.3), "b": of("float32", 0.4)},
     [("clip", {"X": ["x"], "Min": ["a"], "Max": ["b"]}, {"Out": ["out"]}, {"min": 0.0, "max": 0.0})], ["out"])
unary("increment", "increment", of("float32", 3), {"step": 2.5})
unary("increment int64", "increment", of("int64", 3), {"step": 2.0})

# binary
for dtype in "int32", "int64":
    for kind in "add", "sub", "mul", "div", "max", "min", "mod", "floordiv":
        binary(f"{kind} {dtype}", "elementwise_" + kind, of(dtype, 7, -7, 7, -7, 6), of(dtype, 2, 2, -2, -2, 3), {"axis": -1})
    binary(f"pow {dtype}", "elementwise_pow", of(dtype, 2, -3, 5), of(dtype, 3, 2, 0), {"axis": -1})
for dtype in "float32", "float64":
    for kind in "max", "min", "mod", "floordiv", "fmax", "fmin", "heaviside":
        binary(f"{kind} {dtype}", "elementwise_" + kind, of(dtype, 7.5, -7.5, 7.5, -7.5, 0, 6), of(dtype, 2, 2, -2, -2, 3, 3), {"axis": -1})
binary("max middle", "elementwise_max", f32(2, 3, 4), f32(3), {"axis": 1}, {"x": [-1, 3, 4]})
binary("pow float", "elementwise_pow", np.abs(f32(2, 3)), f32(3), {"axis": -1})
binary("fmax int64", "elementwise_fmax", of("int64", 3, -4), of("int64", 1, 5), {"axis": -1})
binary("grad_add", "grad_add", f32(2, 3), f32(2, 3), {"axis": -1})
binary("minus", "minus", f32(2, 3), f32(2, 3), {})
case("fmax not a number", {"x": of("float32", -1, 2, 3), "y": of("float32", 1, 1, 5)}, [
    ("log", {"X": ["x"]}, {"Out": ["l"]}, {}),
    ("elementwise_fmax", {"X": ["l"], "Y": ["y"]}, {"Out": ["a"]}, {"axis": -1}),
    ("elementwise_fmin", {"X": ["y"], "Y": ["l"]}, {"Out": ["b"]}, {"axis": -1}),
], ["a", "b"])
case("atan2", {"y": of("float32", 1, 1, -1, -1, 0, 0, 1, -1, 0), "x": of("float32", 1, -1, 1, -1, 1, -1, 0, 0, 0)},
     [("atan2", {"X1": ["y"], "X2": ["x"]}, {"Out": ["out"]}, {})], ["out"])
case("atan2 int64", {"y": of("int64", 1, -1, 0), "x": of("int64", 2, -3, -1)},
     [("atan2", {"X1": ["y"], "X2": ["x"]}, {"Out": ["out"]}, {})], ["out"], dtypes={"out": "float64"})
case("lerp", {"x": f32(2, 3), "y": f32(2, 3), "w": f32(1)},
     [("lerp", {"X": ["x"], "Y": ["y"], "Weight": ["w"]}, {"Out": ["out"]}, {})], ["out"])
case("sum of three", {"x": f32(2, 3), "y": f32(2, 3), "z": f32(2, 3)}, [("sum", {"X": ["x", "y", "z"]}, {"Out": ["out"]}, {})], ["out"])
case("sum of one", {"x": of("int64", 2, 3)}, [("sum", {"X": ["x"]}, {"Out": ["out"]}, {})], ["out"])

# comparisons
for kind in "equal", "not_equal", "less_than", "less_equal", "greater_than", "greater_equal":
    for dtype in "float32", "float64", "int32", "int64", "uint8", "bool":
        x, y = of(dtype, 1, 0, 1, 0), of(dtype, 1, 1, 0, 0)
        case(f"{kind} {dtype}", {"x": x, "y": y}, [(kind, {"X": ["x"], "Y": ["y"]}, {"Out": ["out"]}, {"axis": -1})], ["out"], dtypes={"out": "bool"})
for kind in "logical_and", "logical_or", "logical_xor", "bitwise_and", "bitwise_or", "bitwise_xor":
    case(kind, {"x": of("bool", 1, 0, 1, 0), "y": of("bool", 1, 1, 0, 0)}, [(kind, {"X": ["x"], "Y": ["y"]}, {"Out": ["out"]}, {})], ["out"], dtypes={"out": "bool"})
case("logical_and of numbers", {"x": of("float32", 1.5, 0, -1), "y": of("float32", 1, 1, 0)},
     [("logical_and", {"X": ["x"], "Y": ["y"]}, {"Out": ["out"]}, {})], ["out"], dtypes={"out": "bool"})
for dtype in "bool", "uint8", "int32", "int64":
    unary(f"bitwise_not {dtype}", "bitwise_not", of(dtype, 1, 0), {})
case("logical_not", {"x": of("bool", 1, 0)}, [("logical_not", {"X": ["x"]}, {"Out": ["out"]}, {})], ["out"], dtypes={"out": "bool"})
for kind in "isnan_v2", "isinf_v2", "isfinite_v2":
    case(kind, {"x": of("float32", -1, 0, 3)}, [
        ("log", {"X": ["x"]}, {"Out": ["l"]}, {}), (kind, {"X": ["l"]}, {"Out": ["out"]}, {})], ["out"], dtypes={"out": "bool"})
    case(kind + " int64", {"x": of("int64", -1, 0, 3)}, [(kind, {"X": ["x"]}, {"Out": ["out"]}, {})], ["out"], dtypes={"out": "bool"})
for y in of("float32", 1, 2, 3), of("float32", 1, 2, 4):
    binary_out = [("equal_all", {"X": ["x"], "Y": ["y"]}, {"Out": ["out"]}, {})]
    case(f"equal_all {y[2]}", {"x": of("float32", 1, 2, 3), "y": y}, binary_out, ["out"], dtypes={"out": "bool"})
for kind in "isclose", "allclose":
    case(kind, {"x": of("float32", 1, 2, 1e-9), "y": of("float32", 1.000001, 2.1, 0)},
         [(kind, {"Input": ["x"], "Other": ["y"]}, {"Out": ["out"]}, {"rtol": "1e-5", "atol": "1e-8", "equal_nan": False})], ["out"], dtypes={"out": "bool"})
case("isclose not a number", {"x": of("float32", -1, 1)}, [
    ("log", {"X": ["x"]}, {"Out": ["l"]}, {}),
    ("isclose", {"Input": ["l"], "Other": ["l"]}, {"Out": ["out"]}, {"rtol": "0.1", "atol": "0", "equal_nan": True})], ["out"], dtypes={"out": "bool"})
case("is_empty", {"x": f32(2)}, [("is_empty", {"X": ["x"]}, {"Out": ["out"]}, {})], ["out"], dtypes={"out": "bool"})

# reductions
for kind in "sum", "mean", "max", "min", "prod", "amax", "amin":
    unary(f"reduce_{kind} one", "reduce_" + kind, f32(2, 3, 4), {"dim": [1], "keep_dim": False}, {"x": [-1, 3, -1]})
    unary(f"reduce_{kind} two kept", "reduce_" + kind, f32(2, 3, 4), {"dim": [0, -1], "keep_dim": True})
    unary(f"reduce_{kind} all", "reduce_" + kind, f32(2, 3), {"dim": [0, 1], "reduce_all": True})
    unary(f"reduce_{kind} all kept", "reduce_" + kind, f32(2, 3), {"dim": [], "keep_dim": True, "reduce_all": True})
    unary(f"reduce_{kind} all named", "reduce_" + kind, f32(2, 3), {"dim": [0, 1]})
    unary(f"reduce_{kind} number", "reduce_" + kind, f32(), {"dim": [0]})
    if kind != "mean":
        for dtype in "int32", "int64":
            case(f"reduce_{kind} {dtype}", {"x": of(dtype, 3, -4, 5)}, [("reduce_" + kind, {"X": ["x"]}, {"Out": ["out"]}, {"dim": [0]})], ["out"])
    unary(f"reduce_{kind} double", "reduce_" + kind, f32(2, 3).astype("float64"), {"dim": [1]})
case("reduce_sum bool", {"x": of("bool", 1, 0, 1)}, [("reduce_sum", {"X": ["x"]}, {"Out": ["out"]}, {"dim": [0]})], ["out"], dtypes={"out": "int64"})
case("reduce_sum to double", {"x": f32(2, 3)}, [("reduce_sum", {"X": ["x"]}, {"Out": ["out"]}, {"dim": [0], "in_dtype": 5, "out_dtype": 6})], ["out"], dtypes={"out": "float64"})
for kind in "reduce_all", "reduce_any":
    case(kind, {"x": np.array([[1, 0], [1, 1], [0, 0]], "bool")}, [(kind, {"X": ["x"]}, {"Out": ["out"]}, {"dim": [1], "keep_dim": True})], ["out"], dtypes={"out": "bool"})
    case(kind + " all", {"x": np.array([[1, 0], [1, 1]], "bool")}, [(kind, {"X": ["x"]}, {"Out": ["out"]}, {"dim": [0], "reduce_all": True})], ["out"], dtypes={"out": "bool"})
unary("frobenius_norm", "frobenius_norm", f32(2, 3, 4), {"dim": [1, 2], "keep_dim": False})
unary("frobenius_norm all", "frobenius_norm", f32(2, 3), {"dim": [], "reduce_all": True, "keep_dim": True})
unary("logsumexp", "logsumexp", f32(2, 3), {"axis": [1], "keepdim": True})
unary("logsumexp large", "logsumexp", f32(2, 3) * 100, {"axis": [-1], "keepdim": False})
unary("logsumexp all", "logsumexp", f32(2, 3), {"axis": [0], "reduce_all": True})
for p in 0.0, 0.5, 1.0, 2.0, 3.0, float("inf"), float("-inf"):
    unary(f"p_norm {p}", "p_norm", np.array([[1, 2, 0], [3, -4, 5]], "float32"), {"porder": p, "axis": 1, "keepdim": p > 1})
    case(f"dist {p}", {"x": f32(2, 3), "y": f32(2, 3)}, [("dist", {"X": ["x"], "Y": ["y"]}, {"Out": ["out"]}, {"p": p})], ["out"])
unary("p_norm vector", "p_norm", f32(2, 3), {"porder": 2.0, "axis": -1, "asvector": True})
unary("p_norm vector kept", "p_norm", f32(2, 3), {"porder": 3.0, "axis": -1, "asvector": True, "keepdim": True})
for kind in "mean", "squared_l2_norm", "l1_norm":
    unary(kind, kind, f32(2, 3), {})
unary("clip_by_norm long", "clip_by_norm", f32(2, 3), {"max_norm": 0.5})
unary("clip_by_norm short", "clip_by_norm", f32(2, 3), {"max_norm": 50.0})

# functions of integers, which are fractions whatever is declared
for kind in "exp", "log", "expm1", "log2":
    unary(f"{kind} int64", kind, of("int64", 1, 4, 9), {})
case("exp int32 and on", {"x": of("int32", 1, 2)}, [
    ("exp", {"X": ["x"]}, {"Out": ["e"]}, {}), ("scale", {"X": ["e"]}, {"Out": ["out"]}, {"scale": 0.5, "bias": 0.25, "bias_after_scale": True})], ["out"])

# bits of integers
for kind in "and", "or", "xor":
    for dtype in "int32", "int64", "uint8":
        values = (5, 12, 200, 0) if dtype == "uint8" else (5, -12, 30000, -1)
        case(f"bitwise_{kind} {dtype}", {"x": of(dtype, *values), "y": of(dtype, 3, 10, 120, 77)},
             [("bitwise_" + kind, {"X": ["x"], "Y": ["y"]}, {"Out": ["out"]}, {})], ["out"])

# whole numbers of quantised networks
def quantised(name, kind, x, scale, attrs):
    case(name, {"x": x, "s": scale, "z": np.zeros_like(scale)},
         [(kind, {"X": ["x"], "Scale": ["s"], "ZeroPoint": ["z"]}, {"Y": ["out"]}, {"bit_length": 8, "is_test": True, **attrs})], ["out"], dtypes={"out": "float32"})


for kind in 0, 1:
    quantised(f"quantize_linear rounding {kind}", "quantize_linear", of("float32", -1.5, -1, 0.2, 0.6, 3), of("float32", 1.1), {"quant_axis": -1, "round_type": kind})
    quantised(f"quantize_linear of channels {kind}", "quantize_linear", f32(2, 3, 2), of("float32", 1, 1.5, 2), {"quant_axis": 1, "round_type": kind})
quantised("dequantize_linear", "dequantize_linear", of("float32", -128, 5, 100), of("float32", 2), {"quant_axis": -1})
quantised("dequantize_linear of channels", "dequantize_linear", of("float32", *range(-6, 6)).reshape(3, 4), of("float32", 1, 1.5, 2), {"quant_axis": 0})
quantised("dequantize_linear int8", "dequantize_linear", of("int8", -128, 5, 100), of("float32", 2), {"quant_axis": -1})

write()
