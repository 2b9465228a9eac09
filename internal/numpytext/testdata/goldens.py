"""Writes goldens.json: arrays as numpy 1.26.4 prints them. python3 goldens.py > goldens.json"""
import json, random, sys
import numpy as np

rng = np.random.default_rng(7)
arrays = []
def add(a): arrays.append(np.asarray(a))

for dtype in ["float16", "float32", "float64"]:
    for scale in [1, 1e-3, 1e-6, 100, 3e4]:
        for shape in [(1,), (5,), (30,), (3, 4), (2, 13), (2, 3, 2), (1, 1, 1, 2)]:
            add((rng.standard_normal(shape) * scale).astype(dtype))
    for values in [[1.5, 2], [0, 0], [-0.0, 5], [1, 1000], [1, 1001], [1e8 if dtype != "float16" else 100, 1], [1e-5, 1], [0.0001, 0.01],
                   [np.nan, 1, -np.inf], [np.nan], [np.inf], [-np.inf, 2.5], [np.nan, -1e-7], [0.1, 1 / 3], [2 / 3, 123.25], [1e-4, 2], [7]]:
        with np.errstate(all="ignore"):
            add(np.array(values).astype(dtype))
    add(np.zeros((0,), dtype)); add(np.zeros((0, 3), dtype)); add(np.zeros((2, 0), dtype)); add(np.array(3.5, dtype)); add(np.array(1, dtype))
    add(np.zeros((2, 2, 2), dtype)); add(np.ones((1, 1), dtype))
for values in [[1e16, 1], [1e300, 1e-300], [123456.789, .001], [1e100, 1e-5], [5e-324, 1], [0.30000000000000004, 0.1]]:
    add(np.array(values, "float64"))
add(np.array([1e10, 2.5e10], "float32")); add(np.array([18.901152], "float32")); add(np.array([[16777216.0, 0.5]], "float32"))
add(np.array(1e20)); add(np.array(1e-5)); add(np.array(1e16, "float32")); add(np.array(123456.0, "float32")); add(np.array(np.nan)); add(np.array(-np.inf))
for dtype in ["int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"]:
    info = np.iinfo(dtype)
    add(np.array([info.min, info.max, 0, 1], dtype)); add(np.arange(60).reshape(3, 20).astype(dtype)); add(np.array(7, dtype))
    add(np.zeros((0,), dtype)); add(np.arange(24).reshape(2, 3, 4).astype(dtype))
add(np.array([True, False])); add(np.array([[True], [True]])); add(np.array(True)); add(np.array([], bool)); add(np.array(False))
add(np.array(["ab", "c"])); add(np.array(["it's", 'say "x"', "both ' and \""])); add(np.array(["\n\t\\", "é", "中文", "\x07"])); add(np.array("alone"))
add(np.array([["a" * 30, "b" * 30, "c" * 30]])); add(np.array(["中" * 30, "b" * 20, "c" * 30]))
add(np.arange(1001)); add(np.arange(1200).reshape(30, 40)); add((rng.standard_normal((11, 10, 10))).astype("float32")); add(np.full((1001, 1), 18.901152, "float32"))
add(rng.standard_normal((4, 300)).astype("float32")); add(np.arange(1000)); add(np.concatenate([[1e9], np.zeros(2000), [3]])); add(np.concatenate([np.zeros(1000), [1e9], np.zeros(1000)]))
add(np.linspace(0, 1, 200).astype("float32"))
for n in range(1, 40, 3):
    add((rng.standard_normal(n) * 10 ** float(rng.integers(-4, 6))).astype("float32"))

out = []
for a in arrays:
    with np.printoptions(threshold=sys.maxsize):
        r = repr(a)
    out.append({"dtype": "string" if a.dtype.kind == "U" else str(a.dtype), "shape": list(a.shape),
                "data": [str(x) for x in a.flatten()] if a.dtype.kind == "U" else a.tobytes().hex(), "repr": r, "str": str(a)})
json.dump({"numpy": np.__version__, "arrays": out}, sys.stdout, ensure_ascii=True, indent=0)
