"""Writes ops_layer.json: convolutions, pools, normalisations; see paddle_cases.py."""
import itertools

import numpy as np

from paddle_cases import case, renamed, short, write


def one(name, kind, inputs, attrs, out="Out", declared=None, dtypes=None, fetches=("out",), **more):
    """A case of one operator whose inputs are called as its parameters."""
    outs = {out: ["out"], **{k: [v] for k, v in more.items()}}
    case(name, inputs, [(kind, {k: [k] for k in inputs}, outs, attrs)], list(fetches), declared, dtypes)


def open_(x):
    """A declared shape of which only the channels are known."""
    return [-1, x.shape[1]] + [-1] * (x.ndim - 2)


def convolution(name, kind, x, filter, declared=None, **attrs):
    n = filter.ndim - 2
    full = {"strides": [1] * n, "paddings": [0] * n, "dilations": [1] * n, "groups": 1, "padding_algorithm": "EXPLICIT",
            "data_format": "NCHW" if n == 2 else "NCDHW"}
    if "transpose" in kind:
        full["output_size"] = full["output_padding"] = []
    one(name, kind, {"Input": x, "Filter": filter}, {**full, **attrs}, "Output", {"Input": declared(x)} if declared else None)


convolution("conv2d paddings of four", "conv2d", short(1, 2, 5, 6), short(3, 2, 3, 2), open_, paddings=[2, 0, 1, 3])
for stride, kernel in itertools.product((1, 2, 3), (1, 2, 3)):
    convolution(f"conv2d SAME {stride} {kernel}", "conv2d", short(1, 1, 5, 4), short(1, 1, kernel, kernel),
                open_ if stride == 2 else None, strides=[stride, stride], padding_algorithm="SAME", dilations=[2, 2])
convolution("conv2d VALID", "conv2d", short(1, 2, 5, 6), short(1, 2, 3, 2), paddings=[1, 1], padding_algorithm="VALID", dilations=[2, 1])
convolution("conv2d NHWC", "conv2d", short(2, 4, 5, 2), short(4, 1, 2, 3), lambda x: [-1, -1, -1, 2], groups=2, data_format="NHWC", paddings=[1, 0, 0, 2])
convolution("depthwise NHWC", "depthwise_conv2d", short(1, 4, 5, 3), short(3, 1, 2, 3), groups=3, data_format="NHWC", strides=[2, 1])
convolution("conv3d NDHWC", "conv3d", short(1, 3, 4, 5, 2), short(3, 2, 2, 2, 3), data_format="NDHWC", paddings=[1, 0, 0, 1, 1, 1])
convolution("conv3d SAME", "conv3d", short(1, 2, 3, 4, 5), short(1, 2, 2, 3, 3), padding_algorithm="SAME", strides=[2, 1, 2])

convolution("conv2d_transpose groups", "conv2d_transpose", short(1, 4, 3, 4), short(4, 2, 3, 3), open_, groups=2, strides=[2, 2], paddings=[1, 0, 2, 1], output_padding=[1, 0])
convolution("conv2d_transpose size", "conv2d_transpose", short(1, 2, 3, 4), short(2, 1, 3, 3), open_, strides=[2, 3], paddings=[1, 1], output_size=[6, 12])
convolution("conv2d_transpose size dilated", "conv2d_transpose", short(1, 2, 3, 4), short(2, 1, 2, 2), strides=[2, 2], dilations=[2, 2], output_size=[8, 9])
convolution("conv2d_transpose SAME", "conv2d_transpose", short(1, 2, 3, 4), short(2, 1, 4, 3), strides=[2, 2], padding_algorithm="SAME")
convolution("conv2d_transpose NHWC", "conv2d_transpose", short(1, 3, 4, 2), short(2, 3, 2, 2), strides=[2, 2], data_format="NHWC")
convolution("conv3d_transpose", "conv3d_transpose", short(1, 2, 2, 3, 2), short(2, 2, 2, 3, 2), strides=[1, 2, 2], paddings=[0, 1, 0])
convolution("depthwise transpose", "depthwise_conv2d_transpose", short(1, 3, 3, 4), short(3, 1, 3, 3), groups=3, strides=[2, 2], paddings=[1, 1])


def pool(name, x, how, size, declared=None, **attrs):
    n = len(size)
    full = {"pooling_type": how, "ksize": size, "strides": [1] * n, "paddings": [0] * n, "ceil_mode": False, "exclusive": True,
            "adaptive": False, "global_pooling": False, "padding_algorithm": "EXPLICIT", "data_format": "NCHW" if n == 2 else "NCDHW"}
    one(name, f"pool{n}d", {"X": x}, {**full, **attrs}, "Out", {"X": declared(x)} if declared else None)


x = short(1, 2, 5, 7)
for how, exclusive in ("max", True), ("avg", True), ("avg", False):
    for ceil in False, True:
        for paddings in [1, 1], [1, 0, 0, 2], [0, 2, 2, 0]:
            pool(f"pool2d {how} {exclusive} {ceil} {paddings}", x, how, [3, 3], open_,
                 exclusive=exclusive, ceil_mode=ceil, paddings=paddings, strides=[2, 2])
        pool(f"pool2d {how} {exclusive} {ceil} two", x, how, [2, 2], exclusive=exclusive, ceil_mode=ceil, strides=[2, 2])
    pool(f"pool2d {how} {exclusive} NHWC", short(1, 5, 6, 2), how, [2, 3], exclusive=exclusive, paddings=[1, 1], data_format="NHWC")
    pool(f"pool2d {how} {exclusive} VALID", x, how, [2, 3], exclusive=exclusive, paddings=[1, 1], padding_algorithm="VALID")
    pool(f"pool3d {how} {exclusive}", short(1, 1, 4, 5, 3), how, [2, 3, 2], exclusive=exclusive, ceil_mode=True, paddings=[0, 1, 0], strides=[2, 2, 2])
    for stride in 1, 2:
        declared = None if stride == 2 and not exclusive else open_
        pool(f"pool2d {how} {exclusive} SAME {stride}", x, how, [2, 3], declared, exclusive=exclusive, strides=[stride, stride], padding_algorithm="SAME")
for how in "max", "avg":
    pool(f"pool2d {how} SAME ceil", x, how, [2, 3], ceil_mode=True, strides=[2, 2], padding_algorithm="SAME")
    pool(f"pool2d {how} global", x, how, [1, 1], open_, global_pooling=True, paddings=[1, 1])
    pool(f"pool2d {how} global NHWC", x, how, [1, 1], global_pooling=True, data_format="NHWC")
    pool(f"pool3d {how} NDHWC", short(1, 3, 4, 4, 2), how, [2, 2, 2], data_format="NDHWC", strides=[1, 2, 2])
for size in [1, 1], [2, 3], [5, 4], [8, 7]:
    pool(f"pool2d adaptive {size}", x, "avg", size, adaptive=True)
    pool(f"pool2d adaptive {size} open", x, "avg", size, open_, adaptive=True)
pool("pool2d adaptive even", short(1, 2, 4, 6), "avg", [2, 3], adaptive=True)
pool("pool2d adaptive NHWC", short(2, 5, 6, 2), "avg", [2, 4], lambda x: [-1, -1, -1, 2], adaptive=True, data_format="NHWC")
pool("pool3d adaptive", short(1, 2, 3, 5, 4), "avg", [2, 3, 3], adaptive=True)
pool("pool2d max wide paddings", x, "max", [2, 2], paddings=[2, 2], strides=[2, 2])
pool("pool2d max empty windows", short(1, 1, 4, 4), "max", [1, 1], ceil_mode=True, strides=[2, 2])


def with_index(name, x, size, declared=None, **attrs):
    n = len(size)
    full = {"ksize": size, "strides": [1] * n, "paddings": [0] * n, "adaptive": False, "global_pooling": False}
    one(name, f"max_pool{n}d_with_index", {"X": x}, {**full, **attrs}, "Out", {"X": declared(x)} if declared else None,
        {"mask": "int32"}, ("out", "mask"), Mask="mask")


ties = np.round(short(2, 3, 5, 7))
with_index("max_pool2d_with_index", ties, [3, 2], open_, strides=[2, 2], paddings=[1, 1])
with_index("max_pool2d_with_index global", ties, [3, 2], open_, global_pooling=True)
for size in [2, 3], [5, 5], [1, 1]:
    with_index(f"max_pool2d_with_index adaptive {size}", ties, size, open_, adaptive=True)
with_index("max_pool3d_with_index", np.round(short(1, 2, 3, 4, 5)), [2, 2, 3], strides=[1, 2, 1])
with_index("max_pool3d_with_index adaptive", np.round(short(1, 2, 3, 4, 5)), [2, 3, 2], adaptive=True)

statistics = {"Scale": short(3), "Bias": short(3), "Mean": short(3), "Variance": np.abs(short(3))}
unused = {"MeanOut": "Mean", "VarianceOut": "Variance", "SavedMean": "_s", "SavedVariance": "_t"}
for name, x, layout in ("", short(2, 3, 2, 4), "NCHW"), (" NHWC", short(2, 2, 4, 3), "NHWC"), (" 2", short(2, 3), "NCHW"), (" 2 last", short(2, 3), "NHWC"), (" 3", short(2, 3, 4), "NCHW"), (" 5", short(1, 3, 2, 2, 2), "NCHW"):
    one("batch_norm" + name, "batch_norm", {"X": x, **statistics},
        {"is_test": True, "epsilon": 1e-3, "data_layout": layout, "use_global_stats": False, "trainable_statistics": False}, "Y", **unused)
renamed("batch_norm", "sync_batch_norm")
one("batch_norm plain", "batch_norm", {"X": short(2, 3, 2, 4), "Mean": short(3), "Variance": np.abs(short(3))},
    {"is_test": False, "epsilon": 1e-5, "data_layout": "NCHW", "use_global_stats": True, "trainable_statistics": False}, "Y", **unused)

for begin in 1, 2, 3:
    size = int(np.prod((2, 3, 4, 5)[begin:]))
    for ins in {}, {"Scale": short(size)}, {"Bias": short(size)}, {"Scale": short(size), "Bias": short(size)}:
        one(f"layer_norm {begin} {' '.join(ins)}", "layer_norm", {"X": short(2, 3, 4, 5), **ins}, {"begin_norm_axis": begin, "epsilon": 1e-4}, "Y",
            {"X": [-1, -1, 4, 5]} if begin == 2 else None, Mean="_m", Variance="_v")
for ins in {}, {"Scale": short(4)}, {"Scale": short(4), "Bias": short(4)}:
    for layout, shape in ("NCHW", (2, 4, 3, 5)), ("NHWC", (2, 3, 5, 4)):
        one(f"group_norm {layout} {' '.join(ins)}", "group_norm", {"X": short(*shape), **ins}, {"groups": 2, "epsilon": 1e-3, "data_layout": layout}, "Y",
            {"X": [-1, *shape[1:]]}, Mean="_m", Variance="_v")
    one(f"instance_norm {' '.join(ins)}", "instance_norm", {"X": short(2, 4, 3, 5), **ins}, {"epsilon": 1e-3}, "Y",
        {"X": [-1, 4, -1, -1]}, SavedMean="_m", SavedVariance="_v")
one("instance_norm 3", "instance_norm", {"X": short(2, 4, 7)}, {"epsilon": 1e-5}, "Y", SavedMean="_m", SavedVariance="_v")
for layout, shape in ("NCHW", (2, 4, 3, 5)), ("NHWC", (2, 3, 5, 4)):
    one(f"affine_channel {layout}", "affine_channel", {"X": short(*shape), "Scale": short(4), "Bias": short(4)}, {"data_layout": layout})
    for n in 3, 5, 1:
        one(f"lrn {layout} {n}", "lrn", {"X": short(*shape)}, {"n": n, "k": 1.5, "alpha": 0.2, "beta": 0.6, "data_format": layout}, MidOut="_m")
for axis in 1, -1:
    one(f"norm {axis}", "norm", {"X": short(2, 3, 4)}, {"axis": axis, "epsilon": 0.01}, fetches=("out", "norm"), Norm="norm")
sums = {"BatchSize": np.abs(short(4)) + 1, "BatchSum": short(4), "BatchSquareSum": np.abs(short(4)) + 1}
one("data_norm", "data_norm", {"X": short(3, 4), **sums}, {"epsilon": 1e-4, "slot_dim": -1, "enable_scale_and_shift": False}, "Y", Means="_m", Scales="_s")
one("data_norm scaled", "data_norm", {"X": short(3, 4), **sums, "scale_w": short(4), "bias": short(4)}, {"epsilon": 1e-4, "slot_dim": -1, "enable_scale_and_shift": True}, "Y", Means="_m", Scales="_s")

def double(*shape):
    return short(*shape).astype("float64")


convolution("conv2d double", "conv2d", double(1, 2, 4, 4), double(2, 2, 2, 3))
convolution("conv2d_transpose double", "conv2d_transpose", double(1, 2, 3, 3), double(2, 2, 2, 2))
for how in "max", "avg":
    pool(f"pool2d {how} double", double(1, 2, 4, 4), how, [2, 2], paddings=[1, 1])
    pool(f"pool2d {how} global double", double(1, 2, 4, 4), how, [2, 2], global_pooling=True)
one("batch_norm double", "batch_norm", {"X": double(2, 3, 2, 4), **{k: v.astype("float64") for k, v in statistics.items()}},
    {"is_test": True, "epsilon": 1e-3, "data_layout": "NCHW", "use_global_stats": False, "trainable_statistics": False}, "Y", **unused)
one("layer_norm double", "layer_norm", {"X": double(2, 5)}, {"begin_norm_axis": 1, "epsilon": 1e-4}, "Y", Mean="_m", Variance="_v")
one("group_norm double", "group_norm", {"X": double(2, 4, 3, 2)}, {"groups": 2, "epsilon": 1e-3, "data_layout": "NCHW"}, "Y", Mean="_m", Variance="_v")
one("instance_norm double", "instance_norm", {"X": double(2, 4, 3)}, {"epsilon": 1e-3}, "Y", SavedMean="_m", SavedVariance="_v")

write()
