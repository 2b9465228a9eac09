"""Writes ops_sequence.json; see paddle_cases.py."""
import numpy as np

from paddle_cases import LoD, case, f32, write

three = [0, 2, 5, 9]
holes = [0, 0, 3, 3, 6, 6]


def i64(*values):
    return np.array(values, "int64").reshape(-1, 1)


def one(name, kind, inputs, attrs, out="Out", dtypes=None, **more):
    """A case of one operator whose inputs are called as its parameters."""
    outs = {out: ["out"], **{k: [v] for k, v in more.items()}}
    fetches = ["out"] + [v for v in more.values() if not v.startswith("_")]
    case(name, inputs, [(kind, {k: [k] for k in inputs}, outs, attrs)], fetches, None, dtypes)


for how in "AVERAGE", "SUM", "SQRT", "MAX", "LAST", "FIRST":
    for what, offsets in ("", three), (" with holes", holes):
        one(f"sequence_pool {how}{what}", "sequence_pool", {"X": LoD(f32(offsets[-1], 4), offsets)},
            {"pooltype": how, "pad_value": 0.5, "is_test": True}, MaxIndex="_", dtypes={"_": "int32"})
    one(f"sequence_pool {how} two levels", "sequence_pool", {"X": LoD(f32(9, 4), [0, 1, 3], three)},
        {"pooltype": how, "pad_value": 0.0, "is_test": True}, MaxIndex="_", dtypes={"_": "int32"})
    one(f"sequence_pool {how} one", "sequence_pool", {"X": LoD(f32(1, 2), [0, 1])},
        {"pooltype": how, "pad_value": 0.0, "is_test": True}, MaxIndex="_", dtypes={"_": "int32"})
one("sequence_pool MAX long", "sequence_pool", {"X": LoD(f32(70, 3), [0, 1, 34, 37, 70])},
    {"pooltype": "MAX", "pad_value": 0.0, "is_test": True}, MaxIndex="_", dtypes={"_": "int32"})
one("sequence_softmax", "sequence_softmax", {"X": LoD(f32(9, 1) * 20, three)}, {})
one("sequence_softmax of a list", "sequence_softmax", {"X": LoD(f32(9), three)}, {})

one("sequence_reverse", "sequence_reverse", {"X": LoD(f32(9, 2), three)}, {}, out="Y")
one("sequence_reverse with holes", "sequence_reverse", {"X": LoD(f32(6, 2, 3), holes)}, {}, out="Y")
for start, length in (-1, 3), (0, 2), (-3, 2), (1, 1), (0, 1):
    one(f"sequence_conv {start} {length}", "sequence_conv", {"X": LoD(f32(9, 4), three), "Filter": f32(4 * length, 5)},
        {"contextStart": start, "contextLength": length, "contextStride": 1, "paddingTrainable": False})
one("row_conv", "row_conv", {"X": LoD(f32(9, 4), three), "Filter": f32(3, 4)}, {})
one("sequence_enumerate", "sequence_enumerate", {"X": LoD(i64(*range(1, 10)), three)}, {"win_size": 3, "pad_value": -1})
one("sequence_enumerate two", "sequence_enumerate", {"X": LoD(i64(*range(1, 10)), three)}, {"win_size": 2, "pad_value": 0})

y = LoD(f32(9, 1), three)
one("sequence_expand rows", "sequence_expand", {"X": f32(3, 2), "Y": y}, {"ref_level": 0})
one("sequence_expand rows by a level with holes", "sequence_expand", {"X": f32(5, 2), "Y": LoD(f32(6, 1), [0, 2, 5], holes)}, {"ref_level": -1})
one("sequence_expand sequences", "sequence_expand", {"X": LoD(f32(4, 1), [0, 2, 4]), "Y": LoD(f32(8, 1), [0, 2, 4], [0, 3, 6, 7, 8])}, {"ref_level": 0})
one("sequence_expand_as", "sequence_expand_as", {"X": f32(3, 2), "Y": y}, {})

for size in -1, 6:
    one(f"sequence_pad {size}", "sequence_pad", {"X": LoD(f32(9, 2), three), "PadValue": f32(1)},
        {"padded_length": size}, Length="length", dtypes={"length": "int64"})
one("sequence_pad with a row", "sequence_pad", {"X": LoD(f32(9, 2, 3), three), "PadValue": f32(2, 3)},
    {"padded_length": 4}, Length="length", dtypes={"length": "int64"})
one("sequence_unpad", "sequence_unpad", {"X": f32(3, 5, 2), "Length": np.array([2, 5, 1], "int64")}, {})
case("sequence_concat three", {"x": LoD(f32(9, 2), three), "y": LoD(f32(4, 2), [0, 3, 3, 4]), "z": LoD(f32(3, 2), [0, 1, 2, 3])},
     [("sequence_concat", {"X": ["x", "y", "z"]}, {"Out": ["out"]}, {})], ["out"])
one("sequence_slice", "sequence_slice", {"X": LoD(f32(9, 2), three), "Offset": i64(1, 0, 2), "Length": i64(1, 2, 2)}, {})
one("sequence_scatter", "sequence_scatter", {"X": f32(3, 6), "Ids": LoD(i64(0, 1, 5, 1, 1, 2, 0, 3, 0), three), "Updates": LoD(f32(9, 1), three)}, {})
for tokens in [2, 3, 5], [], [7]:
    one(f"sequence_erase {tokens}", "sequence_erase", {"X": LoD(i64(2, 2, 6, 1, 3, 9, 6, 1, 0).astype("int32"), three)}, {"tokens": tokens})
one("sequence_erase two levels", "sequence_erase", {"X": LoD(i64(2, 2, 6, 1, 3, 9, 6, 1, 0), [0, 1, 3], three)}, {"tokens": [2]})
for size in 2, 6, 12:
    one(f"sequence_reshape {size}", "sequence_reshape", {"X": LoD(f32(10, 6), [0, 4, 6, 10])}, {"new_dim": size})

lengths = np.array([[3, 0], [2, 5]], "int64")
for most, kind in (-1, 3), (4, 5), (7, 2):
    one(f"sequence_mask {most}", "sequence_mask", {"X": lengths}, {"maxlen": most, "out_dtype": kind}, out="Y")
one("sequence_mask by tensor", "sequence_mask", {"X": lengths[0], "MaxLenTensor": np.array([6], "int32")}, {"maxlen": -1, "out_dtype": 2}, out="Y")

relu = ("relu", {"X": ["x"]}, {"Out": ["a"]}, {})
case("lod_reset by list", {"x": LoD(f32(9, 2), three)},
     [("lod_reset", {"X": ["x"]}, {"Out": ["a"]}, {"target_lod": [0, 4, 9]}), ("relu", {"X": ["a"]}, {"Out": ["out"]}, {})], ["out"])
one("lod_reset by offsets", "lod_reset", {"X": f32(9, 2), "Y": np.array([0, 1, 9], "int32")}, {"target_lod": []})
one("lod_reset by another's", "lod_reset", {"X": LoD(f32(9, 2), three), "Y": LoD(f32(9, 1), [0, 2], [0, 5, 9])}, {"target_lod": []})
one("lod_reset append", "lod_reset", {"X": LoD(f32(3, 2), [0, 1, 3]), "Y": np.array([0, 1, 2, 3], "int32")}, {"append": True, "target_lod": []})

tokens = i64(0, 1, 1, 0, 1, 1, 2, 2, 0, 3, 3, 4, 0, 0).astype("int32")
for merge in True, False:
    one(f"ctc_align {merge}", "ctc_align", {"Input": LoD(tokens, [0, 2, 6, 12, 14])}, {"blank": 0, "merge_repeated": merge}, out="Output")
    one(f"ctc_align blank {merge}", "ctc_align", {"Input": LoD(tokens.astype("int64"), [0, 7, 14])}, {"blank": 1, "merge_repeated": merge}, out="Output")
    one(f"ctc_align padded {merge}", "ctc_align", {"Input": tokens.reshape(2, 7), "InputLength": i64(7, 4).astype("int32")},
        {"blank": 0, "merge_repeated": merge, "padding_value": 9}, out="Output", OutputLength="length")
one("ctc_align of blanks", "ctc_align", {"Input": LoD(tokens[:1], [0, 1])}, {"blank": 0, "merge_repeated": True}, out="Output")

for attrs in ({"kernels": [2, 2]}, {"kernels": [3, 2], "strides": [2, 1], "paddings": [1, 0, 0, 2]}, {"kernels": [4, 1], "strides": [1, 2]}):
    one(f"im2sequence {attrs}", "im2sequence", {"X": f32(2, 3, 4, 5)}, attrs)

write()
