"""What the ops*.py share: they write small programs and what Paddle 2.6.2 answers.

    pip install paddlepaddle==2.6.2 'numpy<2' setuptools
    python ops.py > ops.json

Each case is a program with feed and fetch operators, its inputs and its outputs. The
programs' operator versions and call stacks are left out.
"""
import base64
import json
import sys

import numpy as np
import paddle
from paddle.base.proto import framework_pb2

# Attributes that say nothing of what an operator computes.
UNREAD = {"with_quant_attr", "use_mkldnn", "mkldnn_data_type", "use_quantizer", "use_cudnn",
          "Scale_x", "Scale_y", "Scale_out", "x_data_format", "y_data_format", "force_cpu"}

paddle.enable_static()
cases = []
random = np.random.default_rng(7)


def f32(*shape):
    return random.uniform(-2, 2, shape).astype("float32")


def short(*shape):
    """Numbers with few digits, for smaller files."""
    return f32(*shape).round(1)


class LoD:
    """An input with sequences: rows and the offsets of each level."""

    def __init__(self, rows, *levels):
        self.rows, self.levels = rows, [list(level) for level in levels]

    def tensor(self):
        t = paddle.base.core.LoDTensor()
        t.set(self.rows, paddle.CPUPlace())
        t.set_lod(self.levels)
        return t


def record(a, lod=None):
    flat = a.reshape(-1)
    out = {"dtype": str(a.dtype), "shape": list(a.shape),
           "data": [float(str(v)) if a.dtype.kind == "f" else int(v) for v in flat]}
    if lod:
        out["lod"] = lod
    return out


def record_any(v):
    return record(v.rows, v.levels) if isinstance(v, LoD) else record(v)


def case(name, inputs, ops, fetches, declared=None, dtypes=None):
    """Adds a case of operators; see program."""
    answer(name, program(inputs, ops, declared, dtypes), inputs, fetches)


def stand_in(name, inputs, ops, others, fetches, declared=None, dtypes=None):
    """Adds a case of operators that Paddle 2.6.2 cannot run any more; others say what
    they do."""
    case(name, inputs, others, fetches, declared, dtypes)
    main = program(inputs, ops, declared, dtypes)
    cases[-1]["program"] = base64.b64encode(inference(main, list(inputs), fetches)).decode()


def renamed(name, to):
    """Calls operators of the last case otherwise: Paddle 2.6.2 lacks some names on CPU."""
    desc = framework_pb2.ProgramDesc()
    desc.ParseFromString(base64.b64decode(cases[-1]["program"]))
    for op in desc.blocks[0].ops:
        op.type = to if op.type == name else op.type
    cases[-1]["program"] = base64.b64encode(desc.SerializeToString()).decode()


def program(inputs, ops, declared=None, dtypes=None):
    """ops: (type, {input: [names]}, {output: [names]}, attributes). What ops write has
    the first input's dtype, unless dtypes says otherwise."""
    main = paddle.static.Program()
    with paddle.static.program_guard(main, paddle.static.Program()):
        block = main.global_block()
        for key, value in inputs.items():
            rows, level = (value.rows, len(value.levels)) if isinstance(value, LoD) else (value, 0)
            default = [-1, *rows.shape[1:]] if level else list(rows.shape)
            paddle.static.data(key, (declared or {}).get(key, default), str(rows.dtype), lod_level=level)
        dtype = block.var(next(iter(inputs))).dtype
        for kind, ins, outs, attrs in ops:
            for variable in sum(outs.values(), []):
                if not block.has_var(variable):
                    block.create_var(name=variable, dtype="uint8" if variable == "mask" else (dtypes or {}).get(variable, dtype))
            block.append_op(type=kind, attrs=dict(attrs),
                            inputs={k: [block.var(n) for n in v] for k, v in ins.items()},
                            outputs={k: [block.var(n) for n in v] for k, v in outs.items()})
    return main


def earlier(kind, before):
    """Gives the last case's operators the name they had before Paddle 2, when they had no
    XShape: Paddle 2.6.2 no longer knows it."""
    desc = framework_pb2.ProgramDesc.FromString(base64.b64decode(cases[-1]["program"]))
    for op in desc.blocks[0].ops:
        if op.type == kind:
            op.type = before
            kept = [o for o in op.outputs if o.parameter != "XShape"]
            del op.outputs[:]
            op.outputs.extend(kept)
    cases[-1]["program"] = base64.b64encode(desc.SerializeToString()).decode()


def answer(name, main, inputs, fetches):
    """Adds a case of a whole program."""
    feed = {k: v.tensor() if isinstance(v, LoD) else v for k, v in inputs.items()}
    with paddle.static.scope_guard(paddle.static.Scope()):
        results = paddle.static.Executor(paddle.CPUPlace()).run(
            main, feed=feed, fetch_list=[main.global_block().var(n) for n in fetches], return_numpy=False)
    cases.append({
        "name": name,
        "program": base64.b64encode(inference(main, list(inputs), fetches)).decode(),
        "inputs": [record_any(v) for v in inputs.values()],
        "outputs": [record(np.array(r), r.lod()) for r in results],
    })


def inference(main, feeds, fetches):
    """The program with feed and fetch operators, otherwise as it is."""
    desc = framework_pb2.ProgramDesc()
    desc.ParseFromString(main.desc.serialize_to_string())
    desc.ClearField("op_version_map")
    main_block = desc.blocks[0]
    for holder, kind in ("feed", framework_pb2.VarType.FEED_MINIBATCH), ("fetch", framework_pb2.VarType.FETCH_LIST):
        main_block.vars.add(name=holder, persistable=True).type.type = kind
    for block in desc.blocks:
        ops = []
        for op in block.ops:
            kept = [a for a in op.attrs if not a.name.startswith("op_") and a.name not in UNREAD]
            copy = framework_pb2.OpDesc()
            copy.CopyFrom(op)
            del copy.attrs[:]
            copy.attrs.extend(kept)
            ops.append(copy)
        if block is main_block:
            ops = [port("feed", "feed", name, i) for i, name in enumerate(feeds)] + ops
            ops += [port("fetch", name, "fetch", i) for i, name in enumerate(fetches)]
        del block.ops[:]
        block.ops.extend(ops)
    return desc.SerializeToString()


def port(kind, source, to, column):
    o = framework_pb2.OpDesc(type=kind)
    o.inputs.add(parameter="X", arguments=[source])
    o.outputs.add(parameter="Out", arguments=[to])
    o.attrs.add(name="col", type=framework_pb2.INT, i=column)
    return o


def binary(name, kind, x, y, attrs, declared=None):
    case(name, {"x": x, "y": y}, [(kind, {"X": ["x"], "Y": ["y"]}, {"Out": ["out"]}, attrs)], ["out"], declared)


def unary(name, kind, x, attrs, declared=None, outs=None):
    outputs = {"Out": ["out"], **(outs or {})}
    case(name, {"x": x}, [(kind, {"X": ["x"]}, outputs, attrs)], ["out"], declared)


def write():
    sys.stdout.write("[\n" + ",\n".join(json.dumps(c) for c in cases) + "\n]\n")
