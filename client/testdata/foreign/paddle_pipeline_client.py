"""Paddle Serving 0.9.0's PipelineClient against a pipeline of ours:
paddle_pipeline_client.py ADDRESS.

The folder that PADDLE_SERVING_CLIENT names has the files of its wheel, as they are. Only
pipeline_client.py and its messages are imported: the package's __init__ wants the whole
server. What is asked, and what has to come back, is what was recorded with the real
server; where its texts were Python's, only the number and the form are compared.
"""

import importlib
import os
import sys
import types

# Its messages were made for protobuf before 4.
os.environ["PROTOCOL_BUFFERS_PYTHON_IMPLEMENTATION"] = "python"

import grpc
import numpy as np

home = os.path.join(os.environ["PADDLE_SERVING_CLIENT"], "paddle_serving_server")
for name, path in (("paddle_serving_server", home), ("paddle_serving_server.pipeline", os.path.join(home, "pipeline"))):
    package = types.ModuleType(name)
    package.__path__ = [path]
    sys.modules[name] = package
# The server's channels, of which the client wants a name that it does not use.
channel = types.ModuleType("paddle_serving_server.pipeline.channel")
channel.ChannelDataErrcode = None
sys.modules[channel.__name__] = channel
PipelineClient = importlib.import_module("paddle_serving_server.pipeline.pipeline_client").PipelineClient

TEXT = "0.0137, -0.1136, 0.2553, -0.0692, 0.0582, -0.0727, -0.1583, -0.0584, 0.6283, 0.4919, 0.1856, 0.0795, -0.0332"
ROW = np.array([[float(x) for x in TEXT.split(",")]], dtype="float32")
IN_PRE = "  ClassName: Op._run_preprocess.<locals>.preprocess_help  FunctionName: preprocess_help"


def price(name, ret):
    assert ret.err_no == 0 and ret.key[0] == "price" and ret.value[0] == "[[18.901152]]", (name, ret)


def fails(name, ret, number, start, end=""):
    assert ret.err_no == number and ret.err_msg.startswith(start) and ret.err_msg.endswith(end), (name, ret)


client = PipelineClient()
client.connect([sys.argv[1]])
price("text", client.predict(feed_dict={"x": TEXT}, fetch=["price"]))
price("no fetch", client.predict(feed_dict={"x": TEXT}))
price("unknown fetch", client.predict(feed_dict={"x": TEXT}, fetch=["other"]))
price("tensor", client.predict(feed_dict={"x": ROW}, fetch=["price"], pack_tensor_format=True))
price("tensor bytes", client.predict(feed_dict={"x": ROW}, fetch=["price"], pack_tensor_format=True, use_tensor_bytes=True))
price("later", client.predict(feed_dict={"x": TEXT}, fetch=["price"], asyn=True).result())
price("log id", client.predict(feed_dict={"x": TEXT}, fetch=["price"], log_id=123))
profiled = client.predict(feed_dict={"x": TEXT}, fetch=["price"], profile=True)
price("profile", profiled)
assert list(profiled.key) == ["price", "pipeline.profile"], profiled
assert profiled.value[1].startswith("\nPROFILE\tpid:") and "midp#[uci|0]_1:" in profiled.value[1], profiled
two = client.predict(feed_dict={"x": TEXT + ";" + TEXT}, fetch=["price"])
assert two.value[0] == "[[18.901152]\n [18.901152]]", two
fails("a word", client.predict(feed_dict={"x": "abc"}, fetch=["price"], log_id=123), 10000, "Log_id: 123  Raise_msg: could not convert string to float: abc", IN_PRE)
fails("another key", client.predict(feed_dict={"y": TEXT}, fetch=["price"]), 10000, "Log_id: 0  Raise_msg: ", IN_PRE)
fails("a row too short", client.predict(feed_dict={"x": "1, 2"}, fetch=["price"]), 10000, "[uci] failed to predict. (data_id=",
      "Please check the input dict and checkout PipelineServingLogs/pipeline.log for more details.")
for wrong in ([1], "x"):
    try:
        client.predict(feed_dict=wrong, fetch=["price"])
        raise AssertionError("the client sent " + repr(wrong))
    except TypeError:
        pass

stub = client._stub
pb2 = sys.modules["paddle_serving_server.pipeline.proto.pipeline_service_pb2"]
price("right name", stub.inference(pb2.Request(key=["x"], value=[TEXT], name="uci")))
fails("wrong name", stub.inference(pb2.Request(key=["x"], value=[TEXT], name="foo")), 3002, "Failed to inference: Service name error.")
fails("two keys", stub.inference(pb2.Request(key=["x", "y"], value=[TEXT])), 8000, "rpc package error: list index (1) out of range")
fails("nothing", stub.inference(pb2.Request()), 10000, "Log_id: 0  Raise_msg: ", IN_PRE)
price("gzip", stub.inference(pb2.Request(key=["x"], value=[TEXT]), compression=grpc.Compression.Gzip))
price("deflate", stub.inference(pb2.Request(key=["x"], value=[TEXT]), compression=grpc.Compression.Deflate))
print("ok")
