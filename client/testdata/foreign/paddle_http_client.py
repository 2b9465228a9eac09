"""Paddle Serving 0.9.0's HttpClient against a server of ours:
paddle_http_client.py ADDRESS CONFIG.

The folder that PADDLE_SERVING_CLIENT names has the files of its wheel, as they are. Only
httpclient.py and its messages are imported: the package's __init__ wants the RPC client's
library, which is for older Pythons.
"""

import collections
import collections.abc
import importlib
import os
import sys
import types

# It was written for Python before 3.10, and its messages for protobuf before 4.
collections.Iterable = collections.abc.Iterable
os.environ["PROTOCOL_BUFFERS_PYTHON_IMPLEMENTATION"] = "python"

import numpy as np

package = types.ModuleType("paddle_serving_client")
package.__path__ = [os.path.join(os.environ["PADDLE_SERVING_CLIENT"], "paddle_serving_client")]
sys.modules["paddle_serving_client"] = package
HttpClient = importlib.import_module("paddle_serving_client.httpclient").HttpClient

SAMPLE = [0.0137, -0.1136, 0.2553, -0.0692, 0.0582, -0.0727, -0.1583, -0.0584, 0.6283, 0.4919, 0.1856, 0.0795, -0.0332]
PRICE = 18.901151657104492


def main(address, config):
    def client(change=lambda c: None):
        c = HttpClient()
        c.load_client_config(config)
        change(c)
        c.connect([address])
        return c

    def protobuf(reply):
        return reply.outputs[0].tensor[0].float_data

    def parsed(reply):
        return reply["outputs"][0]["tensor"][0]["float_data"]

    array = np.array(SAMPLE, dtype="float32")
    for name, change, prices in [
        ("protobuf", lambda c: None, protobuf),
        ("JSON", lambda c: c.set_http_proto(False), parsed),
        ("gRPC", lambda c: c.set_use_grpc_client(True), protobuf),
        ("compressed", lambda c: (c.set_request_compress(True), c.set_response_compress(True)), protobuf),
    ]:
        c = client(change)
        for feed, batch, rows in [({"x": array}, False, 1), ({"x": array.reshape(1, 13)}, True, 1), ({"x": np.tile(array, (40, 1))}, True, 40), ({"x": SAMPLE}, False, 1)]:
            got = prices(c.predict(feed=feed, fetch=["price"], batch=batch))
            assert len(got) == rows and all(abs(p - PRICE) < 1e-4 for p in got), (name, rows, got)
        # A wrong feed gives None, and the next call is answered.
        assert c.predict(feed={"x": array[:12]}, fetch=["price"], batch=False) is None, name
        assert prices(c.predict(feed={"x": array}, fetch=["price"], batch=False)), name
    print("ok")


main(*sys.argv[1:])
