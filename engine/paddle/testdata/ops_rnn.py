"""Writes ops_rnn.json; see paddle_cases.py."""
import numpy as np

from paddle_cases import case, f32, write

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

write()
