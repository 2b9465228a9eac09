"""Writes ops_control.json; see paddle_cases.py."""
import numpy as np
import paddle
from paddle.static import nn

from paddle_cases import answer, f32, write


def program(name, inputs, build, declared=None):
    """A case of what build makes of the feeds: one variable or several."""
    for what, feed in inputs.items():
        main = paddle.static.Program()
        with paddle.static.program_guard(main, paddle.static.Program()), paddle.utils.unique_name.guard():
            data = [paddle.static.data(k, (declared or {}).get(k, list(v.shape)), str(v.dtype)) for k, v in feed.items()]
            made = build(*data)
            made = list(made) if isinstance(made, (list, tuple)) else [made]
        answer(f"{name} {what}", main, feed, [v.name for v in made])


yes, no = np.array([[0.5, 1.0]], "float32"), np.array([[-0.5, -1.0]], "float32")
either = {"true": {"x": yes}, "false": {"x": no}}


def positive(x):
    return paddle.mean(x) > 0.0


program("cond", either, lambda x: nn.cond(positive(x), lambda: x * 2, lambda: paddle.tanh(x)))
program("cond of two", either, lambda x: nn.cond(positive(x), lambda: (x * 2, x + 1), lambda: (paddle.tanh(x), x)))


def nested(x):
    return nn.cond(positive(x), lambda: nn.cond(paddle.mean(x) > 0.7, lambda: x * 3, lambda: x * 5), lambda: x * 7)


program("cond in cond", {**either, "true twice": {"x": yes + 1}}, nested)


def switch(x):
    out = paddle.full([1], 0.0, "float32")
    with nn.control_flow.Switch() as s:
        with s.case(positive(x)):
            paddle.assign(paddle.full([1], 1.0, "float32"), out)
        with s.default():
            paddle.assign(paddle.full([1], 2.0, "float32"), out)
    return out * 2


program("switch", either, switch)


def counted(n):
    """Runs a body so many times."""
    def loop(x):
        i, most = paddle.full([1], 0, "int64"), paddle.full([1], n, "int64")
        return nn.while_loop(lambda i, x: i < most, lambda i, x: [i + 1, paddle.tanh(x) + x], [i, x * 1])
    return loop


shape = {"x": [-1, 2]}
for n in 0, 1, 5:
    program(f"while {n}", {"times": {"x": f32(3, 2)}}, counted(n), shape)


def grown(x):
    """A value whose shape changes from step to step."""
    i, x = paddle.full([1], 0, "int64"), x * 1
    x.desc.set_shape([-1, -1])
    return nn.while_loop(lambda i, x: i < 3, lambda i, x: [i + 1, paddle.concat([x, x * 2], 1)], [i, x])


program("while that grows", {"": {"x": f32(3, 2)}}, grown, shape)


def nested_loops(x):
    def outer(i, x):
        j = paddle.full([1], 0, "int64")
        j, y = nn.while_loop(lambda j, y: j < i, lambda j, y: [j + 1, y + 1], [j, x])
        return [i + 1, nn.cond(paddle.mean(y) > 1.0, lambda: y / 2, lambda: y)]
    return nn.while_loop(lambda i, x: i < 4, outer, [paddle.full([1], 0, "int64"), x * 1])


program("while in while", {"once": {"x": f32(3, 2)}}, nested_loops, shape)


def block(x):
    """A loop as earlier programs have it, which changes variables in place."""
    i, most, sum = paddle.full([1], 0, "int64"), paddle.full([1], 4, "int64"), x * 1
    more = i < most
    with nn.control_flow.While(more).block():
        paddle.assign(sum + x, sum)
        paddle.increment(i)
        paddle.assign(i < most, more)
    return sum, i, paddle.cast(more, "int32")


program("while block", {"once": {"x": f32(3, 2)}}, block, shape)


def collected(x):
    """A list that a loop writes: at its end, and in its middle."""
    i, most = paddle.full([1], 0, "int64"), paddle.full([1], 4, "int64")
    array = paddle.tensor.array_write(x * 1, i)
    more = i < most
    with nn.control_flow.While(more).block():
        last = paddle.tensor.array_read(array, i)
        paddle.increment(i)
        paddle.tensor.array_write(last * 2 + x, i, array)
        paddle.assign(i < most, more)
    paddle.tensor.array_write(x * 10, most - 2, array)
    joined, _ = paddle.tensor.manipulation.tensor_array_to_tensor(array, axis=1)
    stacked, _ = paddle.tensor.manipulation.tensor_array_to_tensor(array, axis=0, use_stack=True)
    return paddle.tensor.array_read(array, i), paddle.tensor.array_length(array) + 0, joined, stacked


program("array", {"once": {"x": f32(3, 2)}}, collected, shape)


def filled(x):
    """A list that has no element before the loop."""
    array = paddle.tensor.create_array("float32")
    i, most = paddle.full([1], 0, "int64"), paddle.full([1], 3, "int64")
    more = i < most
    with nn.control_flow.While(more).block():
        paddle.tensor.array_write(x + paddle.cast(i, "float32"), i, array)
        paddle.increment(i)
        paddle.assign(i < most, more)
    return paddle.tensor.manipulation.tensor_array_to_tensor(array, axis=0)[0]


program("array filled in a loop", {"once": {"x": f32(3, 2)}}, filled, shape)

write()
