"""Writes pir_cases.json: small networks that Paddle 3.0.0 writes, and its answers.

    pip install paddlepaddle==3.0.0 'numpy<2' setuptools
    python pir_cases.py > pir_cases.json

The programs are compressed by gzip.
"""
import base64
import gzip
import os
import tempfile

import numpy as np
import paddle
import paddle.nn.functional as F

from paddle_cases import cases, f32, record, write

put = paddle.static.setitem


def of(dtype, *values):
    return np.array(values, dtype)


def i64(*values):
    return of("int64", *values)


def net(name, build, *inputs, free=()):
    """build makes a network of inputs, of whose sizes those of the axes free are not fixed."""
    main = paddle.static.Program()
    with paddle.static.program_guard(main, paddle.static.Program()):
        feeds = []
        for i, v in enumerate(inputs):
            shape = [-1 if axis in free else n for axis, n in enumerate(v.shape)]
            feeds.append(paddle.static.data(f"x{i}", shape, str(v.dtype)))
        fetches = build(*feeds)
        fetches = list(fetches) if isinstance(fetches, (list, tuple)) else [fetches]
        executor = paddle.static.Executor(paddle.CPUPlace())
        results = executor.run(main, feed={f"x{i}": v for i, v in enumerate(inputs)}, fetch_list=fetches)
        with tempfile.TemporaryDirectory() as folder:
            paddle.static.save_inference_model(os.path.join(folder, "m"), feeds, fetches, executor, program=main)
            with open(os.path.join(folder, "m.json"), "rb") as f:
                program = gzip.compress(f.read(), mtime=0)
    cases.append({
        "name": name,
        "program": base64.b64encode(program).decode(),
        "inputs": [record(v) for v in inputs],
        "outputs": [record(np.asarray(r)) for r in results],
    })


x, m = f32(2, 4, 3), f32(3, 4)
left, right = i64(7, -7, 7, -7), i64(2, 2, -2, -2)

# functions of elements whose attributes or results are not those of earlier programs
for name, build in {
    "gelu tanh": lambda v: F.gelu(v, approximate=True), "softplus": lambda v: F.softplus(v, 2.0, 1.0),
    "leaky_relu": lambda v: F.leaky_relu(v, 0.3), "hardtanh": lambda v: F.hardtanh(v, -0.5, 0.7),
    "softshrink": lambda v: F.softshrink(v, 0.3), "hardshrink": lambda v: F.hardshrink(v, 0.3),
    "thresholded_relu": lambda v: F.thresholded_relu(v, 0.5), "mish": F.mish, "hardswish": F.hardswish, "celu": F.celu,
    "round": paddle.round, "round to decimals": lambda v: paddle.round(v, decimals=1), "trunc": paddle.trunc,
    "pow": lambda v: paddle.pow(v, 2), "power of two": lambda v: 2 ** v, "clip": lambda v: paddle.clip(v, min=0.1),
    "scale": lambda v: paddle.scale(v, 2.0, 1.0, False), "softmax of doubles": lambda v: F.softmax(v, dtype="float64"),
    "where": lambda v: paddle.where(v > 0, v, 0.0), "nan_to_num": paddle.nan_to_num,
}.items():
    net(name, build, m)
net("prelu", F.prelu, x, f32(4))
for name in "divide", "floor_divide", "remainder", "maximum", "fmin", "bitwise_and", "bitwise_xor", "less_than", "not_equal":
    net(name + " of integers", getattr(paddle, name), left, right)
net("floor_divide", paddle.floor_divide, of("float32", 7.5, -7.5, 7.5, -7.5), of("float32", 2, 2, -2, -2))
net("remainder", paddle.remainder, of("float32", 7.5, -7.5, 7.5, -7.5), of("float32", 2, 2, -2, -2))
net("integers by a fraction", lambda v: v * 1.5, left)
net("lerp", lambda u, v: paddle.lerp(u, v, 0.3), m, f32(3, 4))
net("equal_all", paddle.equal_all, m, m)
net("allclose", paddle.allclose, m, m + np.float32(1e-7))

# reductions
for name in "sum", "mean", "max", "prod", "amin", "logsumexp":
    reduce = getattr(paddle, name)
    net(name + " of all", reduce, m)
    net(name + " along axes", lambda v: reduce(v, axis=[0, -1], keepdim=True), x, free=[0])
net("sum of int32", paddle.sum, of("int32", 3, -4, 5))
net("sum of bool", paddle.sum, of("bool", 1, 0, 1))
net("sum as double", lambda v: paddle.sum(v, dtype="float64"), m)
net("any", lambda v: paddle.any(v, axis=1), np.array([[1, 0], [0, 0]], "bool"))
for p in 0, 1, 3.0, float("inf"), float("-inf"):
    net(f"norm {p}", lambda v: paddle.linalg.vector_norm(v, p, axis=1), m)
net("frobenius norm", lambda v: paddle.linalg.norm(v, "fro", axis=[0, 1]), m)
net("cumsum", lambda v: paddle.cumsum(v, axis=1), m)
net("cumprod", lambda v: paddle.cumprod(v, dim=1), m, free=[1])
net("logcumsumexp", lambda v: paddle.logcumsumexp(v, axis=1), m)

# shapes
net("reshape by sizes", lambda v: paddle.reshape(v, [paddle.shape(v)[0], 12]), x, free=[0])
net("squeeze", paddle.squeeze, f32(3, 1, 4, 1))
net("unsqueeze", lambda v: paddle.unsqueeze(v, [-1, 0]), m)
net("stack", lambda u, v: paddle.stack([u, v], 1), m, f32(3, 4))
net("unbind", lambda v: paddle.unbind(v, 0), m)
net("split", lambda v: paddle.split(v, 2, 1), x, free=[0])
net("split in sections", lambda v: paddle.split(v, [1, -1], 1), x, free=[0])
net("tile", lambda v: paddle.tile(v, [2, 1, 2]), m)
net("expand", lambda v: paddle.expand(v, [2, -1, 4]), f32(3, 1))
net("broadcast_tensors", lambda u, v: paddle.broadcast_tensors([u, v]), f32(3, 1), f32(4))
net("flip", lambda v: paddle.flip(v, [0, 2]), x, free=[0])
net("roll", lambda v: paddle.roll(v, [1, -2], [0, 2]), x, free=[0])
net("repeat_interleave", lambda v: paddle.repeat_interleave(v, 2, 1), m)
net("repeat_interleave by a tensor", lambda v, r: paddle.repeat_interleave(v, r, 0), m, i64(2, 0, 1))
net("meshgrid", paddle.meshgrid, f32(2), f32(3))
net("crop", lambda v: paddle.crop(v, [2, -1, 2], [0, 1, 1]), x)
net("shape", lambda v: paddle.shape(v), x, free=[0])
net("numel", paddle.numel, x, free=[0])

# parts
for name, build in {
    "part": lambda v: v[1:, 0, ::2], "backwards": lambda v: v[:, ::-1, -1], "new dimension": lambda v: v[None, 1],
    "backwards to the first": lambda v: v[:, 2::-1], "one": lambda v: v[-1, -1, -1], "backwards in steps": lambda v: v[:, 3:0:-2],
    "listed": lambda v: v[:, [0, 2]], "masked": lambda v: v[v > 0],
}.items():
    net("index " + name, build, x)
net("index by tensors", lambda v, i, j: v[i, j], x, i64(1, 0), i64(1, 3))
for name, build, *more in [
    ("part", lambda v: put(v * 2, (slice(1, 3), 0), 0.5)),
    ("column", lambda v, w: put(v * 2, (slice(None), 1), w), f32(3)),
    ("backwards", lambda v, w: put(v * 2, (slice(None, None, -1),), w), f32(3, 4)),
    ("backwards past the first", lambda v, w: put(v * 2, (slice(2, -9, -1),), w), f32(3, 4)),
    ("backwards in steps", lambda v: put(v * 2, (slice(2, 0, -1), slice(None, None, 2)), 3.0)),
    ("new dimension", lambda v, w: put(v * 2, (slice(None), None, slice(1, 3)), w), f32(1, 2)),
    ("mask", lambda v: put(v * 2, v > 0, 0.0)),
    ("listed", lambda v, i: put(v * 2, i, 1.0), i64(0, 2)),
]:
    net("setitem " + name, build, m, *more)

# places
for name, build, *more in [
    ("gather", lambda v, i: paddle.gather(v, i, axis=1), i64(3, 0)),
    ("scatter sums", lambda v, i, u: paddle.scatter(v, i, u, overwrite=False), i64(2, 2), f32(2, 4)),
    ("index_add", lambda v, i, u: paddle.index_add(v, i, 0, u), i64(2, 0), f32(2, 4)),
    ("index_put", lambda v, i, u: paddle.index_put(v, (i,), u), i64(2, 0), f32(2, 4)),
    ("take_along_axis", lambda v, i: paddle.take_along_axis(v, i, 1), i64([0], [3], [1])),
    ("put_along_axis", lambda v, i: paddle.put_along_axis(v, i, 2.5, 1, reduce="mul"), i64([0], [3], [1])),
    ("topk", lambda v: paddle.topk(v, 2, 0, largest=False)), ("argmax of all", paddle.argmax),
    ("argmin", lambda v: paddle.argmin(v, 0, keepdim=True, dtype="int32")), ("sort", lambda v: paddle.sort(v, 0)),
    ("kthvalue", lambda v: paddle.kthvalue(v, 2, 1)), ("nonzero", lambda v: paddle.nonzero(v > 0)),
    ("masked_fill", lambda v: paddle.masked_fill(v, v > 0, 9.0)), ("diag_embed", lambda v: paddle.diag_embed(v, 1)),
    ("diagonal", lambda v: paddle.diagonal(v, -1)), ("tril", lambda v: paddle.tril(v, -1)), ("median", lambda v: paddle.median(v, axis=1)),
]:
    net(name, build, m, *more)
net("one_hot", lambda v: F.one_hot(v, 5), i64(1, 4, 0))
net("embedding with padding", lambda i, w: F.embedding(i, w, padding_idx=-2), i64([1, 2], [0, 3]), f32(5, 3))
net("unique", lambda v: paddle.unique(v, return_index=True, return_inverse=True, return_counts=True), i64(3, 1, 3))
net("bucketize", lambda v, u: paddle.bucketize(v, u, right=True), of("float32", 0, 2, 9), of("float32", 1, 2, 5))

# numbers
net("eye", lambda v: paddle.eye(3, 4) + v, f32(1))
net("linspace", lambda v: paddle.linspace(0, 1, 5) + v, f32(1))
net("arange", lambda v: paddle.arange(0, 10, 3) + v, i64(1))
net("arange of a size", lambda v: paddle.arange(paddle.shape(v)[0]), m, free=[0])
net("full", lambda v: paddle.full([2, 3], 7, "int64") + v, i64(1))
net("full of a tensor", lambda v: paddle.full([2], v), f32(1))
net("ones of a size", lambda v: paddle.ones([paddle.shape(v)[0], 2]), m, free=[0])
net("stated numbers", lambda v: v + paddle.to_tensor([1.0, 2.0, 3.0, 4.0]), m)

# products
net("matmul turned", lambda u, v: paddle.matmul(u, v, transpose_y=True), x, f32(2, 2, 3))
net("addmm", lambda i, u, v: paddle.addmm(i, u, v, beta=0.5, alpha=2.0), f32(3, 2), m, f32(4, 2))
net("baddbmm", lambda i, u, v: paddle.baddbmm(i, u, v, beta=0.5, alpha=2.0), f32(2, 4, 2), x, f32(2, 3, 2))
net("multi_dot", lambda u, v, w: paddle.linalg.multi_dot([u, v, w]), m, f32(4, 2), f32(2, 3))
net("cross", lambda u, v: paddle.cross(u, v, axis=1), f32(2, 3), f32(2, 3))
net("tensordot", lambda u, v: paddle.tensordot(u, v, 1), m, f32(4, 2))
net("cosine_similarity", lambda u, v: F.cosine_similarity(u, v, axis=1), m, f32(3, 4))

write()
