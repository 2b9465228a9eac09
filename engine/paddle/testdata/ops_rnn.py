"""Writes ops_rnn.json; see paddle_cases.py."""
import numpy as np

from paddle_cases import LoD, case, f32, write

gates = {"LSTM": 4, "GRU": 3, "RNN_TANH": 1, "RNN_RELU": 1}


def rnn(name, mode, steps, batch, size, hidden, layers=1, both=False, lengths=None):
    directions = 2 if both else 1
    inputs, weights, biases = {"x": f32(steps, batch, size)}, [], []
    states = ["h", "c"] if mode == "LSTM" else ["h"]
    for s in states:
        inputs[s] = f32(layers * directions, batch, hidden)
    for i in range(layers * directions):
        width = size if i < directions else hidden * directions
        inputs[f"wi{i}"], inputs[f"wh{i}"] = f32(gates[mode] * hidden, width) / 2, f32(gates[mode] * hidden, hidden) / 2
        inputs[f"bi{i}"], inputs[f"bh{i}"] = f32(gates[mode] * hidden), f32(gates[mode] * hidden)
        weights += [f"wi{i}", f"wh{i}"]
        biases += [f"bi{i}", f"bh{i}"]
    ins = {"Input": ["x"], "PreState": states, "WeightList": weights + biases}
    if lengths:
        inputs["n"] = np.array(lengths, "int32")
        ins["SequenceLength"] = ["n"]
    last = ["last_" + s for s in states]
    case(name, inputs, [("rnn", ins, {"Out": ["out"], "State": last, "Reserve": ["reserve"], "DropoutState": ["mask"]}, {
        "mode": mode, "hidden_size": hidden, "input_size": size, "num_layers": layers, "is_bidirec": both,
        "dropout_prob": 0.25, "is_test": True, "seed": 0,
    })], ["out", *last], {"x": [-1, batch, size]})


for mode in gates:
    rnn(mode, mode, 4, 2, 3, 5)
    rnn(f"{mode} both ways", mode, 4, 2, 3, 5, both=True)
    rnn(f"{mode} two layers", mode, 4, 2, 3, 3, layers=2)
    rnn(f"{mode} two layers both ways with lengths", mode, 5, 3, 3, 2, layers=2, both=True, lengths=[3, 5, 1])
    rnn(f"{mode} with lengths", mode, 5, 3, 3, 2, lengths=[5, 2, 4])
    rnn(f"{mode} one step", mode, 1, 1, 2, 2, both=True)
    rnn(f"{mode} with a length of 0", mode, 3, 2, 3, 2, both=True, lengths=[2, 0])

# over sequences, which have the product with the input's weights already
for lod in [0, 2, 5, 9], [0, 3, 4, 4, 9], [0, 1]:
    for back in False, True:
        for peepholes in False, True:
            for states in (), ("H0", "C0"):
                inputs = {"Input": LoD(f32(lod[-1], 20), lod), "Weight": f32(5, 20), "Bias": f32(1, 35 if peepholes else 20)}
                inputs |= {s: f32(len(lod) - 1, 5) for s in states}
                case(f"lstm {lod} {back} {peepholes} {states}", inputs, [("lstm", {k: [k] for k in inputs}, {
                    "Hidden": ["hidden"], "Cell": ["cell"], "BatchGate": ["g"], "BatchCellPreAct": ["p"],
                }, {"use_peepholes": peepholes, "is_reverse": back, "gate_activation": "sigmoid",
                    "cell_activation": "tanh", "candidate_activation": "relu"})], ["hidden", "cell"])
        for original in False, True:
            inputs = {"Input": LoD(f32(lod[-1], 15), lod), "Weight": f32(5, 15)}
            if original:
                inputs |= {"H0": f32(len(lod) - 1, 5), "Bias": f32(1, 15)}
            case(f"gru {lod} {back} {original}", inputs, [("gru", {k: [k] for k in inputs}, {
                "Hidden": ["hidden"], "BatchGate": ["g"], "BatchResetHiddenPrev": ["p"], "BatchHidden": ["h"],
            }, {"is_reverse": back, "gate_activation": "sigmoid", "activation": "tanh", "origin_mode": original})], ["hidden"])

for gate, activation, original in (1, 2, False), (1, 3, True), (2, 0, False):
    inputs = {"Input": f32(3, 15), "HiddenPrev": f32(3, 5), "Weight": f32(5, 15), "Bias": f32(1, 15)}
    case(f"gru_unit {gate} {activation} {original}", inputs, [("gru_unit", {k: [k] for k in inputs}, {
        "Hidden": ["hidden"], "Gate": ["g"], "ResetHiddenPrev": ["p"],
    }, {"gate_activation": gate, "activation": activation, "origin_mode": original})], ["hidden"])

for lod in [0, 2, 5, 9], [0, 7, 8], [0, 1]:
    inputs = {"Emission": LoD(f32(lod[-1], 4), lod), "Transition": f32(6, 4)}
    case(f"crf_decoding {lod}", inputs, [("crf_decoding", {k: [k] for k in inputs}, {"ViterbiPath": ["path"]}, {})],
         ["path"], None, {"path": "int64"})
inputs = {"Emission": f32(3, 5, 4), "Transition": f32(6, 4), "Length": np.array([[5], [2], [4]], "int64")}
# declared as float32, and so is what scale makes of it, but int64
case("crf_decoding padded", inputs, [
    ("crf_decoding", {k: [k] for k in inputs}, {"ViterbiPath": ["path"]}, {}),
    ("scale", {"X": ["path"]}, {"Out": ["out"]}, {"scale": 2.0, "bias": 1.0, "bias_after_scale": True}),
], ["path", "out"])
inputs = {"Emission": LoD(f32(6, 3), [0, 4, 6]), "Transition": f32(5, 3), "Label": LoD(np.array([[0], [1], [2], [2], [1], [0]], "int64"), [0, 4, 6])}
case("crf_decoding with labels", inputs, [("crf_decoding", {k: [k] for k in inputs}, {"ViterbiPath": ["path"]}, {})],
     ["path"], None, {"path": "int64"})

write()
