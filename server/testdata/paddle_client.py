"""Calls a server with Paddle Serving's own, unmodified RPC client and checks the answers.

usage: paddle_client.py SCENARIO CONF ADDRESS...
"""
import sys
import threading
import time

import numpy as np
from paddle_serving_client import Client

SAMPLE = np.array([0.0137, -0.1136, 0.2553, -0.0692, 0.0582, -0.0727, -0.1583,
                   -0.0584, 0.6283, 0.4919, 0.1856, 0.0795, -0.0332], dtype="float32")
PRICE = np.float32(18.901151657104492)


def connected(conf, *addresses):
    client = Client()
    client.load_client_config(conf)
    client.connect(list(addresses))
    return client


def check(got, want, what):
    assert got is not None, "%s: no answer" % what
    for name, array in want.items():
        value = got[name]
        assert value.shape == np.shape(array), "%s: %s has shape %s" % (what, name, value.shape)
        assert np.allclose(value, array, rtol=0, atol=1e-5, equal_nan=True), "%s: %s is %s" % (what, name, value)


def uci(conf, address):
    client = connected(conf, address)
    one = {"price": [[PRICE]]}
    check(client.predict({"x": SAMPLE.reshape(1, 13)}, ["price"], batch=True), one, "a batch of one")
    check(client.predict({"x": SAMPLE.copy()}, ["price"]), one, "no batch")
    check(client.predict({"x": [float(v) for v in SAMPLE]}, ["price"]), one, "a list")
    check(client.predict({"x": SAMPLE.reshape(1, 13)}, None, batch=True), one, "fetch nothing by name")
    check(client.predict({"x": SAMPLE.reshape(1, 13).astype("float64")}, "price", batch=True), one, "float64")
    check(client.predict({"x": SAMPLE.reshape(1, 13)}, ["price"], batch=True, log_id=12345678901), one, "a log id")
    rows = np.stack([SAMPLE, SAMPLE, SAMPLE, SAMPLE])
    check(client.predict({"x": rows[::2]}, ["price"], batch=True), {"price": [[PRICE]] * 2}, "a strided view")
    many = np.tile(SAMPLE, (20000, 1))
    check(client.predict({"x": many}, ["price"], batch=True), {"price": [[PRICE]] * 20000}, "20000 rows")
    assert client.predict({"x": SAMPLE[:12].reshape(1, 12)}, ["price"], batch=True) is None, "12 numbers"
    check(client.predict({"x": SAMPLE.reshape(1, 13)}, ["price"], batch=True), one, "after an error")


def lod(conf, address):
    client = connected(conf, address)
    words = np.array([8, 233, 52, 601, 7], dtype="int64").reshape(5, 1)
    got = client.predict({"words": words, "words.lod": [0, 2, 5]}, ["prediction"], batch=True)
    check(got, {"prediction": words.astype("float32")}, "sequences")


def inputs(conf, address):
    client = connected(conf, address)
    feed = {
        "big": np.array([[1 << 40, -1]], dtype="int64"),
        "ids": np.array([[1, -2, 3]], dtype="int32"),
        "image": np.arange(48, dtype="float32").reshape(1, 3, 4, 4),
        "im_shape": np.array([[4, 4]], dtype="float32"),
    }
    sums = [[48, 1128, 2, 8, 3, 2]]
    check(client.predict(feed, ["out"], batch=True), {"out": np.array(sums, dtype="float32")}, "four inputs")


def strings(conf, address):
    client = connected(conf, address)
    check(client.predict({"image": "aGVsbG8="}, ["texts"]), {"texts": np.array([8], dtype="float32")}, "a string")


def threads(conf, address):
    faults = []

    def calls():
        try:
            client = connected(conf, address)
            for _ in range(200):
                check(client.predict({"x": SAMPLE.reshape(1, 13)}, ["price"], batch=True), {"price": [[PRICE]]}, "one of many")
        except BaseException as e:
            faults.append(e)

    all = [threading.Thread(target=calls) for _ in range(8)]
    for t in all:
        t.start()
    for t in all:
        t.join()
    assert not faults, faults


def variants(conf, first, second):
    client = Client()
    client.load_client_config(conf)
    client.add_variant("first", [first], 50)
    client.add_variant("second", [second], 50)
    client.connect()
    seen = set()
    for _ in range(60):
        got, tag = client.predict({"x": SAMPLE.reshape(1, 13)}, ["price"], batch=True, need_variant_tag=True)
        check(got, {"price": [[PRICE]]}, tag)
        seen.add(tag)
    assert seen == {"first", "second"}, seen


def restarts(conf, address):
    """Calls until standard input ends; the last ten calls in a row have to be answered."""
    client = connected(conf, address)
    over = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.read(), over.set()), daemon=True).start()
    good = bad = row = 0
    last = time.time() + 60
    while row < 10 or not over.is_set():
        assert time.time() < last, "%d good, %d bad" % (good, bad)
        if client.predict({"x": SAMPLE.reshape(1, 13)}, ["price"], batch=True) is None:
            bad, row = bad + 1, 0
            time.sleep(0.02)
        else:
            good, row = good + 1, row + 1
    print("%d answered, %d not" % (good, bad))


def reloads(conf, address):
    """Calls until standard input ends; the model is raised by whole numbers meanwhile."""
    client = connected(conf, address)
    done = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.read(), done.set()), daemon=True).start()
    seen, calls = set(), 0
    while not done.is_set():
        got = client.predict({"x": SAMPLE.reshape(1, 13)}, ["price"], batch=True)
        assert got is not None, "no answer after %d" % calls
        raised = float(got["price"][0][0]) - PRICE
        assert abs(raised - round(raised)) < 1e-4, "price %s is of no version" % got["price"]
        seen.add(int(round(raised)))
        calls += 1
    assert seen == set(range(6)), "versions %s" % sorted(seen)
    print("%d calls" % calls)


if __name__ == "__main__":
    globals()[sys.argv[1]](*sys.argv[2:])
    print("ok")
